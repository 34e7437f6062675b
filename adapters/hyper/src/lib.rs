//! What `byourside-tokio` and `byourside-async-std` have in common: all of an exchange but the sockets and the timer.
//!
//! It is a crate of its own because both adapters need it and neither may depend on the other, and because it needs
//! `std`, TLS and an HTTP body, which the core does without. It depends on no runtime. For an adapter of one's own on
//! hyper it is there as well: [`exchange`] does with one request all that the core asks of a transport, given a timer
//! and a way to send.
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
