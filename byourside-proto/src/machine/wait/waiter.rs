//! Waiting for a call to end.
use super::{
    options::WaitOptions,
    outcome::{EventEffect, FinishedCall, WaitError},
    protocol::Waiting,
    status::{Reason, WaitStatus},
};
use crate::{
    api::{Api, GetCall},
    machine::{Action, Machine, Reply, Snapshot, SnapshotError, engine::Engine},
    types::{Call, CallId, Monotonic, Status},
    webhook::Event,
};
use core::time::Duration;

/// Polls the record of a call until it is terminal, or a verified event says that it is.
///
/// ```text
///           GET           terminal status
/// (start) ───────▶ (out) ─────────────────▶ done: the record
///          ▲         ├── 401, 403, 404, ... ▶ done: refused, with the last record
///          │ pause   │
///          └─────────┴── not terminal, or 5xx, 429, no answer, unreadable
///                    at the deadline: one last GET ▶ done: timed out, with the last record
///
///          a terminal event, whatever is going on ──▶ done: its record, or after one more GET that one
///          extend, after a timeout or a refusal ────▶ (start)
/// ```
///
/// The answers to an attempt that is out at the deadline and to the last one are waited for no longer than
/// [`WaitOptions::grace`] each. Where the service says nothing, the wait is over at the deadline.
///
/// ```
/// use byourside_proto::{Action, Api, CallId, Machine, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
/// use core::time::Duration;
///
/// let api = Api::with_key("bys_ak_example")?;
/// let mut now = Monotonic::ORIGIN;
/// let mut waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), now);
/// let mut answers = ["queued", "in_progress", "completed"].into_iter();
/// let ended = loop {
///     match waiter.poll(now) {
///         Action::Send(_, slot) => {
///             let body = format!(r#"{{"id":"c1","status":"{}"}}"#, answers.next().unwrap_or("queued"));
///             waiter.handle(now, slot.reply_ref(&http::Response::new(body)));
///         }
///         Action::Sleep(duration) => now = now.after(duration),
///         Action::Done(ended) => break ended,
///     }
/// };
/// assert_eq!(now.since_origin(), Duration::from_secs(6));
/// assert_eq!(ended.map(|ended| ended.counts.polls), Ok(3));
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CallWaiter(Engine<Waiting>);

