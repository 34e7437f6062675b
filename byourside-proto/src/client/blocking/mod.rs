//! The blocking client: the same methods as [`client::Client`](super::Client), without a runtime.
mod client;
mod events;
mod transport;

pub use client::Client;
pub use transport::{Connect, Transport};
