//! How a set that waits for calls is stored in a snapshot.
use super::{
    calls::{Events, WaitingCall},
    listing::Listing,
    options::WaitSetOptions,
    set::{WaitSet, at_millis},
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

/// The state of a set. Times are stored as the time that is left, for calls in milliseconds.
#[derive(Serialize, Deserialize)]
struct State {
    options: WaitSetOptions,
    calls: Vec<StoredCall>,
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
struct StoredCall {
    id: CallId,
    grace: u64,
    deadline: u64,
    /// Negative if the GET is overdue, so that overdue calls keep their order.
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
    /// Takes a [`Snapshot`] of the set, to be restored in another process. It contains the results that were not taken
    /// yet.
    #[must_use]
    pub fn snapshot(&self, now: Monotonic) -> Snapshot {
        let now = self.clock.max(now);
        let left = |at| millis(Monotonic::new(at_millis(at).since(now)));
        let store = |(slot, waiting): (u32, &WaitingCall)| StoredCall {
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

    /// Restores a set from a snapshot, with the time that was left for each call then. A request that was in flight
    /// counts as a failure.
    ///
    /// # Errors
    /// [`SnapshotError`] if another kind of machine or an incompatible version took the snapshot, or if it is
    /// malformed.
    pub fn restore(api: Api, snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError> {
        let (state, aged) = snapshot.open::<State>(NAME)?;
        let restored = |left: Monotonic| now.after(left.since_origin().saturating_sub(aged));
        let mut set = Self::new(api, state.options, now);
        set.listing = state.listing;
        set.listing.map_times(restored);
        set.results = state.results.into();
        set.events_until = restored(state.events_until);
        set.gate = restored(state.gate);
        set.retry_after_until = restored(state.retry_after_until);
        set.rate_limited = state.rate_limited;
        set.requests = state.requests;
        set.seed = state.seed;
        let since = millis(now).saturating_sub(millis(Monotonic::new(aged)));
        let mut in_flight = Vec::new();
        for call in state.calls {
            let at = |left| millis(restored(at_millis(left)));
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
        // Lost requests fail only after all calls are restored, because a failure can pause the others.
        if set.listing.in_flight {
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
