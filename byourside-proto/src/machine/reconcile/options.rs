//! Options of a reconciler: timeouts, intervals and limits.
use crate::machine::Backoff;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Options of a [`Reconciler`](super::Reconciler): timeouts, intervals and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconcileOptions {
    /// The time from the start to the deadline, when the last list is requested. Default 120 s.
    pub timeout: Duration,
    /// How long after the start the service may still act on the POST whose answer was lost. A call is absent only by a
    /// list that was requested after that, and never by the first list. Default 30 s.
    pub settle: Duration,
    /// The pause after a list. Default 5 s.
    pub interval: Duration,
    /// The pause after a failure, never shorter than the interval. Default 1 s, doubling up to 30 s, with 20 % jitter.
    pub backoff: Backoff,
    /// The longest `Retry-After` to wait for. A longer one is cut to this. Default 60 s.
    pub max_retry_after: Duration,
    /// The attempt timeout. Default 15 s; at least 10 ms.
    pub attempt_timeout: Duration,
    /// The most entries that are looked up, each with a GET of its own, because the list shows too little of them.
    /// Default 20.
    pub max_lookups: u32,
    /// The seed of the jitter. Default 0.
    pub seed: u64,
}

impl Default for ReconcileOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(120),
            settle: Duration::from_secs(30),
            interval: Duration::from_secs(5),
            backoff: Backoff::doubling(Duration::from_secs(1), Duration::from_secs(30)).with_jitter(20),
            max_retry_after: Duration::from_secs(60),
            attempt_timeout: Duration::from_secs(15),
            max_lookups: 20,
            seed: 0,
        }
    }
}
