//! Options of a set that waits for calls: timeouts, intervals, rate and backoff.
use crate::machine::Backoff;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Options of a [`WaitSet`](super::WaitSet): timeouts, intervals, rate and backoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitSetOptions {
    /// The deadline of a call, counted from when it is added. Its last GET is due then. Default 180 s, as in the
    /// official clients.
    ///
    /// The last GET can be late, because the request rate is bounded. It is left out if a pause after a 429 goes on
    /// past the deadline.
    pub timeout: Duration,
    /// The pause between two GETs for a call that the list does not show. Default 3 s; at least 10 ms.
    ///
    /// The first GET is sent one to two intervals after the call is added, so that a list can show the call first. If
    /// the set is too small for lists (see [`list_from`](Self::list_from)), it is sent at once.
    pub interval: Duration,
    /// The pause between two GETs for a call for which events arrive, and so the longest delay that a lost event
    /// causes. Default 120 s; never shorter than `interval`.
    ///
    /// It applies to a call after its first event. It also applies to a call that is still `queued`, as long as any
    /// call of the set had an event within this time. A call that is past `queued` and had no event keeps
    /// [`interval`](Self::interval), because its events seem to get lost.
    #[serde(default = "interval_with_events")]
    pub interval_with_events: Duration,
    /// The pause between two lists, each of which shows up to 100 calls. Default 2.75 s; at least 10 ms.
    ///
    /// It doubles, up to 30 s, while a list shows none of the waiting calls. Events do not change it.
    pub list_interval: Duration,
    /// The smallest number of waiting calls for which the list is requested; `usize::MAX` for never. After a list that
    /// showed a waiting call, the next list is requested however few calls are waiting. Default 2.
    pub list_from: usize,
    /// Whether to fetch the record of a call that the list shows as ended. Default `true`, because only the id and the
    /// status are guaranteed in an entry of the list.
    pub fetch_listed: bool,
    /// Whether to fetch the record of a call that ended by an event. Default `false`, because a terminal event has the
    /// results.
    pub fetch_after_event: bool,
    /// The maximum number of requests in flight. Default 16; at least 1.
    pub max_in_flight: usize,
    /// The maximum number of requests a second, evenly spaced. Default 100; at least 1.
    pub max_per_second: u32,
    /// The pause before the next GET of a call after a failure, never shorter than `interval`. Also the pause of the
    /// whole set after a 429 without `Retry-After`. Default 1 s, doubling up to 30 s.
    pub backoff: Backoff,
    /// The longest `Retry-After` to wait for. A longer one is cut to this. Default 60 s.
    pub max_retry_after: Duration,
    /// The attempt timeout. Default 15 s; at least 10 ms.
    pub attempt_timeout: Duration,
    /// How many transient failures in a row are tolerated for one call; one more ends its wait. Default 20.
    pub max_failures: u8,
    /// The error token `not_found` is tolerated for this long after a call is added, as long as none of its GETs has
    /// read a record. Default 10 s. A [`CallWaiter`](crate::machine::wait::CallWaiter) tolerates any 404.
    pub not_found_grace: Duration,
    /// The seed of the jitter, and of the moments at which calls get their first GET. Default 0.
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
    /// The pause between two GETs for a call whose events come.
    pub(super) fn pause_with_events(&self) -> Duration {
        self.interval_with_events.max(self.interval)
    }
}

/// The default, also for a snapshot that has no such option.
fn interval_with_events() -> Duration {
    Duration::from_secs(120)
}
