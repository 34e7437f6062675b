//! The By Your Side Agent calling API (an AI places a phone call for you) from programs on async-std or smol: a client on
//! hyper, without tokio's runtime.
//!
//! ```
//! use byourside_async_std::{Client, PlaceCall};
//!
//! # async_std::task::block_on(async {
//! let client = Client::new("bys_ak_example")?; // or `from_env`, with `BYOURSIDE_API_KEY`
//! # let (_service, client) = local()?;
//! let call = PlaceCall::new("+14155550123", "Confirm tomorrow's appointment at ten.")?;
//! let ended = client.place_and_wait(&call).await?;
//! println!("{}", ended.call.summary().unwrap_or("no summary"));
//! # assert_eq!(ended.call.status(), Some(byourside_async_std::Status::Completed));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # fn local() -> Result<(byourside_local_service::LocalService, Client), Box<dyn std::error::Error>> {
//! #     use byourside_async_std::ClientOptions;
//! #     let service = byourside_local_service::LocalService::builder().speed(1000.0).start()?;
//! #     let mut options = ClientOptions::default();
//! #     options.wait.interval = std::time::Duration::from_millis(20);
//! #     let client = Client::with_options(service.api()?, options)?;
//! #     Ok((service, client))
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Client`] has all the methods there are, and what they take and give is re-exported here. Its futures are `Send`. One
//! that is dropped stops, in the middle of a request as well; what was sent is not taken back. A
//! [`CallWaiter`] that is [`run`](byourside_proto::client::Client::run) again resumes where it was.
//!
//! # async-std and smol
//!
//! async-std is no longer maintained (RUSTSEC-2025-0052): new programs are better off with smol or tokio. This crate
//! serves smol as it is, because nothing is spawned and the sockets and timers are those of `async-io`.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod connection;
mod dial;
mod pool;
mod transport;
mod wire;

pub use byourside_proto::client::ClientOptions;
#[doc(no_inline)]
pub use byourside_proto::*;
pub use transport::AsyncStdTransport;

/// The client of the calling API: see [`byourside_proto::client::Client`].
pub type Client = byourside_proto::client::Client<AsyncStdTransport>;
