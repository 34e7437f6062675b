//! `wait_for_call_with_events`: polling and webhook events at once.
use super::{asynchronous::Client, setup::MAX_EVENTS_PER_POLL, transport::Transport};
use crate::{
    machine::{
        Action, Machine,
        wait::{FinishedCall, WaitError, WaitOptions},
    },
    types::CallId,
    webhook::Event,
};
use core::pin::pin;
use futures_core::Stream;
use futures_util::{
    FutureExt, StreamExt,
    future::{Either, select},
    stream,
};

impl<T: Transport> Client<T> {
    /// Waits until a call has ended, by polling and by webhook events at once. Whichever shows the end first ends the
    /// wait.
    ///
    /// `events` are verified events from your webhook receiver. Events of other calls are ignored. When the stream
    /// ends, polling goes on alone. A stream serves one wait; for many calls, give the events to a
    /// [`WaitSet`](crate::machine::wait_set::WaitSet).
    ///
    /// # Errors
    /// [`WaitError`], with the id and the last record, if the wait ended before the call did. The call itself goes on.
    ///
    /// ```
    /// use byourside_proto::{CallId, client::{Client, Transport}, webhook::Event};
    /// use byourside_proto::machine::wait::{FinishedCall, WaitError};
    /// use futures_core::Stream;
    ///
    /// // From a channel of tokio: `futures_util::stream::poll_fn(move |context| receiver.poll_recv(context))`.
    /// async fn wait<T: Transport>(
    ///     client: &Client<T>,
    ///     id: &CallId,
    ///     events: impl Stream<Item = Event>,
    /// ) -> Result<FinishedCall, WaitError> {
    ///     client.wait_for_call_with_events(id, client.options().wait, events).await
    /// }
    /// ```
    pub async fn wait_for_call_with_events(
        &self,
        id: &CallId,
        options: WaitOptions,
        events: impl Stream<Item = Event>,
    ) -> Result<FinishedCall, WaitError> {
        let (transport, mut waiter) = (self.transport(), self.waiter(id, options));
        let mut events = pin!(events.chain(stream::pending()));
        loop {
            for _ in 0..MAX_EVENTS_PER_POLL {
                let Some(Some(event)) = events.next().now_or_never() else {
                    break;
                };
                waiter.on_event(transport.now(), &event);
            }
            match waiter.poll(transport.now()) {
                Action::Send(request, slot) => {
                    let mut response = pin!(transport.send(request, slot.timeout()));
                    let result = loop {
                        match select(response.as_mut(), events.next()).await {
                            Either::Left((result, _)) => break Some(result),
                            Either::Right((event, _)) => event.map(|event| waiter.on_event(transport.now(), &event)),
                        };
                        // An event has ended the wait: the answer is no longer needed.
                        if waiter.next_wake().is_none() {
                            break None;
                        }
                    };
                    if let Some(result) = result {
                        waiter.handle(transport.now(), slot.reply(result));
                    }
                }
                Action::Sleep(duration) => {
                    if let Either::Left((Some(event), _)) = select(events.next(), pin!(transport.sleep(duration))).await
                    {
                        waiter.on_event(transport.now(), &event);
                    }
                }
                Action::Done(ended) => break ended,
            }
        }
    }
}
