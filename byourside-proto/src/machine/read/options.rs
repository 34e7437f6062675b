//! Options of a reader: timeouts, retries and backoff.
use crate::machine::Backoff;
use core::time::Duration;

/// Options of a [`Reader`](super::Reader): timeouts, retries and backoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// The timeout of the whole read, retries included. Default 60 s.
    pub timeout: Duration,
    /// The attempt timeout. Default 15 s; at least 10 ms.
    pub attempt_timeout: Duration,
    /// The maximum number of retries after a transient failure: a 5xx, a 429, no answer, or an unreadable one. Default
    /// 3.
    pub retries: u32,
    /// The pause before a retry. A longer `Retry-After` is waited for instead. Default 500 ms, doubling up to 10 s,
    /// with 20 % jitter.
    pub backoff: Backoff,
    /// The seed of the jitter. Default 0.
    pub seed: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            attempt_timeout: Duration::from_secs(15),
            retries: 3,
            backoff: Backoff::doubling(Duration::from_millis(500), Duration::from_secs(10)).with_jitter(20),
            seed: 0,
        }
    }
}
