//! Finding out what became of a placement that is unknown.
use super::{options::ReconcileOptions, outcome::Reconciliation, protocol::Reconciling};
use crate::{
    api::{Api, PlaceCall},
    machine::{Action, Machine, Reply, Snapshot, SnapshotError, engine::Engine},
    types::{CallId, Monotonic},
    webhook::Event,
};

/// Looks for a call whose placement is [`Unknown`](crate::machine::place::Unknown), so that it is neither lost nor placed twice.
///
/// It lists recent calls and looks for one of the same `to` and `objective`, whose `callerId` and `webhookUrl` are not
/// others. Only another number, caller, token or objective makes another call: one that is merely spelt otherwise, cut
/// short or masked leaves it open, and no call is absent as long as that is so.
///
/// List entries are promised no more than an id and a status: one that leaves open what it is about is looked up with a
/// GET of its own, a bounded number of them.
///
/// ```text
///           list            one candidate
/// (start) ───────▶ (out) ──────────────────────────────▶ found
///          ▲         ├── several ──────────────────────▶ ambiguous
///          │         ├── 401, 403 ─────────────────────▶ ambiguous, with the failure
///          │         ├── none, twice, and settled ─────▶ absent
///          │ pause   │   the list has fewer entries than were asked for, or one known from before
///          └─────────┴── none yet, 5xx, 429, no answer, unreadable, or an entry that cannot be judged
///                    at the deadline: one last list ───▶ ambiguous, if it does not decide
///
///          a verified event with this call's token ────▶ found, whatever is going on
/// ```
///
/// A candidate is only as good as what is [`known`](Self::known): an earlier call of the same number and objective that
/// is not known from before is taken for this one. A [correlation token](PlaceCall::correlation) leaves no such doubt.
///
/// Several candidates end it at once, unless the call has a token: then an event may still tell which it is.
///
/// ```
/// use byourside_proto::{Api, Monotonic, PlaceCall, machine::reconcile::{ReconcileOptions, Reconciler, Reconciliation}};
/// use byourside_proto::{CallId, drive_blocking};
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
    /// A machine that looks for this call. Its first request is wanted at once; `now` begins the timeout and the time
    /// to settle, so make it when the placement became unknown, not before.
    ///
    /// ```
    /// # use byourside_proto::{Api, Machine, Monotonic, PlaceCall, machine::reconcile::{ReconcileOptions, Reconciler}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let call = PlaceCall::new("+14155550123", "Ask.")?;
    /// let reconciler = Reconciler::new(api, call, ReconcileOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(reconciler.next_wake(), Some(Monotonic::ORIGIN));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn new(api: Api, call: PlaceCall, options: ReconcileOptions, now: Monotonic) -> Self {
        Self(Engine::new(Reconciling::new(call, options, now), api, now))
    }

    /// Calls that were there before this one was to be placed: those of a list read then, or earlier ones of the same
    /// number and objective. None of them is a candidate, and one of them in a list that is full proves that the list
    /// reaches back far enough to say that a call is absent.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, PlaceCall, machine::reconcile::{ReconcileOptions, Reconciler}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let call = PlaceCall::new("+14155550123", "Ask.")?;
    /// # let before: Vec<byourside_proto::Call> = vec![];
    /// let reconciler = Reconciler::new(api, call, ReconcileOptions::default(), Monotonic::ORIGIN)
    ///     .known(before.iter().filter_map(|call| call.call_id()));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn known(mut self, ids: impl IntoIterator<Item = CallId>) -> Self {
        self.0.protocol.known.before.extend(ids);
        self
    }

    /// Takes a verified event, and the token that [`correlation_token`](crate::api::correlation_token) reads from the URI of
    /// its delivery. Poll again after it.
    ///
    /// With this call's own token it is proof: found, with the event's record. With another token its call is ruled
    /// out. Without one, or if this call has none, an event of the same number and objective whose id is not known from
    /// before counts as an entry of the list, and the list is read at once.
    ///
    /// Returns whether it is proof. What [`poll`](Machine::poll) has already told stays: rule 5.
    ///
    /// ```
    /// use byourside_proto::{Action, Machine, machine::reconcile::Reconciliation};
    /// # use byourside_proto::{Api, Monotonic, PlaceCall, machine::reconcile::{ReconcileOptions, Reconciler}};
    /// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let now = Monotonic::ORIGIN;
    /// # let body = br#"{"event":"call.in_progress","callId":"c1"}"#;
    /// # let (secret, received) = (WebhookSecret::new("whsec_example")?, UnixTime::new(1_767_225_600));
    /// # let header = Signer::new(secret.clone()).sign(received, body);
    /// # let verifier = Verifier::new(secret);
    /// let call = PlaceCall::new("+14155550123", "Ask.")?
    ///     .webhook_url("https://hooks.example/bys")?
    ///     .correlation("order-17")?;
    /// let mut reconciler = Reconciler::new(api, call, ReconcileOptions::default(), now);
    /// let event = verifier.verify(&header, body, received)?.event()?;
    /// assert!(reconciler.on_event(now, &event, Some("order-17")));
    /// assert!(matches!(reconciler.poll(now), Action::Done(Reconciliation::Found(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_event(&mut self, now: Monotonic, event: &Event, token: Option<&str>) -> bool {
        self.0
            .hear(now, |reconciling, _now, stage| reconciling.hear(event, token, stage))
    }

    /// What it knows, to be restored in another process: see [`Snapshot`].
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, PlaceCall, machine::reconcile::{ReconcileOptions, Reconciler}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let call = PlaceCall::new("+14155550123", "Ask.")?;
    /// let reconciler = Reconciler::new(api, call, ReconcileOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(reconciler.snapshot(Monotonic::ORIGIN).machine(), "reconciler");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self, now: Monotonic) -> Snapshot {
        self.0.snapshot(now)
    }

    /// Takes up where a snapshot was taken, with the time that was left then.
    ///
    /// # Errors
    /// [`SnapshotError`] if it is of another machine or version, or was changed.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, PlaceCall, machine::reconcile::{ReconcileOptions, Reconciler}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let call = PlaceCall::new("+14155550123", "Ask.")?;
    /// # let now = Monotonic::ORIGIN;
    /// let reconciler = Reconciler::new(api.clone(), call, ReconcileOptions::default(), now);
    /// assert_eq!(Reconciler::restore(api, reconciler.snapshot(now), now)?, reconciler);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
