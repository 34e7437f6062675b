//! `wait_for_call_with_events`: polling and webhook events at once.
use super::{client::Client, transport::Transport};
use crate::{
    client::setup::MAX_EVENTS_PER_POLL,
    machine::{
        Action, Machine,
        wait::{FinishedCall, WaitError, WaitOptions},
    },
    types::CallId,
    webhook::Event,
};
use core::time::Duration;

impl<T: Transport> Client<T> {
    /// Waits until a call has ended, by polling and by webhook events at once. Whichever shows the end first ends the
    /// wait.
    ///
    /// `next_event` replaces sleeping: it returns a verified event as soon as there is one, or `None` after the
    /// duration that it is given. The `recv_timeout` of a channel does that. If it returns `None` early, for example
    /// because the channel is closed, the client sleeps for the rest. Events of other calls are ignored.
    ///
    /// While a request is in flight, the thread is blocked; events are taken before and after it.
    ///
    /// # Errors
    /// [`WaitError`], with the id and the last record, if the wait ended before the call did. The call itself goes on.
    ///
    /// ```
    /// use byourside_proto::{CallId, client::blocking::{Client, Transport}, webhook::Event};
    /// use byourside_proto::machine::wait::{FinishedCall, WaitError};
    /// use std::sync::mpsc::Receiver;
    ///
    /// fn wait<T: Transport>(
    ///     client: &Client<T>,
    ///     id: &CallId,
    ///     events: &Receiver<Event>,
    /// ) -> Result<FinishedCall, WaitError> {
    ///     let options = client.options().wait;
    ///     client.wait_for_call_with_events(id, options, |pause| events.recv_timeout(pause).ok())
    /// }
    /// ```
    pub fn wait_for_call_with_events(
        &self,
        id: &CallId,
        options: WaitOptions,
        mut next_event: impl FnMut(Duration) -> Option<Event>,
    ) -> Result<FinishedCall, WaitError> {
        let (transport, mut waiter) = (self.transport(), self.waiter(id, options));
        loop {
            for _ in 0..MAX_EVENTS_PER_POLL {
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
