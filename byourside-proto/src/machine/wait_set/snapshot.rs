//! A set on its way through a restart.
use super::{
    calls::Events,
    listing::Listing,
    options::WaitSetOptions,
    set::{WaitSet, moment},
};
use crate::{
    api::Api,
    machine::{
        Error, Snapshot, SnapshotError,
        snapshot::lost,
        wait::{FinishedCall, WaitCounts, WaitError},
    },
    types::{CallId, Monotonic, millis},
};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

const NAME: &str = "wait_set";

/// What a set knows. Moments are what remains until them, those of calls in milliseconds.
#[derive(Serialize, Deserialize)]
struct State {
    options: WaitSetOptions,
    calls: Vec<Stored>,
    listing: Listing,
    results: Vec<(CallId, Result<FinishedCall, WaitError>)>,
    #[serde(default)]
    events_until: Monotonic,
    gate: Monotonic,
    #[serde(default)]
    retry_after_until: Monotonic,
    rate_limited: u32,
    requests: u64,
    seed: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    id: CallId,
    grace: u64,
    deadline: u64,
    /// Negative where it is overdue: those that wait for room keep their turn.
    due: i64,
    counts: WaitCounts,
    failures: u8,
    in_flight: bool,
    seen: bool,
    #[serde(default)]
    events: Events,
    ended: Option<FinishedCall>,
}

impl WaitSet {
    /// What it knows, to be restored in another process: see [`Snapshot`]. Results that were not taken are in it.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, machine::wait_set::{WaitSet, WaitSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let set = WaitSet::new(api, WaitSetOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(set.snapshot(Monotonic::ORIGIN).machine(), "wait_set");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self, now: Monotonic) -> Snapshot {
        let now = self.clock.max(now);
        let left = |at| millis(Monotonic::new(moment(at).since(now)));
        let store = |(slot, waiting): (u32, &super::calls::Waiting)| Stored {
            id: waiting.id.to_call_id(),
            grace: left(waiting.grace),
            deadline: left(waiting.deadline),
            due: signed(waiting.due).saturating_sub(signed(millis(now))),
            counts: waiting.counts,
            failures: waiting.failures,
            in_flight: waiting.in_flight,
            seen: waiting.seen,
            events: waiting.events,
            ended: self.ended.get(&slot).cloned(),
        };
        let mut listing = self.listing.clone();
        listing.map_times(|at| Monotonic::new(at.since(now)));
        let state = State {
            options: self.options,
            calls: self.calls.iter().map(store).collect(),
            listing,
            results: self.results.iter().cloned().collect(),
            events_until: Monotonic::new(self.events_until.since(now)),
            gate: Monotonic::new(self.gate.since(now)),
            retry_after_until: Monotonic::new(self.retry_after_until.since(now)),
            rate_limited: self.rate_limited,
            requests: self.requests,
            seed: self.seed,
        };
        Snapshot::of(NAME, state)
    }

    /// Takes up where a snapshot was taken, with the time that was left for each call then. Requests that were out are
    /// lost: one failure more for each.
    ///
    /// # Errors
    /// [`SnapshotError`] if it is of another machine or version, or was changed.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait_set::{WaitSet, WaitSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let now = Monotonic::ORIGIN;
    /// let mut set = WaitSet::new(api.clone(), WaitSetOptions::default(), now);
    /// set.add(&CallId::new("c1")?, now);
    /// let restored = WaitSet::restore(api, set.snapshot(now), now)?;
    /// assert_eq!(restored.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn restore(api: Api, snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError> {
        let (state, aged) = snapshot.open::<State>(NAME)?;
        let later = |left: Monotonic| now.after(left.since_origin().saturating_sub(aged));
        let mut set = Self::new(api, state.options, now);
        set.listing = state.listing;
        set.listing.map_times(later);
        set.results = state.results.into();
        set.events_until = later(state.events_until);
        set.gate = later(state.gate);
        set.retry_after_until = later(state.retry_after_until);
        set.rate_limited = state.rate_limited;
        set.requests = state.requests;
        set.seed = state.seed;
        let since = millis(now).saturating_sub(millis(Monotonic::new(aged)));
        let mut in_flight = Vec::new();
        for call in state.calls {
            let at = |left| millis(later(moment(left)));
            let due = since.saturating_add_signed(call.due);
            let added = set.calls.add(call.id.as_str(), at(call.grace), at(call.deadline), due);
            let slot = added.ok_or(SnapshotError::Malformed)?;
            if let Some(waiting) = set.calls.get_mut(slot) {
                waiting.counts = call.counts;
                waiting.failures = call.failures;
                waiting.seen = call.seen;
                waiting.events = call.events;
            }
            if let Some(ended) = call.ended {
                set.ended.insert(slot, ended);
            }
            if call.in_flight {
                in_flight.push(slot);
            }
        }
        set.calls.sort_deadlines();
        // What is out is lost only once all is in place: a failure may pause the others.
        if set.listing.out {
            set.list_failed(now, &Error::Transport(lost()));
        }
        for slot in in_flight {
            set.failed(now, slot, Error::Transport(lost()));
        }
        Ok(set)
    }
}

fn signed(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}
