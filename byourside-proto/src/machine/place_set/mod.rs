//! Places many calls, each at most once.
mod events;
mod intent;
mod options;
mod set;
mod snapshot;

pub use intent::Intent;
pub use options::PlaceSetOptions;
pub use set::PlaceSet;
