//! How a wait goes about it.
use crate::machine::Backoff;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// How a wait goes about it. Start from the default and change what differs.
///
/// ```
/// use byourside_proto::machine::wait::WaitOptions;
/// use core::time::Duration;
///
/// let options = WaitOptions { timeout: Duration::from_secs(600), ..WaitOptions::default() };
/// assert_eq!(options.interval, Duration::from_secs(3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitOptions {
    /// When the last GET is sent, from the start of the wait. Default 180 s, as in the official clients.
    pub timeout: Duration,
    /// The pause after each answer. Default 3 s, as in the official Python client; at least 10 ms.
    pub interval: Duration,
    /// How the interval grows with each answer, in hundredths. Default 100: it does not.
    pub interval_growth_percent: u32,
    /// The longest interval. Default 30 s.
    pub max_interval: Duration,
    /// The pause after a failure, never less than the interval. Default 1 s, doubling up to 30 s, of which up to
    /// 20 % is taken off at random.
    pub backoff: Backoff,
    /// The longest `Retry-After` that is honoured in full. Default 60 s.
    pub max_retry_after: Duration,
    /// How long an attempt may take. Default 15 s.
    pub attempt_timeout: Duration,
    /// How long the answer to an attempt around the deadline is still waited for. Default 1 s.
    pub grace: Duration,
    /// How many transient failures in a row to bear. Default 20.
    pub max_failures: u32,
    /// How long after the start of the wait, and before any record was read, 404 is borne: a call that has
    /// just been placed may not be readable yet. Default 10 s.
    pub not_found_grace: Duration,
    /// How many more GETs to make when a call has completed and its results are not there yet. Default 0.
    pub settle: u32,
    /// What a terminal event is followed by. Default: nothing.
    pub on_terminal_event: OnTerminalEvent,
    /// Seeds the jitter of the backoff. Default 0.
    pub seed: u64,
}

/// What a terminal event is followed by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnTerminalEvent {
    /// Nothing: the event's members are the record, and the wait is over. [`WaitOptions::settle`] applies as ever.
    #[default]
    Finish,
    /// One GET for the full record. If it fails, the event's members are the record.
    Refetch,
}

impl Default for WaitOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(180),
            interval: Duration::from_secs(3),
            interval_growth_percent: 100,
            max_interval: Duration::from_secs(30),
            backoff: Backoff::doubling(Duration::from_secs(1), Duration::from_secs(30)).with_jitter(20),
            max_retry_after: Duration::from_secs(60),
            attempt_timeout: Duration::from_secs(15),
            grace: Duration::from_secs(1),
            max_failures: 20,
            not_found_grace: Duration::from_secs(10),
            settle: 0,
            on_terminal_event: OnTerminalEvent::Finish,
            seed: 0,
        }
    }
}

impl WaitOptions {
    /// The pause after the `nth` answer.
    pub(crate) fn interval(&self, nth: u32) -> Duration {
        let growing = Backoff {
            first: self.interval,
            growth_percent: self.interval_growth_percent,
            max: self.max_interval.max(self.interval),
            jitter_percent: 0,
        };
        growing.pause(nth, &mut 0)
    }
}
