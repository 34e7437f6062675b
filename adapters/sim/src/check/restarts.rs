//! Processes that end at any moment, and restart from a snapshot.
use super::{intent::KEY, invariant::Invariant, stages::Stage};
use byourside_proto::{
    Api, Monotonic,
    machine::{Snapshot, SnapshotError, place::Placer, reconcile::Reconciler, wait::CallWaiter},
    webhook::Deduplicator,
};
use fastrand::Rng;
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

/// Draws when a process ends, and when the next one starts.
pub struct Restarts {
    pub random: Rng,
    pub percent: u32,
}

/// What is left of a program while no process runs it.
#[derive(Clone, Debug)]
pub struct StoppedProcess {
    machine: Snapshot,
    seen: Deduplicator,
    since: Monotonic,
    until: Monotonic,
}

impl Restarts {
    /// Draws whether the process ends now, and how long until the next one starts.
    pub fn draw(&mut self) -> Option<Duration> {
        let ends = self.random.u32(..100) < self.percent;
        ends.then(|| Duration::from_millis(self.random.u64(100..20_000)))
    }
}

impl StoppedProcess {
    /// Saves the state of a program, if its stage has a snapshot, and reads it back.
    pub fn of(
        stage: &Stage,
        seen: &Deduplicator,
        now: Monotonic,
        pause: Duration,
    ) -> Option<Result<Self, (Invariant, String)>> {
        let snapshot = stage.snapshot(now)?;
        let down = round_trip(&snapshot).and_then(|machine| {
            Ok(Self {
                machine,
                seen: round_trip(seen)?,
                since: now,
                until: now.after(pause),
            })
        });
        Some(down)
    }

    pub fn until(&self) -> Monotonic {
        self.until
    }

    /// Restores the stage in the next process.
    pub fn up(self, api: Api, now: Monotonic) -> Result<(Stage, Deduplicator), SnapshotError> {
        let snapshot = self.machine.aged(now.since(self.since));
        let stage = match snapshot.machine() {
            "placer" => Stage::Placing(Box::new(Placer::restore(api, snapshot, now)?)),
            "reconciler" => Stage::Reconciling(Box::new(Reconciler::restore(api, snapshot, now)?)),
            _ => Stage::Waiting(Box::new(CallWaiter::restore(api, snapshot, now)?)),
        };
        Ok((stage, self.seen))
    }
}

/// Serialises a value to JSON and parses it again, as if it had been written to a file.
pub(super) fn round_trip<T: Serialize + DeserializeOwned>(state: &T) -> Result<T, (Invariant, String)> {
    let broken = |what: &str, error| (Invariant::Restored, format!("{what}: {error}"));
    let text = serde_json::to_string(state).map_err(|error| broken("it cannot be written down", error))?;
    if text.contains(KEY) {
        return Err((Invariant::Secret, "the key is written down".into()));
    }
    serde_json::from_str(&text).map_err(|error| broken("what is written down cannot be read", error))
}
