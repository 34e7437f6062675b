//! The client that blocks the current thread.
mod client;
mod events;
mod transport;

pub use client::Client;
pub use transport::{Connect, Transport};
