//! How a set that places calls is stored in a snapshot.
use super::{
    intent::Intent,
    options::PlaceSetOptions,
    set::{Begun, PlaceSet},
};
use crate::{
    api::{Api, PlaceCall},
    machine::{
        Snapshot, SnapshotError,
        place::{Placement, Placer},
    },
    types::Monotonic,
};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

const NAME: &str = "place_set";

/// The state of a set. Times are stored as the time that is left.
#[derive(Serialize, Deserialize)]
struct State {
    options: PlaceSetOptions,
    /// Intents that have an outcome, taken or not, or that were removed.
    done: Vec<Intent>,
    waiting: Vec<StoredCall>,
    begun: Vec<(Intent, Snapshot)>,
    results: Vec<(Intent, Placement)>,
    gate: Monotonic,
    rate_limited: u32,
    requests: u64,
    seed: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredCall {
    intent: Intent,
    #[serde(with = "crate::machine::place::snapshot")]
    call: PlaceCall,
}

impl PlaceSet {
    /// Takes a [`Snapshot`] of the set, to be restored in another process. It contains the outcomes that were not taken
    /// yet, and the names of all intents that were ever added.
    #[must_use]
    pub fn snapshot(&self, now: Monotonic) -> Snapshot {
        let now = self.clock.max(now);
        let open = |intent: &Intent| self.begun.iter().any(|begun| begun.intent == *intent);
        let mut done = self.intents.clone();
        for (intent, _) in &self.waiting {
            done.remove(intent);
        }
        let waiting = |(intent, call): &(Intent, PlaceCall)| StoredCall {
            intent: intent.clone(),
            call: call.clone(),
        };
        let begun = |begun: &Begun| (begun.intent.clone(), begun.placer.snapshot(now));
        let state = State {
            options: self.options,
            done: done.into_iter().filter(|intent| !open(intent)).collect(),
            waiting: self.waiting.iter().map(waiting).collect(),
            begun: self.begun.iter().map(begun).collect(),
            results: self.results.iter().cloned().collect(),
            gate: Monotonic::new(self.gate.since(now)),
            rate_limited: self.rate_limited,
            requests: self.requests,
            seed: self.seed,
        };
        Snapshot::of(NAME, state)
    }

    /// Restores a set from a snapshot.
    ///
    /// Store a snapshot *after* `poll` has returned a request and *before* it is sent: a call whose request was in
    /// flight is restored as *unknown*, and its request is never sent again.
    ///
    /// # Errors
    /// [`SnapshotError`] if another kind of machine or an incompatible version took the snapshot, or if it is
    /// malformed.
    pub fn restore(api: Api, snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError> {
        let (state, aged) = snapshot.open::<State>(NAME)?;
        let mut set = Self::new(api, state.options, now);
        set.intents.extend(state.done);
        set.results = state.results.into();
        set.gate = now.after(state.gate.since_origin().saturating_sub(aged));
        set.rate_limited = state.rate_limited;
        set.requests = state.requests;
        set.seed = state.seed;
        for StoredCall { intent, call } in state.waiting {
            if !set.add(intent, call) {
                return Err(SnapshotError::Malformed);
            }
        }
        for (intent, placer) in state.begun {
            if !set.intents.insert(intent.clone()) {
                return Err(SnapshotError::Malformed);
            }
            let placer = Placer::restore(set.api.clone(), placer.aged(aged), now)?;
            set.begun.push(Begun { intent, placer });
        }
        for at in (0..set.begun.len()).rev() {
            set.collect(now, at);
        }
        Ok(set)
    }
}
