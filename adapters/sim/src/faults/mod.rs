//! Faults between a client and the service.
mod options;
mod outcome;
mod profile;
mod substitute;

pub use options::Faults;
pub use outcome::{FaultPlan, NetworkOutcome, Received};
pub(crate) use outcome::{LATENCY, received};
pub use profile::Profile;
