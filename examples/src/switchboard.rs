//! Passes events to the waits for their calls.
use byourside_proto::webhook::Event;
use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
};

/// Passes each event to the wait for its call. An event may arrive before the answer to the POST that placed the call.
#[derive(Debug, Default)]
pub struct Switchboard(Mutex<HashMap<String, Line>>);

#[derive(Debug)]
struct Line {
    events: Sender<Event>,
    /// Events that are kept until something listens.
    unheard: Option<Receiver<Event>>,
}

impl Default for Line {
    fn default() -> Self {
        let (events, unheard) = channel();
        Self {
            events,
            unheard: Some(unheard),
        }
    }
}

impl Switchboard {
    /// Passes an event to its listener, or keeps it until there is one. An event without a call id is dropped.
    pub fn bring(&self, event: Event) {
        if let Some(id) = event.call_id().map(str::to_owned) {
            // A listener that is gone knows how the call ended.
            let _ = self.lines().entry(id).or_default().events.send(event);
        }
    }

    /// The events of this call, including those that arrived already; none if the call has a listener.
    #[must_use]
    pub fn listen(&self, call_id: &str) -> Option<Receiver<Event>> {
        self.lines().entry(call_id.to_owned()).or_default().unheard.take()
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<String, Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::tests::event;

    #[test]
    fn event_that_arrives_before_its_listener_is_kept() {
        let switchboard = Switchboard::default();
        switchboard.bring(event(r#"{"event":"call.failed","callId":"c1"}"#));
        switchboard.bring(event(r#"{"event":"call.failed","callId":"c2"}"#));
        switchboard.bring(event(r#"{"event":"call.failed"}"#));
        let events = switchboard.listen("c1").unwrap();
        switchboard.bring(event(r#"{"event":"call.completed","callId":"c1"}"#));
        let kinds: Vec<String> = events
            .try_iter()
            .map(|event| event.kind().as_str().to_owned())
            .collect();
        assert_eq!(kinds, ["call.failed", "call.completed"]);
        assert!(switchboard.listen("c1").is_none(), "one listens to each call");
    }
}
