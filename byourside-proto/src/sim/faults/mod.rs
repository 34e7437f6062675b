//! What goes wrong between a client and the service.
mod fate;
mod forged;
mod options;
mod profile;

pub use fate::{Fate, Fates, Received};
pub use options::Faults;
pub use profile::Profile;
