//! What a set learns from webhook events.
use super::{calls::Events, set::WaitSet};
use crate::{
    machine::wait::{EndSource, FinishedCall, WaitCounts},
    types::Monotonic,
    webhook::Event,
};

impl WaitSet {
    /// Takes a verified event: a terminal one ends the wait for its call, or is followed by one GET for the record, as
    /// the options say. Any other shows that events come, and that the call need not be looked at often:
    /// [`WaitSetOptions::interval_with_events`](crate::machine::wait_set::WaitSetOptions::interval_with_events). Events for calls that are
    /// not here, and late or repeated ones, change nothing.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, UnixTime, machine::wait_set::{WaitSet, WaitSetOptions}};
    /// # use byourside_proto::webhook::{Signer, Verifier, WebhookSecret};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let (secret, received) = (WebhookSecret::new("whsec_example")?, UnixTime::new(100));
    /// # let body = br#"{"event": "call.completed", "eventId": "e1", "callId": "c1", "status": "completed"}"#;
    /// # let header = Signer::new(secret.clone()).sign(received, body);
    /// # let verifier = Verifier::new(secret);
    /// let mut set = WaitSet::new(api, WaitSetOptions::default(), Monotonic::ORIGIN);
    /// set.add(&CallId::new("c1")?, Monotonic::ORIGIN);
    /// let event = verifier.verify(&header, body, received)?.event()?;
    /// set.on_event(Monotonic::ORIGIN, &event);
    /// assert!(set.take_result().is_some_and(|(id, ended)| id.as_str() == "c1" && ended.is_ok()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_event(&mut self, now: Monotonic, event: &Event) {
        let now = self.advance(now);
        let Some(slot) = event.call_id().and_then(|id| self.calls.find(id)) else {
            return;
        };
        self.events_until = now.after(self.options.interval_with_events);
        let Some((record, status)) = event
            .record()
            .zip(event.kind().status())
            .filter(|_| event.is_terminal())
        else {
            return self.expect_events(now, slot);
        };
        if event.status().is_some_and(|claimed| claimed != status) {
            // An event whose own members disagree proves nothing. The record will tell.
            return self.rest(slot, now);
        }
        let ended = FinishedCall::new(record.with_status(&status), EndSource::Event, WaitCounts::default());
        self.over(now, slot, ended, self.options.fetch_after_event);
    }

    /// The first event of a call came, and does not end it: the next one will. Only the first puts its GET off.
    fn expect_events(&mut self, now: Monotonic, slot: u32) {
        let Some(waiting) = self.calls.get_mut(slot) else {
            return;
        };
        if waiting.events != Events::Come {
            waiting.events = Events::Come;
            if !self.ended.contains_key(&slot) {
                self.rest(slot, now.after(self.options.pause_with_events()));
            }
        }
    }
}
