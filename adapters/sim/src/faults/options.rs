//! The rates of faults.
use super::super::Rate;
use std::time::Duration;

/// Faults of requests and answers, each at its own rate, all drawn from one seed.
///
/// At most one fault hits a request: if several are drawn, the first in the order of these fields. *Before* means that
/// the service never sees the request; *after* means that the service has acted on it. Webhook deliveries have faults
/// of their own: [`DeliveryFaults`](crate::DeliveryFaults).
///
/// ```
/// use byourside_sim::{Faults, Rate};
/// let faults = Faults { seed: 7, answer_lost: Rate::percent(10), ..Faults::default() };
/// assert_eq!(faults.request_lost, Rate::NEVER);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Decides which requests are hit. Default 0.
    pub seed: u64,
    /// The shortest latency, one way. Default 0.
    pub min_latency: Duration,
    /// The longest latency, one way. Default 0.
    pub max_latency: Duration,
    /// Before: no connection can be made, so the client knows that nothing was sent.
    pub no_connection: Rate,
    /// Before: the request is lost.
    pub request_lost: Rate,
    /// After: the answer is lost.
    pub answer_lost: Rate,
    /// How many of the lost requests and answers end in silence instead of a closed connection.
    pub silent: Rate,
    /// Before: the service answers 500, or 503 with `store_error`, and does not act.
    pub error_before: Rate,
    /// After: the service answers 500 or 503, although it has acted.
    pub error_after: Rate,
    /// Before: 429 `rate_limited` with a `Retry-After`, in seconds or as a date.
    pub rate_limited: Rate,
    /// The longest `Retry-After` delay, in whole seconds, at least 1. Default 5 s.
    pub max_retry_after: Duration,
    /// Before or after: a proxy answers in HTML, with 200, 408, 502, 503 or 504.
    pub html: Rate,
    /// After: the body is cut at a random place.
    pub truncated: Rate,
    /// After: a stale replica answers, which shows calls as they were up to `max_staleness` ago, but never as not yet
    /// placed.
    pub stale: Rate,
    /// The largest lag of a stale replica. Default 5 s.
    pub max_staleness: Duration,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            seed: 0,
            min_latency: Duration::ZERO,
            max_latency: Duration::ZERO,
            no_connection: Rate::NEVER,
            request_lost: Rate::NEVER,
            answer_lost: Rate::NEVER,
            silent: Rate::NEVER,
            error_before: Rate::NEVER,
            error_after: Rate::NEVER,
            rate_limited: Rate::NEVER,
            max_retry_after: Duration::from_secs(5),
            html: Rate::NEVER,
            truncated: Rate::NEVER,
            stale: Rate::NEVER,
            max_staleness: Duration::from_secs(5),
        }
    }
}
