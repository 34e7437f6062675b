//! Places one call: the one request that must never be repeated unless it provably did nothing.
mod error;
mod options;
mod outcome;
mod placer;
pub(crate) mod snapshot;
#[cfg(test)]
mod tests;

pub use error::{NotPlaced, PlaceError, Unknown};
pub use options::PlaceOptions;
pub use outcome::Placement;
pub use placer::Placer;
