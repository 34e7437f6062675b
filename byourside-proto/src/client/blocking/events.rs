//! A wait that listens.
use super::{client::Client, transport::Transport};
use crate::{
    client::setup::EVENTS_AT_A_TIME,
    machine::{
        Action, Machine,
        wait::{FinishedCall, WaitError, WaitOptions},
    },
    types::CallId,
    webhook::Event,
};
use core::time::Duration;

impl<T: Transport> Client<T> {
    /// Waits until a call has ended, by asking and by listening at once: whichever tells the end first. Events of other
    /// calls change nothing.
    ///
    /// `next_event` takes the place of sleeping: it returns an event as soon as there is one, or `None` once it has waited
    /// this long. A channel's `recv_timeout` does that. If it returns sooner with nothing, as where nobody sends any more,
    /// the rest of the time is slept.
    ///
    /// # Errors
    /// [`WaitError`], with the last record read. The call itself may go on.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # mod doc_event { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs")); pub fn event(body: &str) -> Event { delivered(body) } }
    /// # let client = scripted::blocking([(200, r#"{"id":"c1","status":"in_progress"}"#)]);
    /// use byourside_proto::{CallId, machine::wait::EndSource};
    /// use std::sync::mpsc::channel;
    ///
    /// let (receiver, events) = channel();
    /// # let verified = doc_event::event(r#"{"event":"call.completed","callId":"c1","summary":"Confirmed."}"#);
    /// receiver.send(verified)?;
    /// let options = client.options().wait;
    /// let next_event = |pause| events.recv_timeout(pause).ok();
    /// let ended = client.wait_for_call_with_events(&CallId::new("c1")?, options, next_event)?;
    /// assert_eq!((ended.call.summary(), ended.end_source), (Some("Confirmed."), EndSource::Event));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for_call_with_events(
        &self,
        id: &CallId,
        options: WaitOptions,
        mut next_event: impl FnMut(Duration) -> Option<Event>,
    ) -> Result<FinishedCall, WaitError> {
        let (transport, mut waiter) = (self.transport(), self.waiter(id, options));
        loop {
            for _ in 0..EVENTS_AT_A_TIME {
                let Some(event) = next_event(Duration::ZERO) else {
                    break;
                };
                waiter.on_event(transport.now(), &event);
            }
            match waiter.poll(transport.now()) {
                Action::Send(request, slot) => {
                    let result = transport.send(request, slot.timeout());
                    waiter.handle(transport.now(), slot.reply(result));
                }
                Action::Sleep(duration) => {
                    let wake = transport.now().after(duration);
                    if let Some(event) = next_event(duration) {
                        waiter.on_event(transport.now(), &event);
                    } else {
                        transport.sleep(wake.since(transport.now()));
                    }
                }
                Action::Done(ended) => break ended,
            }
        }
    }
}
