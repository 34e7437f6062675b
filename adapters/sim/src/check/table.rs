//! Counts over many calls.
use super::lifecycle::{CallHistory, Outcome};
use byourside_proto::{Monotonic, machine::wait::EndSource};
use std::time::Duration;
use std::{collections::BTreeMap, fmt};

/// Counts over many calls, the same for the same seed. `Display` prints them as a table.
#[derive(Default)]
pub struct Table {
    calls: u64,
    outcomes: BTreeMap<String, u64>,
    posts: BTreeMap<u32, u64>,
    requests: u64,
    most_requests: u32,
    reconciled: u64,
    restarts: u64,
    events: u64,
    repeated: u64,
    waits: BTreeMap<&'static str, u64>,
    steps: u64,
    virtual_time: Duration,
}

impl Table {
    /// How many calls have ended.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// Adds the counts of another table.
    pub fn merge(&mut self, other: Self) {
        self.calls += other.calls;
        self.requests += other.requests;
        self.most_requests = self.most_requests.max(other.most_requests);
        self.reconciled += other.reconciled;
        self.restarts += other.restarts;
        self.events += other.events;
        self.repeated += other.repeated;
        self.steps += other.steps;
        self.virtual_time += other.virtual_time;
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        for (posts, count) in other.posts {
            *self.posts.entry(posts).or_default() += count;
        }
        for (by, count) in other.waits {
            *self.waits.entry(by).or_default() += count;
        }
    }

    pub(super) fn step(&mut self) {
        self.steps += 1;
    }

    pub(super) fn wave(&mut self, end: Monotonic) {
        self.virtual_time += end.since_origin();
    }

    pub(super) fn add(&mut self, outcome: &Outcome, history: &CallHistory) {
        self.calls += 1;
        self.requests += u64::from(history.requests);
        self.most_requests = self.most_requests.max(history.requests);
        self.reconciled += u64::from(history.reconciled);
        self.restarts += u64::from(history.restarts);
        self.events += u64::from(history.events);
        self.repeated += u64::from(history.repeated);
        *self.posts.entry(history.posts).or_default() += 1;
        let (name, wait) = match outcome {
            Outcome::Ended(status, EndSource::Poll) => (status.as_str(), Some("by a poll")),
            Outcome::Ended(status, EndSource::Event) => (status.as_str(), Some("by an event")),
            Outcome::TimedOut => ("timed out", Some("by the deadline")),
            Outcome::GaveUp => ("gave up", Some("by failures in a row")),
            Outcome::NotPlaced => ("not placed", None),
            Outcome::Unknown => ("unknown", None),
        };
        if let Some(wait) = wait {
            *self.waits.entry(wait).or_default() += 1;
        }
        match self.outcomes.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                self.outcomes.insert(name.to_owned(), 1);
            }
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = self.calls;
        writeln!(f, "calls               {calls:>10}")?;
        for (outcome, count) in &self.outcomes {
            writeln!(f, "  {outcome:<17} {count:>10}")?;
        }
        writeln!(f, "waits that ended")?;
        for (by, count) in &self.waits {
            writeln!(f, "  {by:<20} {count:>7}")?;
        }
        writeln!(f, "reconciled          {:>10}", self.reconciled)?;
        writeln!(f, "restarted           {:>10}", self.restarts)?;
        writeln!(f, "events              {:>10}", self.events)?;
        writeln!(f, "  repeated          {:>10}", self.repeated)?;
        writeln!(f, "POSTs for one call")?;
        for (posts, count) in &self.posts {
            writeln!(f, "  {posts:<17} {count:>10}")?;
        }
        let hundredths = (self.requests * 100).checked_div(calls).unwrap_or(0);
        writeln!(
            f,
            "requests for a call {:>7}.{:02}, at most {}",
            hundredths / 100,
            hundredths % 100,
            self.most_requests
        )?;
        writeln!(f, "steps               {:>10}", self.steps)?;
        write!(f, "virtual time        {:>10} s", self.virtual_time.as_secs())
    }
}
