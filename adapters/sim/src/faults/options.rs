//! Which faults, how often.
use super::super::Rate;
use std::time::Duration;

/// What goes wrong with requests and answers, each at its own rate, all of it from one seed.
///
/// At most one thing goes wrong with a request; where several would, it is the first in this list. A fault *before* is one
/// where the service never learns of the request, a fault *after* one where it acted as if nothing were wrong. Deliveries
/// have faults of their own: [`DeliveryFaults`](super::super::DeliveryFaults).
///
/// ```
/// use byourside_sim::{Faults, Rate};
/// let faults = Faults { seed: 7, answer_lost: Rate::percent(10), ..Faults::default() };
/// assert_eq!(faults.request_lost, Rate::NEVER);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Decides what is hit. Default 0.
    pub seed: u64,
    /// The shortest time that a message takes, one way. Default none.
    pub min_latency: Duration,
    /// The longest time that a message takes, one way. Default none.
    pub max_latency: Duration,
    /// Before: no connection comes about, so the client knows that nothing was sent.
    pub no_connection: Rate,
    /// Before: the request is lost.
    pub request_lost: Rate,
    /// After: the answer is lost.
    pub answer_lost: Rate,
    /// How many of the lost ones end in silence, rather than with a connection that closes.
    pub silent: Rate,
    /// Before: the service answers 500, or 503 with `store_error`.
    pub error_before: Rate,
    /// After: the same, although it acted.
    pub error_after: Rate,
    /// Before: 429 with `rate_limited` and a `Retry-After` in either of its forms.
    pub rate_limited: Rate,
    /// The longest time that such a `Retry-After` asks for, in whole seconds, at least one. Default 5 s.
    pub max_retry_after: Duration,
    /// Before or after: a proxy answers in HTML, with 200, 408, 502, 503 or 504.
    pub html: Rate,
    /// After: the body is cut somewhere, down to nothing.
    pub truncated: Rate,
    /// After: a copy of the service answers that lags behind, and tells how the calls stood up to `max_staleness` ago,
    /// but never before they were placed.
    pub stale: Rate,
    /// How far such a copy lags behind at most. Default 5 s.
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
