//! A machine on its way through a restart.
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

/// The form of what is inside. Another one is refused rather than misread.
const VERSION: u32 = 1;

/// What a machine knows, to be written down and restored in another process.
///
/// It serialises into any format that describes itself, such as JSON. The API key is not in it; what the call is
/// about is: phone numbers, the objective, the last record. `Debug` shows none of that.
///
/// Moments are kept as what remains until them, so the clock of the next process may have another origin.
/// A machine that is restored takes up where it was, as if no time had passed, or as if as much had passed as
/// [`aged`](Self::aged) says. A request that was out is lost: for a read that is one failure more, and for a placing it
/// is the end, *unknown*; never a second POST.
///
/// ```
/// use byourside_proto::{Api, CallId, Machine, Monotonic, machine::{Snapshot, wait::{CallWaiter, WaitOptions}}};
/// use core::time::Duration;
///
/// let api = || Ok::<_, byourside_proto::BuildError>(Api::with_key("bys_ak_example")?);
/// let now = Monotonic::new(Duration::from_secs(500));
/// let waiter = CallWaiter::new(api()?, CallId::new("c1")?, WaitOptions::default(), now);
/// let text = serde_json::to_string(&waiter.snapshot(now))?;
/// assert!(!text.contains("bys_ak_example"));
///
/// let snapshot: Snapshot = serde_json::from_str(&text)?;
/// let waiter = CallWaiter::restore(api()?, snapshot, Monotonic::ORIGIN)?;
/// assert_eq!(waiter.next_wake(), Some(Monotonic::ORIGIN));
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
    /// This long has passed since it was taken: timeouts went on in the meantime.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # use core::time::Duration;
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let waiter = CallWaiter::new(api.clone(), CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// let snapshot = waiter.snapshot(Monotonic::ORIGIN).aged(Duration::from_secs(60));
    /// let waiter = CallWaiter::restore(api, snapshot, Monotonic::ORIGIN)?;
    /// assert_eq!(waiter.time_left(Monotonic::ORIGIN), Duration::from_secs(120));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn aged(mut self, passed: Duration) -> Self {
        self.aged = self.aged.saturating_add(passed);
        self
    }

    /// Which machine it is of: `waiter`, `placer`, `reconciler`, `wait_set` or `place_set`.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(waiter.snapshot(Monotonic::ORIGIN).machine(), "waiter");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn machine(&self) -> &str {
        &self.machine
    }

    /// Of a state whose moments are what remains until them.
    pub(crate) fn of(machine: &str, state: impl Serialize) -> Self {
        Self {
            machine: machine.into(),
            version: VERSION,
            aged: Duration::ZERO,
            // Strings, numbers, and lists and maps of them: serialising cannot fail.
            state: serde_json::to_value(state).unwrap_or_default(),
        }
    }

    /// The state, and how long ago it was taken.
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

/// Why a snapshot was not restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is of another kind of machine than this one.
    WrongMachine {
        /// The one that was to be restored.
        expected: &'static str,
    },
    /// It is of another version of this library.
    WrongVersion {
        /// The version of the snapshot.
        found: u32,
        /// The one that is read here.
        supported: u32,
    },
    /// It was changed since it was written.
    Malformed,
}

impl SnapshotError {
    /// A short name of the reason, for logs and metrics.
    ///
    /// ```
    /// assert_eq!(byourside_proto::machine::SnapshotError::Malformed.code(), "malformed_snapshot");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongMachine { .. } => "wrong_machine",
            Self::WrongVersion { .. } => "wrong_snapshot_version",
            Self::Malformed => "malformed_snapshot",
        }
    }

    /// Always 0: no answer came.
    ///
    /// ```
    /// assert_eq!(byourside_proto::machine::SnapshotError::Malformed.status(), 0);
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        0
    }
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongMachine { expected } => write!(f, "the snapshot is not of a {expected}; restore what it is of"),
            Self::WrongVersion { found, supported } => write!(
                f,
                "the snapshot has version {found}, and {supported} is read here; restore it with the library that took it"
            ),
            Self::Malformed => f.write_str("the snapshot is not as it was written; take another one"),
        }
    }
}

impl core::error::Error for SnapshotError {}

/// What became of a request that was out when the snapshot was taken.
pub(crate) fn lost() -> TransportFailure {
    TransportFailure::maybe_sent("the process ended while the request was out")
}

/// A protocol that can outlive its process.
pub(crate) trait Persist:
    Protocol<Output: Serialize + DeserializeOwned> + Serialize + DeserializeOwned + Clone
{
    const NAME: &'static str;

    /// Changes each moment that is kept. Only this may be asked of one: whether it has come.
    fn map_times(&mut self, change: impl Fn(Monotonic) -> Monotonic);
}

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
        state.map_times(|moment| Monotonic::new(moment.since(now)));
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
