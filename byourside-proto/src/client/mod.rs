//! The plain clients, whole but for their transport: `place_call`, `get_call`, `list_calls`, `wait_for_call`,
//! `place_and_wait`, in the official clients' words.
//!
//! A [`Transport`] is all that an adapter brings: a way to send one request, a sleep, a clock and a seed. With it,
//! [`Client`] is complete, on any runtime; [`blocking`] has the same without one. To call someone, take an adapter:
//! `byourside-tokio`, `byourside-async-std` or `byourside-ureq`.
mod asynchronous;
pub mod blocking;
mod error;
mod events;
mod options;
mod set_stream;
mod sets;
mod setup;
mod transport;
mod updates;
mod watch;

pub use asynchronous::Client;
pub use error::CallError;
pub use options::ClientOptions;
pub use set_stream::SetStream;
pub use transport::{Connect, Transport};
pub use updates::Update;
pub use watch::Watch;
