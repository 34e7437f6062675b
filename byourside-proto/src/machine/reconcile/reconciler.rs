//! The machine that finds out whether a call was placed. What it decides, and when, is in `protocol.rs`.
use super::{options::ReconcileOptions, outcome::Reconciliation, protocol::Reconciling};
use crate::{
    api::{Api, PlaceCall},
    machine::{Action, Machine, Reply, Snapshot, SnapshotError, engine::Engine},
    types::{CallId, Monotonic},
    webhook::Event,
};

/// Finds out whether a call was placed whose placement is [`Unknown`](crate::machine::place::Unknown), so that the call
/// is neither lost nor placed twice.
///
/// The [module](super) shows its states, and what *found*, *absent* and *ambiguous* need.
///
/// A candidate is only as good as the [known](Self::known) calls: an earlier call to the same number with the same
/// objective is taken for this one, unless it is known from before. A [correlation token](PlaceCall::correlation)
/// leaves no such doubt. Several candidates end the machine at once, unless the call has a correlation token: then an
/// event can still show which one it is.
///
/// ```
/// use byourside_proto::{Api, CallId, Monotonic, PlaceCall, drive_blocking};
/// use byourside_proto::machine::reconcile::{ReconcileOptions, Reconciler, Reconciliation};
///
/// let api = Api::with_key("bys_ak_example")?;
/// let call = PlaceCall::new("+14155550123", "Confirm the appointment.")?;
/// let mut reconciler = Reconciler::new(api, call, ReconcileOptions::default(), Monotonic::ORIGIN)
///     .known([CallId::new("c1")?]);
/// let list = r#"{"calls": [
///     {"callId": "c2", "status": "queued", "to": "+14155550123", "objective": "Confirm the appointment."},
///     {"callId": "c1", "status": "completed", "to": "+14155550123", "objective": "Confirm the appointment."}
/// ]}"#;
/// let answer = |_request, _timeout| Ok(http::Response::new(list));
/// let found = drive_blocking(&mut reconciler, answer, |_| {}, || Monotonic::ORIGIN);
/// assert!(matches!(found, Reconciliation::Found(call) if call.id() == Some("c2")));
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Reconciler(Engine<Reconciling>);

impl Reconciler {
    /// Creates a machine that looks for `call`. It requests its first list at once.
    ///
    /// The timeout and the time to settle begin at `now`, so create it after the placement is known to be unknown, not
    /// before.
    #[must_use]
    pub fn new(api: Api, call: PlaceCall, options: ReconcileOptions, now: Monotonic) -> Self {
        Self(Engine::new(Reconciling::new(call, options, now), api, now))
    }

    /// Adds calls that existed before this one was to be placed: from a list that was read then, or earlier calls to
    /// the same number.
    ///
    /// They are no candidates. A full list that shows one of them reaches back far enough to prove that a call is
    /// absent.
    #[must_use]
    pub fn known(mut self, ids: impl IntoIterator<Item = CallId>) -> Self {
        self.0.protocol.known.before.extend(ids);
        self
    }

    /// Takes a verified webhook event, and returns whether it proves that the call was placed. Poll again after it.
    ///
    /// `token` is the correlation token that [`correlation_token`](crate::api::correlation_token) reads from the URI of
    /// the delivery:
    /// - The token of this call is proof: the machine ends as *found*, with the record of the event.
    /// - Another token rules out the call that the event names.
    /// - If the delivery or this call has no token, an event with the same number and objective counts as an entry of
    ///   the list, and the list is requested at once. A known call does not count.
    ///
    /// An output that [`poll`](Machine::poll) has already returned stays as it is (rule 5).
    pub fn on_event(&mut self, now: Monotonic, event: &Event, token: Option<&str>) -> bool {
        self.0.on_event(now, |reconciling, _now, stage| {
            reconciling.on_event(event, token, stage)
        })
    }

    /// Takes a [`Snapshot`] of the machine, to be restored in another process.
    #[must_use]
    pub fn snapshot(&self, now: Monotonic) -> Snapshot {
        self.0.snapshot(now)
    }

    /// Restores a machine from a snapshot, with the time that was left then. A request that was in flight counts as a
    /// failure.
    ///
    /// # Errors
    /// [`SnapshotError`] if another kind of machine or an incompatible version took the snapshot, or if it is
    /// malformed.
    pub fn restore(api: Api, snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError> {
        Engine::restore(api, snapshot, now).map(Self)
    }
}

impl Machine for Reconciler {
    type Output = Reconciliation;

    fn poll(&mut self, now: Monotonic) -> Action<Reconciliation> {
        self.0.poll(now)
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.0.handle(now, reply);
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.0.next_wake()
    }
}
