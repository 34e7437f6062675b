//! What every adapter is set up with.
use crate::machine::{place::PlaceOptions, read::ReadOptions, reconcile::ReconcileOptions, wait::WaitOptions};
use core::time::Duration;

/// What a client of any adapter is set up with: how it goes about each thing it does.
///
/// ```
/// use byourside_proto::client::ClientOptions;
/// assert_eq!(ClientOptions::default().wait.timeout.as_secs(), 180);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// How calls are placed.
    pub place: PlaceOptions,
    /// How a call is read and calls are listed.
    pub read: ReadOptions,
    /// How the end of a call is waited for.
    pub wait: WaitOptions,
    /// How a placement that is unknown is reconciled.
    pub reconcile: ReconcileOptions,
    /// How long connecting may take, name and TLS included; part of an attempt's time. Default 10 s.
    pub connect_timeout: Duration,
    /// The longest body of an answer that is read, in bytes; a longer one is a transport failure. Default 16 MiB, which
    /// leaves room for a hundred records with long transcripts.
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
