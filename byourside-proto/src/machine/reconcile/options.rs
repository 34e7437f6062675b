//! How a placement is reconciled.
use crate::machine::Backoff;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// How a placement is reconciled. Start from the default and change what differs.
///
/// ```
/// use byourside_proto::machine::reconcile::ReconcileOptions;
/// use core::time::Duration;
///
/// let patient = ReconcileOptions { settle: Duration::from_secs(60), ..ReconcileOptions::default() };
/// assert_eq!(patient.timeout, Duration::from_secs(120));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconcileOptions {
    /// How long to keep looking. Default 120 s.
    pub timeout: Duration,
    /// For how long a POST whose answer was lost may still be acted on: absence is said only of a list that was asked
    /// for this long after the start or later, and never of the first. Default 30 s.
    pub settle: Duration,
    /// The pause after a list that was read. Default 5 s.
    pub interval: Duration,
    /// The pause after a failure, never less than the interval. Default 1 s, doubling up to 30 s, of which up to 20 % is
    /// taken off at random.
    pub backoff: Backoff,
    /// The longest `Retry-After` that is honoured in full. Default 60 s.
    pub max_retry_after: Duration,
    /// How long an attempt may take. Default 15 s.
    pub attempt_timeout: Duration,
    /// How many entries that do not say what they are may be looked up, each with a GET of its own. Default 20.
    pub max_lookups: u32,
    /// Seeds the jitter of the backoff. Default 0.
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
