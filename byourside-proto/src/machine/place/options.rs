//! How a call is placed: retries, backoff and timeouts.
use crate::machine::backoff::Backoff;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// How a call is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceOptions {
    /// How often to try again after an outcome that is provably *not placed* and says "try again": `rate_limited`, or
    /// no connection. Default 2.
    pub retries: u32,
    /// Whether `placement_failed` is tried again too. Default no.
    pub retry_placement_failed: bool,
    /// The pause before trying again, where the service names none. Default 1 s, doubling up to 10 s, of which up to
    /// 20 % is taken off at random.
    pub backoff: Backoff,
    /// The longest `Retry-After` that is waited for; a longer one ends the placing. Default 30 s.
    pub max_retry_after: Duration,
    /// How long an attempt may take; after that the outcome is unknown. Default 30 s.
    pub attempt_timeout: Duration,
    /// Seeds the jitter. Default 0.
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
