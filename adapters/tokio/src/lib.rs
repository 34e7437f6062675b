//! The By Your Side client on tokio and hyper: an AI places a phone call for you.
//!
//! ```sh
//! cargo add byourside-tokio
//! cargo add tokio --features macros,rt-multi-thread
//! ```
//!
//! ```no_run
//! use byourside_tokio::{Client, PlaceCall};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), byourside_tokio::BuildError> {
//!     let client = Client::from_env()?; // reads BYOURSIDE_API_KEY
//!     let call = PlaceCall::new("+14155550123", "Confirm tomorrow's appointment at ten.")?;
//!     match client.place_and_wait(&call).await {
//!         Ok(finished) => println!("{}", finished.call.summary().unwrap_or("no summary")),
//!         Err(error) => eprintln!("{error}"),
//!     }
//!     Ok(())
//! }
//! ```
//!
//! The methods are listed on [`Client`]. All of the core, [`byourside_proto`], is re-exported here; its page is the
//! manual.
//!
//! # Transports
//!
//! | transport | what it is |
//! |---|---|
//! | [`HyperTransport`] | hyper with a connection pool, HTTP/2 and HTTP/1.1, rustls: the transport of [`Client`] |
//! | [`TowerTransport`] | any tower service that you already have, with its middleware |
//!
//! A call is placed over a new connection, and reads share pooled ones. No redirect is followed, and no request is sent
//! again.
//!
//! # Cancellation
//!
//! A future that is dropped stops, also in the middle of a request. A request that was sent is not taken back: a
//! dropped [`place_call`] may have placed the call. To stop a wait and go on later, keep a
//! [`CallWaiter`](machine::wait::CallWaiter) and [`run`] it again. The futures of [`Client`] are `Send`.
//!
//! # Timeouts
//!
//! The first five are set in [`ClientOptions`]; those of connections are fixed:
//!
//! | what | default |
//! |---|---|
//! | connecting, with name lookup and TLS | 10 s |
//! | an attempt to place a call, body included | 30 s |
//! | an attempt to read a call or the list, body included | 15 s |
//! | a read with its retries | 60 s |
//! | a wait | 180 s |
//! | an idle connection in the pool | 50 s |
//! | the answer to an HTTP/2 ping | 5 s |
//!
//! Time is tokio's: a test that pauses it also pauses waits.
//!
//! # Proxies
//!
//! `https` requests go through the proxy that the first of `HTTPS_PROXY`, `https_proxy`, `ALL_PROXY` and `all_proxy`
//! names, except to the hosts in `NO_PROXY` or `no_proxy`. `HTTP_PROXY` is not read: plain `http` goes through no
//! proxy. A proxy can be `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h`. With
//! an invalid proxy URL, creating a client fails with [`BuildError::InvalidProxy`].
//!
//! # TLS roots
//!
//! With the default feature `webpki-roots` the certificate authorities come with the crate, so it works in a container
//! that has none. With `platform-verifier` the system decides whom to trust. With neither, creating a client fails with
//! [`BuildError::NoTlsRoots`]; [`HyperTransport::with_roots`] and [`HyperTransport::with_tls`] still work then. TLS is
//! rustls with *ring*.
//!
//! # Features
//!
//! | feature | effect |
//! |---|---|
//! | `webpki-roots` (default) | trusts the certificate authorities that come with the crate |
//! | `platform-verifier` | trusts what the system trusts; takes precedence over `webpki-roots` |
//! | `tracing` | a span for each attempt, without key, path, body or phone number |
//!
//! # Rust version
//!
//! Rust 1.91 or newer is needed.
//!
//! [`place_call`]: client::Client::place_call
//! [`run`]: client::Client::run
#![cfg_attr(docsrs, feature(doc_cfg))]

mod connector;
mod hyper_transport;
mod tower_transport;

pub use byourside_proto::client::ClientOptions;
#[doc(no_inline)]
pub use byourside_proto::*;
pub use hyper_transport::HyperTransport;
pub use tower_transport::TowerTransport;

/// The asynchronous client: [`client::Client`] over a [`HyperTransport`].
///
/// | methods | what they do |
/// |---|---|
/// | [`new`], [`from_env`], [`with_options`] | create a client |
/// | [`place_call`] | places a call, at most once |
/// | [`get_call`], [`list_calls`] | read a call's record, or the recent calls |
/// | [`wait_for_call`], [`wait_for_call_with`] | wait until a call has ended |
/// | [`wait_for_call_with_events`] | waits, with webhook events beside polling |
/// | [`place_and_wait`], [`place_and_wait_with`] | place a call and wait until it has ended |
/// | [`reconcile`] | finds out what became of a placement that is *unknown* |
/// | [`watch`] | waits, one change of status at a time; also as a stream |
/// | [`place_many`], [`wait_many`], [`run_set`] | many calls in one future |
/// | [`run`] | runs a machine of your own |
///
/// [`new`]: client::Client::new
/// [`from_env`]: client::Client::from_env
/// [`with_options`]: client::Client::with_options
/// [`place_call`]: client::Client::place_call
/// [`get_call`]: client::Client::get_call
/// [`list_calls`]: client::Client::list_calls
/// [`wait_for_call`]: client::Client::wait_for_call
/// [`wait_for_call_with`]: client::Client::wait_for_call_with
/// [`wait_for_call_with_events`]: client::Client::wait_for_call_with_events
/// [`place_and_wait`]: client::Client::place_and_wait
/// [`place_and_wait_with`]: client::Client::place_and_wait_with
/// [`reconcile`]: client::Client::reconcile
/// [`watch`]: client::Client::watch
/// [`place_many`]: client::Client::place_many
/// [`wait_many`]: client::Client::wait_many
/// [`run_set`]: client::Client::run_set
/// [`run`]: client::Client::run
pub type Client = byourside_proto::client::Client<HyperTransport>;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
