//! Building blocks for By Your Side clients on hyper: what `byourside-tokio` and `byourside-async-std` share.
//!
//! To call someone, take one of those two. This crate is for an adapter of your own on hyper. It needs `std`, TLS and
//! an HTTP body, which the core does without, and it depends on no runtime: sockets and timers are the adapter's.
//!
//! ```sh
//! cargo add byourside-hyper
//! ```
//!
//! A transport sends a request with [`exchange()`], which needs a timer and a way to send:
//!
//! ```
//! use byourside_hyper::{Timers, TrackedBody, exchange};
//! use byourside_proto::{Monotonic, TransportFailure};
//! use http::{HeaderValue, Request, Response};
//! use http_body::Body;
//! use std::{error::Error, time::Duration};
//!
//! async fn send<B: Body<Error: Error + Send + Sync + 'static>>(
//!     timers: &Timers,
//!     client: impl AsyncFnOnce(Request<TrackedBody>) -> Result<Response<B>, Box<dyn Error + Send + Sync>>,
//!     request: Request<Vec<u8>>,
//!     timeout: Duration,
//! ) -> Result<Response<Vec<u8>>, TransportFailure> {
//!     let now = || Monotonic::ORIGIN; // the adapter's clock
//!     let sleep = |_duration| std::future::pending(); // the runtime's timer
//!     let user_agent = HeaderValue::from_static("my-adapter/1.0");
//!     let max_body = 16 * 1024 * 1024;
//!     exchange(request, &user_agent, max_body, timers.deadline((), timeout, now, sleep), client).await
//! }
//! ```
//!
//! | item | what it is for |
//! |---|---|
//! | [`exchange()`] | one attempt: the headers, the timeout, the body limit, and whether a failed request can have left |
//! | [`TrackedBody`], [`CancelHandle`] | a request body that knows whether a connection has taken the request |
//! | [`Proxies`] | the proxy variables of the environment |
//! | [`tls_config`], [`tls_config_with_roots`] | which certificate authorities are trusted |
//! | [`Timers`], [`Relay`] | timers and wakers that are reused from request to request |
//! | [`Span`] | a `tracing` span for each attempt |
//!
//! # Features
//!
//! None is on by default; the adapters turn them on.
//!
//! | feature | effect |
//! |---|---|
//! | `webpki-roots` | [`tls_config`] trusts the certificate authorities that come with the crate |
//! | `platform-verifier` | [`tls_config`] trusts what the system trusts; takes precedence over `webpki-roots` |
//! | `tracing` | [`Span`] records a span for each attempt |
//!
//! Rust 1.91 or newer is needed.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod chain;
mod exchange;
mod proxy;
mod relay;
mod seed;
mod span;
mod timers;
mod tls;
mod tracked_body;

pub use answer::collect;
pub use chain::Chain;
pub use exchange::{exchange, within};
pub use proxy::{Intercept, Proxies};
pub use relay::Relay;
pub use seed::seed;
pub use span::Span;
pub use timers::{Deadline, Timers};
pub use tls::{tls_config, tls_config_with_roots};
pub use tracked_body::{CancelHandle, TrackedBody, Withdrawn};
