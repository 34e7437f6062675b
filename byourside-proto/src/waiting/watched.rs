//! A waiter that tells each status as it comes.
use super::{CallWaiter, Ended, Heard, WaitError};
use crate::{Action, Machine, Monotonic, Reply, Status, webhook::Event};

/// A waiter that tells each status as it comes: see [`CallWaiter::watch`].
#[derive(Debug)]
pub struct Watched<F> {
    pub(super) waiter: CallWaiter,
    pub(super) on_change: F,
}

impl<F: FnMut(&Status)> Watched<F> {
    /// Takes a verified event, as [`CallWaiter::on_event`] does, and tells the status that it brings.
    ///
    /// ```
    /// # use byourside_proto::{Api, ApiKey, BaseUrl, CallId, CallWaiter, Monotonic, WaitOptions};
    /// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
    /// # let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// # let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// # let body = br#"{"event":"call.in_progress","callId":"c1"}"#;
    /// # let (secret, received) = (WebhookSecret::new("whsec_example")?, UnixTime::new(1_767_225_600));
    /// # let header = Signer::new(secret.clone()).sign(received, body);
    /// # let verifier = Verifier::new(secret);
    /// let event = verifier.verify(&header, body, received)?.event()?;
    /// let mut seen = Vec::new();
    /// waiter.watch(|status| seen.push(status.clone())).on_event(Monotonic::ORIGIN, &event);
    /// assert_eq!(seen, [byourside_proto::Status::InProgress]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_event(&mut self, now: Monotonic, event: &Event) -> Heard {
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

impl<F: FnMut(&Status)> Machine for Watched<F> {
    type Output = Result<Ended, WaitError>;

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
