//! A wait that listens.
use super::{asynchronous::Client, setup::EVENTS_AT_A_TIME, transport::Transport};
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
    /// Waits until a call has ended, by asking and by listening at once: whichever tells the end first. Events of other
    /// calls change nothing, and once there are no more of them there is still the asking.
    ///
    /// What a channel receives is such a stream, or becomes one with `poll_fn`. A stream is for one wait: whoever waits for
    /// many calls hands each its own events on, or takes a [`WaitSet`](crate::machine::wait_set::WaitSet).
    ///
    /// # Errors
    /// [`WaitError`], with the last record read. The call itself may go on.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # mod doc_event { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs")); pub fn event(body: &str) -> Event { delivered(body) } }
    /// # let client = scripted::asynchronous([(200, r#"{"id":"c1","status":"in_progress"}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{CallId, machine::wait::EndSource};
    ///
    /// # let verified = doc_event::event(r#"{"event":"call.completed","callId":"c1","summary":"Confirmed."}"#);
    /// let events = futures_util::stream::iter([verified]);
    /// let options = client.options().wait;
    /// let ended = client.wait_for_call_with_events(&CallId::new("c1")?, options, events).await?;
    /// assert_eq!((ended.call.summary(), ended.end_source), (Some("Confirmed."), EndSource::Event));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
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
            for _ in 0..EVENTS_AT_A_TIME {
                let Some(Some(event)) = events.next().now_or_never() else {
                    break;
                };
                waiter.on_event(transport.now(), &event);
            }
            match waiter.poll(transport.now()) {
                Action::Send(request, slot) => {
                    let mut sent = pin!(transport.send(request, slot.timeout()));
                    let answer = loop {
                        match select(sent.as_mut(), events.next()).await {
                            Either::Left((answer, _)) => break Some(answer),
                            Either::Right((event, _)) => event.map(|event| waiter.on_event(transport.now(), &event)),
                        };
                        // The answer is no longer of interest.
                        if waiter.next_wake().is_none() {
                            break None;
                        }
                    };
                    if let Some(answer) = answer {
                        waiter.handle(transport.now(), slot.reply(answer));
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
