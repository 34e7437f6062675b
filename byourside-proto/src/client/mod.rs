//! Clients for the calling API. All they lack is a transport; their methods are named as in the vendor's own clients.
//!
//! [`Client`] is asynchronous and runs on any runtime; [`blocking::Client`] blocks its thread. Both are generic over a
//! transport, which an adapter provides. A transport sends one request, sleeps, tells the time, and gives a seed for
//! jitter. To call someone, take an adapter: `byourside-tokio`, `byourside-async-std` or `byourside-ureq`.
//!
//! | method | what it does |
//! |---|---|
//! | [`place_call`](Client::place_call) | places a call, at most once |
//! | [`get_call`](Client::get_call) | reads a call's record |
//! | [`list_calls`](Client::list_calls) | lists recent calls |
//! | [`wait_for_call`](Client::wait_for_call) | waits until a call has ended |
//! | [`wait_for_call_with`](Client::wait_for_call_with) | the same, with options and a callback for each status |
//! | [`wait_for_call_with_events`](Client::wait_for_call_with_events) | waits, with webhook events alongside polling |
//! | [`place_and_wait`](Client::place_and_wait) | places a call and waits until it has ended |
//! | [`place_and_wait_with`](Client::place_and_wait_with) | the same, with options and a callback for each status |
//! | [`reconcile`](Client::reconcile) | finds out what became of a call whose placement is *unknown* |
//! | [`run`](Client::run) | runs a machine of your own |
//! | [`watch`](Client::watch) | waits and yields each change of status, by `next` or as a stream |
//! | [`place_many`](Client::place_many) | places many calls; a stream of their outcomes |
//! | [`wait_many`](Client::wait_many) | waits for many calls; a stream of their results |
//! | [`run_set`](Client::run_set) | drives a set of your own |
//!
//! The blocking client has the same methods except the last four; `byourside-ureq` has functions for many calls on
//! a few threads.
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
