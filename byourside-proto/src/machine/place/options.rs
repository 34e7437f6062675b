//! Options of a placer: retries, backoff and timeouts.
use crate::machine::backoff::Backoff;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Options of a [`Placer`](super::Placer): retries, backoff and timeouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceOptions {
    /// The maximum number of retries. The POST is sent again only if the call was provably *not placed* and a retry can
    /// succeed: after a 429 with the token `rate_limited` or with no token, or if there was no connection. Default 2.
    pub retries: u32,
    /// Whether to retry after `placement_failed` as well. Default `false`.
    pub retry_placement_failed: bool,
    /// The pause before a retry. A longer `Retry-After` is waited for instead. Default 1 s, doubling up to 10 s, with
    /// 20 % jitter.
    pub backoff: Backoff,
    /// The longest `Retry-After` to wait for. A longer one ends the placement as *not placed*. Default 30 s.
    pub max_retry_after: Duration,
    /// The attempt timeout. After that, the outcome is *unknown*. Default 30 s; at least 10 ms.
    pub attempt_timeout: Duration,
    /// The seed of the jitter. Default 0.
    pub seed: u64,
}

impl Default for PlaceOptions {
    fn default() -> Self {
        Self {
            retries: 2,
            retry_placement_failed: false,
            backoff: Backoff::doubling(Duration::from_secs(1), Duration::from_secs(10)).with_jitter(20),
            max_retry_after: Duration::from_secs(30),
            attempt_timeout: Duration::from_secs(30),
            seed: 0,
        }
    }
}
