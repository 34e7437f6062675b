//! Options of a wait: timeouts, intervals and backoff.
use crate::machine::Backoff;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Options of a [`CallWaiter`](super::CallWaiter): timeouts, intervals and backoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitOptions {
    /// The time from the start of the wait to its deadline, when the last GET is sent. Default 180 s, as in the
    /// official clients. At least one GET is sent, even with a timeout of zero.
    pub timeout: Duration,
    /// The pause after each answer. Default 3 s, as in the official Python client; at least 10 ms.
    pub interval: Duration,
    /// The length of each interval as a percentage of the one before. Default 100: all intervals are equal.
    pub interval_growth_percent: u32,
    /// The longest interval. Default 30 s.
    pub max_interval: Duration,
    /// The pause after a failed GET, never shorter than the interval. If the driver reports nothing until the attempt
    /// timeout, there is no pause: the timeout was pause enough. Default 1 s, doubling up to 30 s, with 20 % jitter.
    pub backoff: Backoff,
    /// The longest `Retry-After` to wait for. A longer one is cut to this. Default 60 s.
    pub max_retry_after: Duration,
    /// The attempt timeout. Default 15 s; at least 10 ms.
    pub attempt_timeout: Duration,
    /// How long the answer to the last GET is waited for. A GET that is already in flight at the deadline is given up
    /// at the deadline, or this long after it was sent, whichever is later. Default 1 s.
    pub grace: Duration,
    /// How many transient failures in a row are tolerated; one more ends the wait. Default 20.
    pub max_failures: u32,
    /// A 404 is tolerated for this long after the start of the wait, as long as no record has been read: a call that
    /// was just placed may not be readable yet. Default 10 s.
    pub not_found_grace: Duration,
    /// How many more GETs may be sent after a call has completed, while its record has no results yet. Default 0.
    pub settle: u32,
    /// What to do after a terminal event. Default [`OnTerminalEvent::Finish`].
    pub on_terminal_event: OnTerminalEvent,
    /// The seed of the jitter. Default 0.
    pub seed: u64,
}

/// What a wait does after a terminal webhook event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnTerminalEvent {
    /// Finish: the members of the event are the record. [`WaitOptions::settle`] applies as it does after a GET.
    #[default]
    Finish,
    /// Send one GET for the full record. If it fails, the members of the event are the record.
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
    /// The pause after the `nth` answer, counted from 1.
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
