//! The By Your Side Agent calling API from programs on async-std or smol: a client on hyper, without tokio's runtime.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod connection;
mod dial;
mod pool;
mod transport;

pub use byourside_proto::client::ClientOptions;
#[doc(no_inline)]
pub use byourside_proto::*;
pub use transport::AsyncStdTransport;

/// The client of the calling API.
pub type Client = byourside_proto::client::Client<AsyncStdTransport>;
