//! The By Your Side Agent calling API from programs on tokio: a client on hyper.
//!
//! ```no_run
//! use byourside_tokio::{Client, PlaceCall};
//!
//! # async fn call() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! let call = PlaceCall::new("+14155550123", "Confirm the appointment for Tuesday at ten.")?;
//! let ended = client.place_and_wait(&call).await?;
//! println!("{}: {:?}", ended.call.status(), ended.call.summary());
//! # Ok(())
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod connector;
mod hyper_transport;
mod tower_transport;

pub use byourside_proto::client::ClientOptions;
#[doc(no_inline)]
pub use byourside_proto::*;
pub use hyper_transport::HyperTransport;
pub use tower_transport::TowerTransport;

/// The client of the calling API.
pub type Client = byourside_proto::client::Client<HyperTransport>;