impl CallWaiter {
    /// A machine that waits for this call. Its first request is wanted at once; `now` begins the timeout.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Machine, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(waiter.next_wake(), Some(Monotonic::ORIGIN));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn new(api: Api, id: CallId, options: WaitOptions, now: Monotonic) -> Self {
        Self(Engine::new(Waiting::new(GetCall(id), options, now), api, now))
    }

    /// The last record that was read.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(waiter.last(), None);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn last(&self) -> Option<&Call> {
        self.0.protocol.last.as_ref()
    }

    /// The status, if it changed since this was asked before. Ask after every `handle` to see each change.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let mut waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(waiter.take_change(), None);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn take_change(&mut self) -> Option<Status> {
        self.0.protocol.change.take()
    }

    /// Takes a verified event, whenever it comes: before, while or after anything is asked for. Poll again after it.
    ///
    /// A terminal event for this call ends the wait, at once or after one more GET: [`WaitOptions::on_terminal_event`].
    /// `call.in_progress` is a change of status. An event for another call, one that is here twice, late or out of order
    /// changes nothing. One that ends the call after a timeout was told is kept: [`extend`](Self::extend) the wait, and it
    /// ends with it. A terminal event that says otherwise than a terminal record, or one whose kind and status
    /// disagree, is reported and not believed.
    ///
    /// ```
    /// use byourside_proto::{Action, Machine, machine::wait::{EventEffect, EndSource}};
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let now = Monotonic::ORIGIN;
    /// # let mut waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), now);
    /// # let body = br#"{"event":"call.declined","callId":"c1","status":"declined"}"#;
    /// # let (secret, received) = (WebhookSecret::new("whsec_example")?, UnixTime::new(1_767_225_600));
    /// # let header = Signer::new(secret.clone()).sign(received, body);
    /// # let verifier = Verifier::new(secret);
    /// let event = verifier.verify(&header, body, received)?.event()?;
    /// assert_eq!(waiter.on_event(now, &event), EventEffect::Ended);
    /// let Action::Done(ended) = waiter.poll(now) else { panic!() };
    /// assert_eq!(ended?.end_source, EndSource::Event);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_event(&mut self, now: Monotonic, event: &Event) -> EventEffect {
        self.0.hear(now, |waiting, now, stage| waiting.hear(now, event, stage))
    }

    /// Gives the wait a new deadline, this long from now, with all that it knows: the last record, the counts, and which
    /// status was told. After a timeout, or another end without the end of the call, it goes on with one GET at once.
    /// A wait that saw the call end stays ended. Returns whether there is something to wait for.
    ///
    /// ```
    /// # use byourside_proto::{Action, Machine};
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// use core::time::Duration;
    /// let mut now = Monotonic::ORIGIN;
    /// let options = WaitOptions { timeout: Duration::ZERO, ..WaitOptions::default() };
    /// let mut waiter = CallWaiter::new(api, CallId::new("c1")?, options, now);
    /// let mut answer = |waiter: &mut CallWaiter, body: &'static str| loop {
    ///     match waiter.poll(now) {
    ///         Action::Send(_, slot) => waiter.handle(now, slot.reply_ref(&http::Response::new(body))),
    ///         Action::Sleep(pause) => now = now.after(pause),
    ///         Action::Done(end) => break end,
    ///     }
    /// };
    /// assert!(answer(&mut waiter, r#"{"id":"c1","status":"queued"}"#).is_err());
    /// assert!(waiter.extend(Monotonic::ORIGIN, Duration::from_secs(60)));
    /// let ended = answer(&mut waiter, r#"{"id":"c1","status":"completed"}"#);
    /// assert_eq!(ended.map(|ended| ended.counts.polls), Ok(2));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn extend(&mut self, now: Monotonic, timeout: Duration) -> bool {
        self.0
            .reopen(now, |waiting, now, output| waiting.extend(now, timeout, output))
    }

    /// How long it is until the last GET.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(waiter.time_left(Monotonic::ORIGIN).as_secs(), 180);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn time_left(&self, now: Monotonic) -> Duration {
        self.0.protocol.deadline.since(now.max(self.0.clock()))
    }

    /// What it is at, why, and for how long.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(waiter.status(Monotonic::ORIGIN).to_string(), "0.0 s: the first GET is due");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn status(&self, now: Monotonic) -> WaitStatus {
        let now = now.max(self.0.clock());
        let (wait, reason) = match self.0.until() {
            Some((until, true)) => (until.since(now), Reason::Asking),
            Some((until, false)) => (until.since(now), self.0.protocol.reason),
            None => (Duration::ZERO, Reason::Over),
        };
        WaitStatus { wait, reason }
    }

    /// What it knows, to be restored in another process: see [`Snapshot`].
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(waiter.snapshot(Monotonic::ORIGIN).machine(), "waiter");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self, now: Monotonic) -> Snapshot {
        self.0.snapshot(now)
    }

    /// Takes up where a snapshot was taken, with the time that was left then. A GET that was out counts as a failure.
    ///
    /// # Errors
    /// [`SnapshotError`] if it is of another machine or version, or was changed.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let now = Monotonic::ORIGIN;
    /// let waiter = CallWaiter::new(api.clone(), CallId::new("c1")?, WaitOptions::default(), now);
    /// assert_eq!(CallWaiter::restore(api, waiter.snapshot(now), now)?, waiter);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn restore(api: Api, snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError> {
        Engine::restore(api, snapshot, now).map(Self)
    }
}

impl Machine for CallWaiter {
    type Output = Result<FinishedCall, WaitError>;

    fn poll(&mut self, now: Monotonic) -> Action<Self::Output> {
        self.0.poll(now)
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.0.handle(now, reply);
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.0.next_wake()
    }
}
