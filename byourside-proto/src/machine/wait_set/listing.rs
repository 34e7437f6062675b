//! Decides when the list is requested.
use crate::types::Monotonic;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// The longest pause between two lists that show none of the waiting calls.
const MAX_INTERVAL: Duration = Duration::from_secs(30);

/// When the next list is due, and what the last one was good for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Listing {
    /// The interval of the options.
    base: Duration,
    /// The current interval, which grows while lists show no waiting call.
    interval: Duration,
    /// No list is requested before this, even if calls are added.
    earliest: Monotonic,
    pub(super) due: Monotonic,
    /// Whether the last list showed a waiting call. If so, the next one is of use for any number of calls.
    pub(super) shows: bool,
    /// Whether a list is in flight. Another one is of no use until it is answered.
    pub(super) in_flight: bool,
    /// After a failed list: until then, GETs that are due go before the next list.
    #[serde(default)]
    gives_way_until: Monotonic,
}

impl Listing {
    pub(super) fn new(interval: Duration, now: Monotonic) -> Self {
        Self {
            base: interval,
            interval,
            earliest: now,
            due: now,
            shows: false,
            in_flight: false,
            gives_way_until: now,
        }
    }

    /// A list was requested.
    pub(super) fn sent(&mut self, now: Monotonic) {
        self.earliest = now.after(self.base);
        self.in_flight = true;
    }

    /// A list was read, and showed `shown` of the waiting calls.
    pub(super) fn read(&mut self, now: Monotonic, shown: usize) {
        self.gives_way_until = now;
        self.shows = shown > 0;
        self.interval = if self.shows {
            self.base
        } else {
            self.interval.saturating_mul(2).min(MAX_INTERVAL).max(self.base)
        };
        self.completed(now.after(self.interval));
    }

    /// A list failed. The next one is due after `pause`, or after the interval if that is longer.
    pub(super) fn failed(&mut self, now: Monotonic, pause: Duration) {
        self.completed(now.after(pause.max(self.interval)));
        self.gives_way_until = self.due.after(MAX_INTERVAL);
    }

    /// Whether GETs that are due go before the list.
    ///
    /// A list that fails again and again must not keep calls from being read one by one. It gives way for a limited
    /// time only, so that it is tried again however many calls are due.
    pub(super) fn gives_way(&self, now: Monotonic) -> bool {
        now < self.gives_way_until
    }

    /// A call was added. It is recent, so the list will show it.
    pub(super) fn call_added(&mut self) {
        self.interval = self.base;
        self.due = self.due.min(self.earliest);
    }

    /// When a call that was just listed is expected to be listed again.
    pub(super) fn next(&self, now: Monotonic) -> Monotonic {
        now.after(self.interval)
    }

    /// Applies `change` to each moment. Nothing may be asked of a moment but whether it has passed.
    pub(super) fn map_times(&mut self, change: impl Fn(Monotonic) -> Monotonic) {
        self.earliest = change(self.earliest);
        self.due = change(self.due);
        self.gives_way_until = change(self.gives_way_until);
    }

    fn completed(&mut self, due: Monotonic) {
        self.in_flight = false;
        self.due = due;
    }
}
