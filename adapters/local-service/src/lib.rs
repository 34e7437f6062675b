//! The simulated calling API over HTTP/1.1, on a loopback port: for tests of clients in any language. No phone rings.
//!
//! The number that is called picks the outcome: see [the table of numbers](byourside_sim#numbers-to-call). Virtual time
//! passes at a [speed](Builder::speed) that the caller picks, so a wait of minutes can take seconds. The service runs
//! on a thread of its own until it is dropped.
//!
//! Webhook events are delivered over HTTP to a `webhookUrl` that is plain http on a loopback host, and are signed with
//! the time of the real clock.
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

/// A running local service. Dropping it closes its port and its connections.
///
/// Its limits: 256 connections at a time, 16 KiB of headers, a body of 1 MiB (or
/// [`ServiceOptions::max_body`](byourside_sim::ServiceOptions::max_body), if that is more), 30 s for the headers and 30
/// s for the body to arrive, and five minutes for a connection.
#[derive(Debug)]
pub struct LocalService {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LocalService {
    /// Starts a service with default options: on any free port, at the speed of real time.
    ///
    /// # Errors
    /// As for [`Builder::start`].
    pub fn start() -> std::io::Result<Self> {
        Self::builder().start()
    }

    /// Options for a service, and [`Builder::start`] to start it.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The address that the service listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The base URL for a client, such as `http://127.0.0.1:8787`, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The [`Api`] for a client of this service: its base URL, and a valid key.
    ///
    /// # Errors
    /// Never in practice: the URL and the key are valid.
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
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}
