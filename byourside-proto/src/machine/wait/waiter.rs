//! The machine that waits for one call. What it decides, and when, is in `protocol.rs`.
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

/// Waits until one call has ended: a record has a terminal status, or a verified webhook event says so.
///
/// The [module](super) shows its states. At the deadline one last GET is sent, and its answer is waited for at most
/// [`WaitOptions::grace`]. An earlier GET can still be in flight at the deadline. It is given up then, or `grace` after
/// it was sent, whichever is later. If it is given up, the wait ends without a last GET. If it is answered or fails
/// before that, and this does not end the wait, the last GET follows.
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
    /// Creates a machine that waits for the call `id`. It sends its first GET at once, and its timeout begins at `now`.
    #[must_use]
    pub fn new(api: Api, id: CallId, options: WaitOptions, now: Monotonic) -> Self {
        Self(Engine::new(Waiting::new(GetCall(id), options, now), api, now))
    }

    /// The last record that a GET returned.
    #[must_use]
    pub fn last(&self) -> Option<&Call> {
        self.0.protocol.last.as_ref()
    }

    /// Returns the new status of the call if it has changed since this method was last used. To see each change, ask
    /// after every `handle` and every [`on_event`](Self::on_event).
    pub fn take_change(&mut self) -> Option<Status> {
        self.0.protocol.change.take()
    }

    /// Takes a verified webhook event, at any time. Poll again after it.
    ///
    /// - A terminal event for this call ends the wait, at once or after further GETs: see
    ///   [`WaitOptions::on_terminal_event`].
    /// - `call.in_progress` changes the status.
    /// - An event that is repeated, late, or for another call changes nothing.
    /// - A terminal event after `poll` has returned a [`WaitError`] is kept: [`extend`](Self::extend) the wait, and it
    ///   ends with that event.
    /// - An event is reported as [`EventEffect::Conflict`] and not believed if it contradicts a terminal record, or if
    ///   its kind and its status differ.
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
        self.0
            .on_event(now, |waiting, now, stage| waiting.on_event(now, event, stage))
    }

    /// Gives the wait a new deadline, `timeout` from `now`. Returns false, and changes nothing, if the wait has already
    /// ended with a [`FinishedCall`].
    ///
    /// After a [`WaitError`], the same wait goes on with one GET at once. It keeps the last record, the counts, and the
    /// status that it reported.
    ///
    /// ```
    /// use byourside_proto::{Action, Api, CallId, Machine, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// use core::time::Duration;
    ///
    /// let now = Monotonic::ORIGIN;
    /// let options = WaitOptions { timeout: Duration::ZERO, ..WaitOptions::default() };
    /// let mut waiter = CallWaiter::new(Api::with_key("bys_ak_example")?, CallId::new("c1")?, options, now);
    /// let Action::Send(_get, slot) = waiter.poll(now) else { panic!() };
    /// waiter.handle(now, slot.reply_ref(&http::Response::new(r#"{"id":"c1","status":"queued"}"#)));
    /// let now = now.after(Duration::from_secs(1));
    /// assert!(matches!(waiter.poll(now), Action::Done(Err(error)) if error.code() == "timeout"));
    ///
    /// assert!(waiter.extend(now, Duration::from_secs(60)));
    /// assert!(matches!(waiter.poll(now), Action::Send(..)));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn extend(&mut self, now: Monotonic, timeout: Duration) -> bool {
        self.0
            .reopen(now, |waiting, now, output| waiting.extend(now, timeout, output))
    }

    /// The time from `now` to the deadline, when the last GET is sent.
    #[must_use]
    pub fn time_left(&self, now: Monotonic) -> Duration {
        self.0.protocol.deadline.since(now.max(self.0.clock()))
    }

    /// What the wait is doing now, and for how long.
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

    /// Takes a [`Snapshot`] of the machine, to be restored in another process.
    #[must_use]
    pub fn snapshot(&self, now: Monotonic) -> Snapshot {
        self.0.snapshot(now)
    }

    /// Restores a machine from a snapshot, with the time that was left then. A GET that was in flight counts as a
    /// failure.
    ///
    /// # Errors
    /// [`SnapshotError`] if another kind of machine or an incompatible version took the snapshot, or if it is
    /// malformed.
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
