//! The By Your Side Agent calling API from programs that block: a client on [`ureq`], without an async runtime.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod handed_over;
mod proxy;
mod transport;

pub use byourside_proto::client::ClientOptions;
#[doc(no_inline)]
pub use byourside_proto::*;
pub use transport::UreqTransport;

/// The client of the calling API, blocking.
pub type Client = byourside_proto::client::blocking::Client<UreqTransport>;
