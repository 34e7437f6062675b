//! A set on its way through a restart.
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

/// What a set knows. Moments are what remains until them.
#[derive(Serialize, Deserialize)]
struct State {
    options: PlaceSetOptions,
    /// Those that have an outcome, taken or not.
    done: Vec<Intent>,
    waiting: Vec<Waiting>,
    begun: Vec<(Intent, Snapshot)>,
    results: Vec<(Intent, Placement)>,
    gate: Monotonic,
    rate_limited: u32,
    requests: u64,
    seed: u64,
}

#[derive(Serialize, Deserialize)]
struct Waiting {
    intent: Intent,
    #[serde(with = "crate::machine::place::snapshot")]
    call: PlaceCall,
}

impl PlaceSet {
    /// What it knows, to be restored in another process: see [`Snapshot`]. Outcomes that were not taken are in it, and
    /// the names of all intents that ever were.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, machine::place_set::{PlaceSet, PlaceSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let set = PlaceSet::new(api, PlaceSetOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(set.snapshot(Monotonic::ORIGIN).machine(), "place_set");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self, now: Monotonic) -> Snapshot {
        let now = self.clock.max(now);
        let open = |intent: &Intent| self.begun.iter().any(|begun| begun.intent == *intent);
        let mut done = self.intents.clone();
        for (intent, _) in &self.waiting {
            done.remove(intent);
        }
        let waiting = |(intent, call): &(Intent, PlaceCall)| Waiting {
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

    /// Takes up where a snapshot was taken. Write one down *after* `poll` has given out a request and *before* it is
    /// sent: what was out is restored as *unknown*, and never sent again.
    ///
    /// # Errors
    /// [`SnapshotError`] if it is of another machine or version, or was changed.
    ///
    /// ```
    /// # use byourside_proto::{Action, Api, Machine, Monotonic, PlaceCall, machine::{place_set::{Intent, PlaceSet, PlaceSetOptions}, place::Placement}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let now = Monotonic::ORIGIN;
    /// let mut set = PlaceSet::new(api.clone(), PlaceSetOptions::default(), now);
    /// set.add(Intent::new("order-17"), PlaceCall::new("+14155550123", "Ask.")?);
    /// let Action::Send(_request, _slot) = set.poll(now) else { panic!() };
    /// let mut restored = PlaceSet::restore(api, set.snapshot(now), now)?;
    /// assert!(matches!(restored.take_result(), Some((_, Placement::Unknown(_)))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn restore(api: Api, snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError> {
        let (state, aged) = snapshot.open::<State>(NAME)?;
        let mut set = Self::new(api, state.options, now);
        set.intents.extend(state.done);
        set.results = state.results.into();
        set.gate = now.after(state.gate.since_origin().saturating_sub(aged));
        set.rate_limited = state.rate_limited;
        set.requests = state.requests;
        set.seed = state.seed;
        for Waiting { intent, call } in state.waiting {
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
