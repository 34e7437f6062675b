//! Snapshots: the state of a machine, to be stored and restored in another process.
use super::{
    engine::{Engine, Phase, Protocol},
    reply::Answer,
    transport_error::TransportFailure,
};
use crate::{api::Api, types::Monotonic};
use alloc::string::String;
use core::{fmt, time::Duration};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The version of the format. Any other version is refused, so that nothing is misread.
const VERSION: u32 = 2;

/// The state of a machine, to be stored and restored in another process.
///
/// A snapshot serialises into any self-describing format, such as JSON. It does not contain the API key. It does
/// contain phone numbers, the objective and the last record, so store it as carefully as those; `Debug` shows none of
/// them.
///
/// Times are stored as the time that is left, so the clock of the next process can have another origin. A restored
/// machine continues as if no time had passed, or as if the time had passed that [`aged`](Self::aged) names.
///
/// A request that was in flight is lost. For a GET that counts as one more failure. A POST is never sent again: the
/// outcome of that placement is *unknown*.
///
/// ```
/// use byourside_proto::{Api, CallId, Monotonic, machine::{Snapshot, wait::{CallWaiter, WaitOptions}}};
/// use core::time::Duration;
///
/// let api = Api::with_key("bys_ak_example")?;
/// let start = Monotonic::new(Duration::from_secs(500));
/// let waiter = CallWaiter::new(api.clone(), CallId::new("c1")?, WaitOptions::default(), start);
/// let text = serde_json::to_string(&waiter.snapshot(start))?;
/// assert!(!text.contains("bys_ak_example"));
///
/// // A minute later, in another process.
/// let snapshot: Snapshot = serde_json::from_str(&text)?;
/// let now = Monotonic::ORIGIN;
/// let waiter = CallWaiter::restore(api, snapshot.aged(Duration::from_secs(60)), now)?;
/// assert_eq!(waiter.time_left(now), Duration::from_secs(120));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    machine: String,
    version: u32,
    #[serde(default)]
    aged: Duration,
    state: Value,
}

impl Snapshot {
    /// The same snapshot, taken `passed` earlier: deadlines and pauses have gone on for that long.
    #[must_use]
    pub fn aged(mut self, passed: Duration) -> Self {
        self.aged = self.aged.saturating_add(passed);
        self
    }

    /// The kind of machine that took the snapshot: `waiter`, `placer`, `reconciler`, `wait_set` or `place_set`.
    #[must_use]
    pub fn machine(&self) -> &str {
        &self.machine
    }

    /// A snapshot of `state`, whose times are the time that is left.
    pub(crate) fn of(machine: &str, state: impl Serialize) -> Self {
        Self {
            machine: machine.into(),
            version: VERSION,
            aged: Duration::ZERO,
            // The state consists of strings, numbers, lists and maps: serialising it cannot fail.
            state: serde_json::to_value(state).unwrap_or_default(),
        }
    }

    /// Reads the state, and how long ago the snapshot was taken.
    pub(crate) fn open<S: DeserializeOwned>(self, expected: &'static str) -> Result<(S, Duration), SnapshotError> {
        if self.machine != expected {
            return Err(SnapshotError::WrongMachine { expected });
        }
        if self.version != VERSION {
            return Err(SnapshotError::WrongVersion {
                found: self.version,
                supported: VERSION,
            });
        }
        let state = serde_json::from_value(self.state).map_err(|_| SnapshotError::Malformed)?;
        Ok((state, self.aged))
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("machine", &self.machine)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Why a snapshot cannot be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// Another kind of machine took the snapshot.
    WrongMachine {
        /// The kind of machine that was to be restored.
        expected: &'static str,
    },
    /// An incompatible version of this library took the snapshot.
    WrongVersion {
        /// The format version of the snapshot.
        found: u32,
        /// The format version that this library reads.
        supported: u32,
    },
    /// The state is not as it was written.
    Malformed,
}

impl SnapshotError {
    /// A short name of the error, for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongMachine { .. } => "wrong_machine",
            Self::WrongVersion { .. } => "wrong_snapshot_version",
            Self::Malformed => "malformed_snapshot",
        }
    }

    /// Always 0: there was no HTTP answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        0
    }
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongMachine { expected } => {
                write!(
                    f,
                    "the snapshot is not that of a {expected}; restore it as the kind of machine that took it"
                )
            }
            Self::WrongVersion { found, supported } => write!(
                f,
                "the snapshot has version {found}, and this library reads version {supported}; restore it with the \
                 version of this library that took it"
            ),
            Self::Malformed => {
                f.write_str("the snapshot is malformed: its state was changed after it was taken; take a new one")
            }
        }
    }
}

