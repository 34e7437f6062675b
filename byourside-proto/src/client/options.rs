//! The options of a client.
use crate::machine::{place::PlaceOptions, read::ReadOptions, reconcile::ReconcileOptions, wait::WaitOptions};
use core::time::Duration;

/// The options of a client, for every adapter.
///
/// ```
/// use byourside_proto::{client::ClientOptions, machine::wait::WaitOptions};
/// use std::time::Duration;
///
/// let wait = WaitOptions { timeout: Duration::from_secs(600), ..WaitOptions::default() };
/// let options = ClientOptions { wait, ..ClientOptions::default() };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// How calls are placed: retries and timeouts.
    pub place: PlaceOptions,
    /// How a call is read and calls are listed: retries and timeouts.
    pub read: ReadOptions,
    /// How a wait polls, and when it gives up.
    pub wait: WaitOptions,
    /// How a placement that is *unknown* is looked for.
    pub reconcile: ReconcileOptions,
    /// How long connecting may take, name lookup and TLS included. It counts towards the attempt timeout. Default 10 s.
    pub connect_timeout: Duration,
    /// The longest response body that is read, in bytes. A longer one is a transport failure. Default 16 MiB: room for
    /// a list of 100 records with long transcripts.
    pub max_body: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            place: PlaceOptions::default(),
            read: ReadOptions::default(),
            wait: WaitOptions::default(),
            reconcile: ReconcileOptions::default(),
            connect_timeout: Duration::from_secs(10),
            max_body: 16 * 1024 * 1024,
        }
    }
}
