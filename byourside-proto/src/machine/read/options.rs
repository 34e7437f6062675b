//! How a read goes about it.
use crate::machine::Backoff;
use core::time::Duration;

/// How a read goes about it. Start from the default and change what differs.
///
/// ```
/// use byourside_proto::machine::read::ReadOptions;
/// let once = ReadOptions { retries: 0, ..ReadOptions::default() };
/// assert_eq!(once.timeout.as_secs(), 60);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// How long it may take in all, retries included. Default 60 s.
    pub timeout: Duration,
    /// How long an attempt may take. Default 15 s.
    pub attempt_timeout: Duration,
    /// How often to try again after what passes: 5xx, 429, no answer, an unreadable one. Default 3.
    pub retries: u32,
    /// The pause before trying again, or `Retry-After` where that is longer. Default 500 ms, doubling up to 10 s, of which up to
    /// 20 % is taken off at random.
    pub backoff: Backoff,
    /// Seeds the jitter of the backoff. Default 0.
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
