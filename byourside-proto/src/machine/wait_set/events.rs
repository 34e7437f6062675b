//! What webhook events change in a set that waits for calls.
use super::{calls::Events, set::WaitSet};
use crate::{
    machine::wait::{EndSource, FinishedCall, WaitCounts},
    types::Monotonic,
    webhook::Event,
};

impl WaitSet {
    /// Takes a verified webhook event. Poll again after it.
    ///
    /// - A terminal event ends the wait for its call, at once or after one more GET: see
    ///   [`WaitSetOptions::fetch_after_event`](crate::machine::wait_set::WaitSetOptions::fetch_after_event).
    /// - Any other event shows that events come for the call, so that it needs few GETs: see
    ///   [`WaitSetOptions::interval_with_events`](crate::machine::wait_set::WaitSetOptions::interval_with_events).
    /// - An event that is repeated, late, or for a call that is not in the set changes nothing.
    /// - A terminal event whose status differs from its kind is not believed, and is followed by a GET at once.
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
            // The kind and the status of the event differ, so it proves neither. A GET shows which.
            return self.schedule_get(slot, now);
        }
        let ended = FinishedCall::new(record.with_status(&status), EndSource::Event, WaitCounts::default());
        self.end_seen(now, slot, ended, self.options.fetch_after_event);
    }

    /// Postpones the GET of a call after its first event, which is not terminal. Later events do not postpone it again.
    fn expect_events(&mut self, now: Monotonic, slot: u32) {
        let Some(waiting) = self.calls.get_mut(slot) else {
            return;
        };
        if waiting.events != Events::Come {
            waiting.events = Events::Come;
            if !self.ended.contains_key(&slot) {
                self.schedule_get(slot, now.after(self.options.pause_with_events()));
            }
        }
    }
}
