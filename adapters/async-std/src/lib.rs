//! The By Your Side client on async-std or smol, and hyper: an AI places a phone call for you.
//!
//! ```sh
//! cargo add byourside-async-std
//! ```
//!
//! ```no_run
//! use byourside_async_std::{Client, PlaceCall};
//!
//! fn main() -> Result<(), byourside_async_std::BuildError> {
//!     let client = Client::from_env()?; // reads BYOURSIDE_API_KEY
//!     let call = PlaceCall::new("+14155550123", "Confirm tomorrow's appointment at ten.")?;
//!     match async_std::task::block_on(client.place_and_wait(&call)) { // or `smol::block_on`
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
//! # async-std and smol
//!
//! async-std is no longer maintained ([RUSTSEC-2025-0052](https://rustsec.org/advisories/RUSTSEC-2025-0052.html)). Take
//! smol or tokio for a new program. This crate serves smol as it is: it spawns nothing, so its futures run on any
//! executor, and its sockets and timers are those of `async-io`, which smol uses too. It needs no tokio runtime.
//!
//! # Transport
//!
//! [`AsyncStdTransport`] uses hyper over HTTP/1.1. A call is placed over a new connection, and reads share pooled ones.
//! No redirect is followed, and no request is sent again.
//!
//! # Cancellation
//!
//! A future that is dropped stops, also in the middle of a request. A request that was sent is not taken back: a
//! dropped [`place_call`] may have placed the call. To stop a wait and go on later, keep a
//! [`CallWaiter`](machine::wait::CallWaiter) and [`run`] it again. The futures of [`Client`] are `Send`.
//!
//! # Timeouts
//!
//! All but the idle connection's are set in [`ClientOptions`]:
//!
//! | what | default |
//! |---|---|
//! | connecting, with name lookup and TLS | 10 s |
//! | an attempt to place a call, body included | 30 s |
//! | an attempt to read a call or the list, body included | 15 s |
//! | a read with its retries | 60 s |
//! | a wait | 180 s |
//! | an idle connection in the pool | 50 s |
//!
//! # Proxies
//!
//! `https` requests go through the proxy that the first of `HTTPS_PROXY`, `https_proxy`, `ALL_PROXY` and `all_proxy`
//! names, except to the hosts in `NO_PROXY` or `no_proxy`. `HTTP_PROXY` is not read: plain `http` goes through no
//! proxy. A proxy can be `http` or `https`. With an invalid proxy URL, creating a client
//! fails with [`BuildError::InvalidProxy`].
//!
//! # TLS roots
//!
//! With the default feature `webpki-roots` the certificate authorities come with the crate, so it works in a container
//! that has none. With `platform-verifier` the system decides whom to trust. With neither, creating a client fails with
//! [`BuildError::NoTlsRoots`]; [`AsyncStdTransport::with_roots`] and [`AsyncStdTransport::with_tls`] still work then.
//! TLS is rustls with *ring*.
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

mod connection;
mod dial;
mod hyper_io;
mod pool;
mod transport;

pub use byourside_proto::client::ClientOptions;
#[doc(no_inline)]
pub use byourside_proto::*;
pub use transport::AsyncStdTransport;

/// The asynchronous client: [`client::Client`] over a [`AsyncStdTransport`].
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
pub type Client = byourside_proto::client::Client<AsyncStdTransport>;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
