//! A wait, one change at a time.
use super::{Client, Transport};
use crate::{Action, CallWaiter, Ended, Machine, Status, WaitError};

/// A wait for a call, one change of status at a time.
#[derive(Debug)]
pub struct Watch<T> {
    client: Client<T>,
    waiter: CallWaiter,
}

impl<T: Transport> Watch<T> {
    pub(super) fn new(client: Client<T>, waiter: CallWaiter) -> Self {
        Self { client, waiter }
    }

    /// The next status, the first one included; `None` once the wait is over. Dropping the future loses nothing: asked
    /// again, it goes on.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{CallId, WaitOptions, client::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> { ready(async {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// let mut watch = client.watch(&CallId::new("c1")?, WaitOptions::default());
    /// assert_eq!(watch.next().await, Some(byourside_proto::Status::Completed));
    /// assert_eq!(watch.next().await, None);
    /// # Ok(()) }) }
    /// ```
    pub async fn next(&mut self) -> Option<Status> {
        let transport = self.client.transport();
        loop {
            if let Some(status) = self.waiter.take_change() {
                return Some(status);
            }
            match self.waiter.poll(transport.now()) {
                Action::Send(request, slot) => {
                    let reply = match transport.send(request, slot.timeout()).await {
                        Ok(response) => slot.response(&response),
                        Err(failure) => slot.failed(failure),
                    };
                    self.waiter.handle(transport.now(), reply);
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
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::{CallId, WaitOptions, client::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> { ready(async {
    /// # let client = Client::<Scripted>::new("bys_ak_example")?;
    /// let mut watch = client.watch(&CallId::new("c1")?, WaitOptions::default());
    /// assert_eq!(watch.end().await?.call.id(), Some("c1"));
    /// # Ok(()) }) }
    /// ```
    pub async fn end(&mut self) -> Result<Ended, WaitError> {
        self.client.run(&mut self.waiter).await
    }
}
