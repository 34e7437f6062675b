//! A wait, one change at a time.
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

/// A wait for a call, one change of status at a time.
#[derive(Debug)]
pub struct Watch<T> {
    client: Client<T>,
    waiter: CallWaiter,
}

impl<T: Transport> Client<T> {
    /// Waits until a call has ended, one change of status at a time.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(200, r#"{"id":"c1","status":"in_progress"}"#), (200, r#"{"id":"c1","status":"completed","summary":"Confirmed."}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::CallId;
    ///
    /// let mut watch = client.watch(&CallId::new("c1")?, client.options().wait);
    /// while let Some(status) = watch.next().await {
    ///     println!("{}", status.as_str());
    /// }
    /// let ended = watch.end().await?;
    /// assert_eq!(ended.call.summary(), Some("Confirmed."));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
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
    /// The next status, the first one included; `None` once the wait is over. Dropping the future loses nothing: asked
    /// again, it goes on.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(200, r#"{"id":"c1","status":"completed"}"#)]);
    /// # scripted::block_on(async {
    /// # use byourside_proto::{CallId, machine::wait::WaitOptions};
    /// let mut watch = client.watch(&CallId::new("c1")?, WaitOptions::default());
    /// assert_eq!(watch.next().await, Some(byourside_proto::Status::Completed));
    /// assert_eq!(watch.next().await, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Waits for the end, past any changes that were not asked for.
    ///
    /// # Errors
    /// [`WaitError`], with the last record read. The call itself may go on.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(200, r#"{"id":"c1","status":"completed"}"#)]);
    /// # scripted::block_on(async {
    /// # use byourside_proto::{CallId, machine::wait::WaitOptions};
    /// let mut watch = client.watch(&CallId::new("c1")?, WaitOptions::default());
    /// assert_eq!(watch.end().await?.call.id(), Some("c1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn end(&mut self) -> Result<FinishedCall, WaitError> {
        self.client.run(&mut self.waiter).await
    }

    /// The same as a stream: each change of status as it comes, the first one included, and the record at the end, or
    /// why there is none.
    ///
    /// It is [`Unpin`], and [`Send`] where the transport's futures are. To go on after dropping it, use
    /// [`next`](Self::next) instead.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(200, r#"{"id":"c1","status":"completed"}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{CallId, Status, machine::wait::WaitOptions, client::Update};
    /// use core::{future::poll_fn, pin::Pin};
    /// use futures_core::Stream;
    ///
    /// let mut updates = client.watch(&CallId::new("c1")?, WaitOptions::default()).into_stream();
    /// // As `updates.next().await` of a crate with combinators.
    /// let first = poll_fn(|context| Pin::new(&mut updates).poll_next(context)).await;
    /// assert_eq!(first, Some(Ok(Update::Status(Status::Completed))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_stream(self) -> impl Stream<Item = Result<Update, WaitError>> + Unpin {
        Updates::new(self, |mut watch: Self| async move {
            match watch.next().await {
                Some(status) => (Ok(Update::Status(status)), Some(watch)),
                None => (watch.end().await.map(Update::Finished), None),
            }
        })
    }
}
