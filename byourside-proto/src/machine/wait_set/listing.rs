//! When the list is asked for.
use crate::types::Monotonic;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// The longest pause between two lists that show none of the waiting calls.
const MAX_INTERVAL: Duration = Duration::from_secs(30);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Listing {
    base: Duration,
    interval: Duration,
    /// No list before this, if calls join.
    earliest: Monotonic,
    pub(super) due: Monotonic,
    /// Did the last one show a waiting call? Then the next is worth it, however few are left.
    pub(super) shows: bool,
    /// While one list is out, another is of no use.
    pub(super) out: bool,
    /// The last one failed: until then the next lets the GETs that are due go first.
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
            out: false,
            gives_way_until: now,
        }
    }

    pub(super) fn sent(&mut self, now: Monotonic) {
        self.earliest = now.after(self.base);
        self.out = true;
    }

    /// It was read, and showed this many of the waiting calls.
    pub(super) fn read(&mut self, now: Monotonic, shown: usize) {
        self.gives_way_until = now;
        self.shows = shown > 0;
        self.interval = if self.shows {
            self.base
        } else {
            self.interval.saturating_mul(2).min(MAX_INTERVAL).max(self.base)
        };
        self.landed(now.after(self.interval));
    }

    pub(super) fn failed(&mut self, now: Monotonic, pause: Duration) {
        self.landed(now.after(pause.max(self.interval)));
        self.gives_way_until = self.due.after(MAX_INTERVAL);
    }

    /// A list that fails again and again must not keep the calls from being asked for one by one; nor must they keep it from
    /// being tried at all.
    pub(super) fn gives_way(&self, now: Monotonic) -> bool {
        now < self.gives_way_until
    }

    /// A call joined: it is a recent one, and the list will show it.
    pub(super) fn joined(&mut self) {
        self.interval = self.base;
        self.due = self.due.min(self.earliest);
    }

    /// By when a call that was just listed is listed again.
    pub(super) fn next(&self, now: Monotonic) -> Monotonic {
        now.after(self.interval)
    }

    /// Changes each moment. Only this may be asked of one: whether it has come.
    pub(super) fn map_times(&mut self, change: impl Fn(Monotonic) -> Monotonic) {
        self.earliest = change(self.earliest);
        self.due = change(self.due);
        self.gives_way_until = change(self.gives_way_until);
    }

    fn landed(&mut self, due: Monotonic) {
        self.out = false;
        self.due = due;
    }
}
