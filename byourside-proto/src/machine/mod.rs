//! The state machines: each is polled for what to do next, and handed what came back. None does I/O.
mod action;
mod backoff;
mod drive;
mod engine;
mod error;
pub mod place;
pub mod place_set;
mod random;
pub mod read;
pub mod reconcile;
mod reply;
mod snapshot;
mod traits;
mod transport_error;
pub mod wait;
pub mod wait_set;

pub use action::Action;
pub use backoff::Backoff;
pub use drive::{drive, drive_blocking};
pub use error::Error;
pub use reply::{Reply, ReplySlot};
pub use snapshot::{Snapshot, SnapshotError};
pub use traits::{Machine, MachineSet};
pub use transport_error::{Sent, TransportFailure};
