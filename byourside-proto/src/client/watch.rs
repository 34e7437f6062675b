//! `Watch`: a wait that yields each change of status.
use super::{
    asynchronous::Client,
    transport::Transport,
    updates::{Update, Updates},
};
use crate::{
    machine::{
        Action, Machine,
        wait::{CallWaiter, FinishedCall, WaitError, WaitOptions},
    },
    types::{CallId, Status},
};
use futures_core::Stream;

/// A wait for a call that yields each change of its status. Created by [`Client::watch`].
#[derive(Debug)]
pub struct Watch<T> {
    client: Client<T>,
    waiter: CallWaiter,
}

impl<T: Transport> Client<T> {
    /// Waits until a call has ended, one change of status at a time.
    ///
    /// ```
    /// use byourside_proto::{CallId, client::{Client, Transport}, machine::wait::WaitError};
    ///
    /// async fn follow<T: Transport>(client: &Client<T>, id: &CallId) -> Result<(), WaitError> {
    ///     let mut watch = client.watch(id, client.options().wait);
    ///     while let Some(status) = watch.next().await {
    ///         println!("{}", status.as_str());
    ///     }
    ///     let finished = watch.end().await?;
    ///     println!("{}", finished.call.summary().unwrap_or("no summary"));
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn watch(&self, id: &CallId, options: WaitOptions) -> Watch<T> {
        Watch {
            client: self.clone(),
            waiter: self.waiter(id, options),
        }
    }
}

impl<T: Transport> Watch<T> {
    /// The next status, the first one included, or `None` when the wait has ended.
    ///
    /// Dropping the future keeps the wait, and calling this again goes on. If a request was in flight, its answer is
    /// lost, and the wait goes on after the attempt timeout (15 s by default). So do not poll this in a `select!` with
    /// a timer that is shorter than a round trip: use [`into_stream`](Self::into_stream), which keeps the request.
    pub async fn next(&mut self) -> Option<Status> {
        let transport = self.client.transport();
        loop {
            if let Some(status) = self.waiter.take_change() {
                return Some(status);
            }
            match self.waiter.poll(transport.now()) {
                Action::Send(request, slot) => {
                    let result = transport.send(request, slot.timeout()).await;
                    self.waiter.handle(transport.now(), slot.reply(result));
                }
                Action::Sleep(duration) => transport.sleep(duration).await,
                Action::Done(_) => return None,
            }
        }
    }

    /// Waits until the call has ended, and skips the changes before that.
    ///
    /// # Errors
    /// [`WaitError`], with the id and the last record, if the wait ended before the call did. The call itself goes on.
    pub async fn end(&mut self) -> Result<FinishedCall, WaitError> {
        self.client.run(&mut self.waiter).await
    }

    /// The wait as a stream: each change of status, the first one included, and at last the finished call or the error.
    ///
    /// It is [`Unpin`], and [`Send`] if the transport's futures are. A request in flight belongs to the stream, so
    /// dropping the future of its `next` loses nothing. Dropping the stream ends the wait.
    pub fn into_stream(self) -> impl Stream<Item = Result<Update, WaitError>> + Unpin {
        Updates::new(self, |mut watch: Self| async move {
            match watch.next().await {
                Some(status) => (Ok(Update::Status(status)), Some(watch)),
                None => (watch.end().await.map(Update::Finished), None),
            }
        })
    }
}
