//! The simulated service of `byourside-proto` over real HTTP/1.1, on a loopback port and a thread of its own.
//!
//! For tests and trials of whatever places calls, in any language: no phone rings. What each destination number does is
//! told in [`byourside_sim`]; time passes there at a speed that the caller picks. Events are delivered for real, to
//! a `webhookUrl` that is plain http on a loopback host; their signatures go by the real clock.
//!
//! ```
//! use byourside_local_service::LocalService;
//!
//! let service = LocalService::builder().speed(60.0).seed(7).start()?;
//! assert!(service.base_url().starts_with("http://127.0.0.1:"));
//! # Ok::<(), std::io::Error>(())
//! ```
mod builder;
mod connection;
mod courier;
mod delivery;
mod exchange;
mod server;

pub use builder::Builder;
pub use delivery::Delivery;
pub use exchange::Exchange;

use byourside_proto::{Api, ApiKey, BaseUrl, BuildError};
use std::{net::SocketAddr, thread::JoinHandle};
use tokio::sync::oneshot;

/// A service that runs until it is dropped.
///
/// What it takes from strangers is bounded: 256 connections at a time, 16 KiB of headers, a body of 1 MiB
/// (or as long as the service reads), 30 s for either to arrive, five minutes for a connection.
#[derive(Debug)]
pub struct LocalService {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LocalService {
    /// A service on any free port, at the speed of real time.
    ///
    /// # Errors
    /// As for [`Builder::start`].
    ///
    /// ```
    /// let service = byourside_local_service::LocalService::start()?;
    /// assert_ne!(service.addr().port(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start() -> std::io::Result<Self> {
        Self::builder().start()
    }

    /// A service to be set up.
    ///
    /// ```
    /// let service = byourside_local_service::LocalService::builder().seed(7).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Where it listens.
    ///
    /// ```
    /// let service = byourside_local_service::LocalService::start()?;
    /// assert!(service.addr().ip().is_loopback());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What a client takes for a base URL, without a slash at its end.
    ///
    /// ```
    /// let service = byourside_local_service::LocalService::start()?;
    /// assert_eq!(service.base_url(), format!("http://127.0.0.1:{}", service.addr().port()));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What a client of this service is made with: its URL, and a key that it takes.
    ///
    /// # Errors
    /// None that can come up: its URL is one, and its key as well.
    ///
    /// ```
    /// let service = byourside_local_service::LocalService::start()?;
    /// let api = service.api()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn api(&self) -> Result<Api, BuildError> {
        Ok(Api::new(
            BaseUrl::new(&self.base_url())?,
            ApiKey::new("bys_ak_simulated")?,
        ))
    }
}

impl Drop for LocalService {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Its panic, if there was one, was reported when it happened.
            let _ = thread.join();
        }
    }
}