impl core::error::Error for SnapshotError {}

/// The failure of a request that was in flight when the snapshot was taken: it may have been sent.
pub(crate) fn lost() -> TransportFailure {
    TransportFailure::maybe_sent("the process ended while the request was in flight")
}

/// A protocol that can be stored in a snapshot.
pub(crate) trait Persist:
    Protocol<Output: Serialize + DeserializeOwned> + Serialize + DeserializeOwned + Clone
{
    /// The kind of machine, as [`Snapshot::machine`] names it.
    const NAME: &'static str;

    /// Applies `change` to each moment in the state.
    ///
    /// A snapshot drops how long ago a past moment was, so a protocol may only ask whether a moment has passed.
    fn map_times(&mut self, change: impl Fn(Monotonic) -> Monotonic);
}

/// What a snapshot stores of an engine.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
struct State<P: Persist> {
    protocol: P,
    phase: Phase<P::Output>,
}

impl<P: Persist> State<P> {
    fn map_times(&mut self, change: impl Fn(Monotonic) -> Monotonic) {
        match &mut self.phase {
            Phase::Idle(until) | Phase::InFlight(until) => *until = change(*until),
            Phase::Done { .. } => {}
        }
        self.protocol.map_times(change);
    }
}

impl<P: Persist> Engine<P> {
    pub(crate) fn snapshot(&self, now: Monotonic) -> Snapshot {
        let now = self.clock.max(now);
        let mut state = State {
            protocol: self.protocol.clone(),
            phase: self.phase.clone(),
        };
        state.map_times(|at| Monotonic::new(at.since(now)));
        Snapshot::of(P::NAME, state)
    }

    pub(crate) fn restore(api: Api, snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError> {
        let (mut state, aged) = snapshot.open::<State<P>>(P::NAME)?;
        state.map_times(|left| now.after(left.since_origin().saturating_sub(aged)));
        let mut engine = Self::new(state.protocol, api, now);
        engine.phase = state.phase;
        if let Phase::InFlight(_) = engine.phase {
            engine.answered(now, Answer::Failed(lost()));
        }
        Ok(engine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::PlaceCall,
        machine::{
            place::{PlaceOptions, Placer},
            place_set::{PlaceSet, PlaceSetOptions},
            reconcile::{ReconcileOptions, Reconciler},
            wait::{CallWaiter, WaitOptions},
            wait_set::{WaitSet, WaitSetOptions},
        },
        testing::{api, at},
        types::CallId,
    };
    use alloc::string::ToString;

    #[test]
    fn snapshot_names_the_machine_that_took_it() {
        let (id, now) = (CallId::new("c1").unwrap(), at(0));
        let call = || PlaceCall::new("+14155550123", "Ask.").unwrap();
        let waiter = CallWaiter::new(api(), id, WaitOptions::default(), now);
        assert_eq!(waiter.snapshot(now).machine(), "waiter");
        let placer = Placer::new(api(), call(), PlaceOptions::default(), now);
        assert_eq!(placer.snapshot(now).machine(), "placer");
        let reconciler = Reconciler::new(api(), call(), ReconcileOptions::default(), now);
        assert_eq!(reconciler.snapshot(now).machine(), "reconciler");
        let wait_set = WaitSet::new(api(), WaitSetOptions::default(), now);
        assert_eq!(wait_set.snapshot(now).machine(), "wait_set");
        let place_set = PlaceSet::new(api(), PlaceSetOptions::default(), now);
        assert_eq!(place_set.snapshot(now).machine(), "place_set");
    }

    #[test]
    fn snapshot_error_names_its_reason_and_says_what_to_do() {
        let wrong_machine = SnapshotError::WrongMachine { expected: "placer" };
        let wrong_version = SnapshotError::WrongVersion { found: 1, supported: 2 };
        for (error, code, text) in [
            (wrong_machine, "wrong_machine", "the snapshot is not that of a placer"),
            (wrong_version, "wrong_snapshot_version", "the snapshot has version 1"),
            (
                SnapshotError::Malformed,
                "malformed_snapshot",
                "the snapshot is malformed",
            ),
        ] {
            assert_eq!((error.code(), error.status()), (code, 0));
            assert!(error.to_string().starts_with(text), "{error}");
        }
    }
}
