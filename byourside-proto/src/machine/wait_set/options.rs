//! How a set of calls is waited for.
use crate::machine::Backoff;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// How a set of calls is waited for. Start from the default and change what differs.
///
/// ```
/// use byourside_proto::machine::wait_set::WaitSetOptions;
/// let gently = WaitSetOptions { max_per_second: 5, ..WaitSetOptions::default() };
/// assert_eq!(gently.max_in_flight, 16);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitSetOptions {
    /// When a call's last GET is due, from when it joined. The GETs of many are paced; where the service asked all to be
    /// left alone then, the wait ends without it. Default 180 s, as in the official clients.
    pub timeout: Duration,
    /// The pause between two looks at one call that the list does not show. Default 3 s; at least 10 ms. The first one
    /// comes after one to two of these, so that the list can show the call before, or at once where there is no list.
    pub interval: Duration,
    /// The same where events are known to come, and so the most that one that is lost costs. Default 120 s; never less
    /// than `interval`. That is so for a call from its first event on. While events come at all, the last no longer ago
    /// than this, it is so for every call that no look has shown to be past `queued` without an event of its own.
    #[serde(default = "interval_with_events")]
    pub interval_with_events: Duration,
    /// The pause between two lists, which look at up to 100 calls at once. Default 2.75 s; at least 10 ms. While none of
    /// the waiting calls is among those listed it doubles, up to 30 s. Events change nothing here.
    pub list_interval: Duration,
    /// From how many waiting calls on the list is asked for; `usize::MAX` for never. Default 2.
    pub list_from: usize,
    /// Whether the record of a call that the list shows as ended is fetched. Default yes: an entry of the list is only
    /// promised to have an id and a status.
    pub fetch_listed: bool,
    /// Whether the record of a call that ended by an event is fetched. Default no: a terminal event has the results.
    pub fetch_after_event: bool,
    /// The most requests that are out at once. Default 16; at least 1.
    pub max_in_flight: usize,
    /// The most requests that are sent in a second, evenly spaced. Default 100; at least 1.
    pub max_per_second: u32,
    /// The pause of a call after a failure, never less than the interval; and of all after a 429 that names none.
    /// Default 1 s, doubling up to 30 s.
    pub backoff: Backoff,
    /// The longest `Retry-After` that is honoured in full. Default 60 s.
    pub max_retry_after: Duration,
    /// How long an attempt may take. Default 15 s.
    pub attempt_timeout: Duration,
    /// How many transient failures in a row to bear for one call. Default 20.
    pub max_failures: u8,
    /// How long after it joined, and before any record was read, `not_found` is borne for a call. Default 10 s.
    pub not_found_grace: Duration,
    /// Seeds the jitter, and how calls are spread. Default 0.
    pub seed: u64,
}

impl Default for WaitSetOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(180),
            interval: Duration::from_secs(3),
            interval_with_events: interval_with_events(),
            list_interval: Duration::from_millis(2750),
            list_from: 2,
            fetch_listed: true,
            fetch_after_event: false,
            max_in_flight: 16,
            max_per_second: 100,
            backoff: Backoff::doubling(Duration::from_secs(1), Duration::from_secs(30)),
            max_retry_after: Duration::from_secs(60),
            attempt_timeout: Duration::from_secs(15),
            max_failures: 20,
            not_found_grace: Duration::from_secs(10),
            seed: 0,
        }
    }
}

impl WaitSetOptions {
    pub(super) fn pause_with_events(&self) -> Duration {
        self.interval_with_events.max(self.interval)
    }
}

/// What a snapshot has that was taken before there was this.
fn interval_with_events() -> Duration {
    Duration::from_secs(120)
}
