//! A waiter that tells each status as it comes.
use super::{
    outcome::{EventEffect, FinishedCall, WaitError},
    waiter::CallWaiter,
};
use crate::{
    machine::{Action, Machine, Reply},
    types::{Monotonic, Status},
    webhook::Event,
};

/// A waiter that tells each status as it comes: see [`CallWaiter::with_callback`].
#[derive(Debug)]
pub struct WithCallback<F> {
    waiter: CallWaiter,
    on_change: F,
}

impl CallWaiter {
    /// Calls `on_change` with each status as it comes, the first one included.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, drive_blocking, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// let mut seen = Vec::new();
    /// let mut waiter = waiter.with_callback(|status| seen.push(status.as_str().to_owned()));
    /// let answer = |_, _| Ok(http::Response::new(r#"{"id":"c1","status":"declined"}"#));
    /// drive_blocking(&mut waiter, answer, |_| {}, || Monotonic::ORIGIN)?;
    /// assert_eq!(seen, ["declined"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_callback<F: FnMut(&Status)>(self, on_change: F) -> WithCallback<F> {
        WithCallback {
            waiter: self,
            on_change,
        }
    }
}

impl<F: FnMut(&Status)> WithCallback<F> {
    /// Takes a verified event, as [`CallWaiter::on_event`] does, and tells the status that it brings.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// # let body = br#"{"event":"call.in_progress","callId":"c1"}"#;
    /// # let (secret, received) = (WebhookSecret::new("whsec_example")?, UnixTime::new(1_767_225_600));
    /// # let header = Signer::new(secret.clone()).sign(received, body);
    /// # let verifier = Verifier::new(secret);
    /// let event = verifier.verify(&header, body, received)?.event()?;
    /// let mut seen = Vec::new();
    /// waiter.with_callback(|status| seen.push(status.clone())).on_event(Monotonic::ORIGIN, &event);
    /// assert_eq!(seen, [byourside_proto::Status::InProgress]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_event(&mut self, now: Monotonic, event: &Event) -> EventEffect {
        let heard = self.waiter.on_event(now, event);
        self.tell();
        heard
    }

    fn tell(&mut self) {
        if let Some(status) = self.waiter.take_change() {
            (self.on_change)(&status);
        }
    }
}

impl<F: FnMut(&Status)> Machine for WithCallback<F> {
    type Output = Result<FinishedCall, WaitError>;

    fn poll(&mut self, now: Monotonic) -> Action<Self::Output> {
        self.waiter.poll(now)
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.waiter.handle(now, reply);
        self.tell();
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.waiter.next_wake()
    }
}
