//! The By Your Side Agent calling API (an AI places a phone call for you) from programs on tokio: a client on hyper.
//!
//! ```
//! use byourside_tokio::{Client, PlaceCall};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new("bys_ak_example")?; // or `from_env`, with `BYOURSIDE_API_KEY`
//! # let (_service, client) = local()?;
//! let call = PlaceCall::new("+14155550123", "Confirm tomorrow's appointment at ten.")?;
//! let ended = client.place_and_wait(&call).await?;
//! println!("{}", ended.call.summary().unwrap_or("no summary"));
//! # assert_eq!(ended.call.status(), Some(byourside_tokio::Status::Completed));
//! # Ok(())
//! # }
//! # fn local() -> Result<(byourside_local_service::LocalService, Client), Box<dyn std::error::Error>> {
//! #     use byourside_tokio::ClientOptions;
//! #     let service = byourside_local_service::LocalService::builder().speed(1000.0).start()?;
//! #     let mut options = ClientOptions::default();
//! #     options.wait.interval = std::time::Duration::from_millis(20);
//! #     let client = Client::with_options(service.api()?, options)?;
//! #     Ok((service, client))
//! # }
//! ```
//!
//! [`Client`] has all the methods there are, and what they take and give is re-exported here. Its futures are `Send`.
//!
//! # Stopping and going on
//!
//! A future that is dropped stops, in the middle of a request as well; what was sent is not taken back. To go on with a
//! wait later, keep its [`CallWaiter`] and [`run`](byourside_proto::client::Client::run) that: run again, it resumes where
//! it was. [`watch`](byourside_proto::client::Client::watch) gives a wait one change of status at a time, also as a
//! stream.
//!
//! # A client that is there already
//!
//! [`TowerTransport`] carries the requests over any tower service, with whatever middleware it has. [`HyperTransport`] is
//! what [`Client`] uses otherwise; it can be told whom to trust.
//!
//! # Certificates
//!
//! With the default feature `webpki-roots` the certificate authorities come with the crate, so that it works in a bare
//! container. The feature `platform-verifier` asks the system instead.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod connector;
mod hyper_transport;
mod tower_transport;

pub use byourside_proto::client::ClientOptions;
#[doc(no_inline)]
pub use byourside_proto::*;
pub use hyper_transport::HyperTransport;
pub use tower_transport::TowerTransport;

/// The client of the calling API: see [`byourside_proto::client::Client`].
pub type Client = byourside_proto::client::Client<HyperTransport>;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
