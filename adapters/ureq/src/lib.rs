//! The By Your Side Agent calling API (an AI places a phone call for you) from programs that block. No async runtime.
//!
//! ```
//! use byourside_ureq::{Client, PlaceCall};
//!
//! let client = Client::new("bys_ak_example")?; // or `from_env`, with `BYOURSIDE_API_KEY`
//! # let (_service, client) = local()?;
//! let call = PlaceCall::new("+14155550123", "Confirm tomorrow's appointment at ten.")?;
//! let ended = client.place_and_wait(&call)?;
//! println!("{}", ended.call.summary().unwrap_or("no summary"));
//! # assert_eq!(ended.call.status(), Some(byourside_ureq::Status::Completed));
//! # fn local() -> Result<(byourside_local_service::LocalService, Client), Box<dyn std::error::Error>> {
//! #     use byourside_ureq::ClientOptions;
//! #     let service = byourside_local_service::LocalService::builder().speed(1000.0).start()?;
//! #     let mut options = ClientOptions::default();
//! #     options.wait.interval = std::time::Duration::from_millis(20);
//! #     let client = Client::with_options(service.api()?, options)?;
//! #     Ok((service, client))
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Client`] has all the methods there are, and what they take and give is re-exported here. They block for as long as
//! [`ClientOptions`] says: an attempt to place a call 30 s, a wait three minutes.
//!
//! # What went wrong
//!
//! [`place_call`](byourside_proto::client::blocking::Client::place_call) and what builds on it keep *not placed* and
//! *unknown* apart. No phone rings if no connection came about, or the service refused; then the call may be placed
//! again. Once the first byte of the request was handed to a connection, only a readable answer can tell.
//!
//! ```
//! use byourside_ureq::{Api, ApiKey, BaseUrl, Client, ClientOptions, PlaceCall, machine::place::PlaceError};
//!
//! // Nobody listens there.
//! let api = Api::new(BaseUrl::new("http://127.0.0.1:1")?, ApiKey::new("bys_ak_example")?);
//! let mut options = ClientOptions::default();
//! options.place.retries = 0;
//! let client = Client::with_options(api, options)?;
//! match client.place_call(&PlaceCall::new("+14155550123", "Ask.")?) {
//!     Ok(placed) => println!("placed: {:?}", placed.call_id()),
//!     Err(PlaceError::NotPlaced(reason)) => println!("may be placed again: {reason}"),
//!     Err(PlaceError::Unknown(reason)) => panic!("a phone may ring: {reason}"),
//! }
//! # Ok::<(), byourside_ureq::BuildError>(())
//! ```
//!
//! # Threads
//!
//! A clone of a client is cheap and shares its connections: give one to each thread. For a great many calls at once,
//! [`wait_many`] and [`place_many`] need a few threads and far fewer requests than a thread each.
//!
//! # Certificates
//!
//! With the default feature `webpki-roots` the certificate authorities come with the crate, so that it works in a bare
//! container. The feature `platform-verifier` asks the system instead.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod handed_over;
mod lookup;
mod many;
mod proxy;
mod transport;

pub use byourside_proto::client::ClientOptions;
#[doc(no_inline)]
pub use byourside_proto::*;
pub use many::{place_many, run_set, wait_many};
pub use transport::UreqTransport;

/// The client of the calling API, blocking: see [`byourside_proto::client::blocking::Client`].
pub type Client = byourside_proto::client::blocking::Client<UreqTransport>;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
