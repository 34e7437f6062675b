//! Events on their way to whoever waits for their call.
use byourside_proto::webhook::Event;
use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
};

/// Brings each event to whoever waits for its call. It may come first: before the answer to the request that placed it.
#[derive(Debug, Default)]
pub struct Switchboard(Mutex<HashMap<String, Line>>);

#[derive(Debug)]
struct Line {
    events: Sender<Event>,
    /// Until someone listens.
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
    /// Puts an event through, or keeps it until someone listens. One that names no call goes nowhere.
    pub fn bring(&self, event: Event) {
        if let Some(id) = event.call_id().map(str::to_owned) {
            // Whoever hung up knows how the call ended.
            let _ = self.lines().entry(id).or_default().events.send(event);
        }
    }

    /// The events of this call, those that came already included; none if someone listens already.
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
