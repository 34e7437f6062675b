//! Events on their way to whoever waits for their call.
use byourside_proto::{
    Action, CallWaiter, Ended, Machine, WaitError,
    client::blocking::{Client, Transport},
    webhook::Event,
};
use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
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

/// Waits for a call by asking and by listening at once. `heard` is told of each event before the waiter is.
///
/// It is the loop of every driver, but that an event may cut its sleep short.
///
/// # Errors
/// As for any wait.
pub fn wait_listening<T: Transport>(
    client: &Client<T>,
    waiter: &mut CallWaiter,
    events: &Receiver<Event>,
    mut heard: impl FnMut(&Event, &CallWaiter),
) -> Result<Ended, WaitError> {
    let transport = client.transport();
    let mut hear = |waiter: &mut CallWaiter, event: Event| {
        heard(&event, waiter);
        waiter.on_event(client.now(), &event);
    };
    loop {
        for event in events.try_iter() {
            hear(waiter, event);
        }
        match waiter.poll(client.now()) {
            Action::Send(request, slot) => {
                let reply = match transport.send(request, slot.timeout()) {
                    Ok(response) => slot.response(&response),
                    Err(failure) => slot.failed(failure),
                };
                waiter.handle(client.now(), reply);
            }
            Action::Sleep(duration) => match events.recv_timeout(duration) {
                Ok(event) => hear(waiter, event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => transport.sleep(duration),
            },
            Action::Done(ended) => break ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::tests::event;

    #[test]
    fn an_event_that_comes_before_anyone_listens_is_kept() {
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
