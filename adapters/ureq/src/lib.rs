//! The By Your Side client that blocks, on ureq: an AI places a phone call for you. No async runtime.
//!
//! ```sh
//! cargo add byourside-ureq
//! ```
//!
//! ```no_run
//! use byourside_ureq::{Client, PlaceCall};
//!
//! fn main() -> Result<(), byourside_ureq::BuildError> {
//!     let client = Client::from_env()?; // reads BYOURSIDE_API_KEY
//!     let call = PlaceCall::new("+14155550123", "Confirm tomorrow's appointment at ten.")?;
//!     match client.place_and_wait(&call) {
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
//! # Placing failed: may the call be placed again?
//!
//! [`PlaceError`](machine::place::PlaceError) distinguishes *not placed* from *unknown*. *Not placed*: the service
//! refused, or no connection was established. No phone rings, and the call may be placed again. *Unknown*: the request
//! was handed to a connection and no readable answer came. A phone may be ringing.
//!
//! ```
//! use byourside_ureq::machine::place::PlaceError;
//!
//! fn may_be_placed_again(error: &PlaceError) -> bool {
//!     matches!(error, PlaceError::NotPlaced(_))
//! }
//! ```
//!
//! # Threads and many calls
//!
//! A clone of a client is cheap and shares its connections: give one to each thread. For many calls, [`place_many`] and
//! [`wait_many`] use a few threads and far fewer requests than one wait for each call.
//!
//! # Transport
//!
//! [`UreqTransport`] uses ureq over HTTP/1.1. A call is placed over a new connection, and reads share pooled ones. No
//! redirect is followed, and no request is sent again.
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
//! | an idle connection in the pool | 15 s |
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
//! [`BuildError::NoTlsRoots`]; [`UreqTransport::with_roots`] still works then. TLS is rustls with *ring*.
//!
//! # Features
//!
//! | feature | effect |
//! |---|---|
//! | `webpki-roots` (default) | trusts the certificate authorities that come with the crate |
//! | `platform-verifier` | trusts what the system trusts; takes precedence over `webpki-roots` |
//!
//! # Rust version
//!
//! Rust 1.91 or newer is needed.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod handover;
mod many;
mod proxy;
mod resolver;
mod transport;

pub use byourside_proto::client::ClientOptions;
#[doc(no_inline)]
pub use byourside_proto::*;
pub use many::{place_many, run_set, wait_many};
pub use transport::UreqTransport;

/// The blocking client: [`client::blocking::Client`] over a
/// [`UreqTransport`].
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
/// | [`run`] | runs a machine of your own |
///
/// [`new`]: client::blocking::Client::new
/// [`from_env`]: client::blocking::Client::from_env
/// [`with_options`]: client::blocking::Client::with_options
/// [`place_call`]: client::blocking::Client::place_call
/// [`get_call`]: client::blocking::Client::get_call
/// [`list_calls`]: client::blocking::Client::list_calls
/// [`wait_for_call`]: client::blocking::Client::wait_for_call
/// [`wait_for_call_with`]: client::blocking::Client::wait_for_call_with
/// [`wait_for_call_with_events`]: client::blocking::Client::wait_for_call_with_events
/// [`place_and_wait`]: client::blocking::Client::place_and_wait
/// [`place_and_wait_with`]: client::blocking::Client::place_and_wait_with
/// [`reconcile`]: client::blocking::Client::reconcile
/// [`run`]: client::blocking::Client::run
pub type Client = byourside_proto::client::blocking::Client<UreqTransport>;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
