//! Many calls at once: `wait_many`, `place_many` and `run_set`.
use super::{
    asynchronous::Client,
    set_stream::{Executor, SetStream, Task},
    transport::Transport,
};
use crate::{
    machine::{
        MachineSet, Reply, TransportFailure,
        place_set::{Intent, PlaceSet},
        wait_set::{WaitSet, WaitSetOptions},
    },
    types::CallId,
};
use core::future::Future;

impl<T: Transport> Client<T> {
    /// Waits for many calls at once, with few requests: see [`WaitSet`]. Yields the result of each call when it ends.
    pub fn wait_many(
        &self,
        ids: &[CallId],
        mut options: WaitSetOptions,
    ) -> SetStream<T, WaitSet, impl Executor<Execution = impl Future<Output = Option<Reply>> + use<T>> + use<T>> {
        let now = self.now();
        options.seed ^= self.transport().seed();
        let mut set = WaitSet::new(self.api(), options, now);
        for id in ids {
            set.add(id, now);
        }
        self.run_set(set)
    }

    /// Places many calls at once, each at most once: see [`PlaceSet`]. Yields the outcome of each.
    ///
    /// `record` is called with each [`Intent`] before its request is sent, and must make it durable: after a crash, an
    /// intent that was recorded and has no outcome is *unknown*. If `record` fails, the request is not sent; that
    /// counts as a failed connection, and is retried. If `record` takes longer than the attempt timeout, the request is
    /// not sent either, and its outcome is *unknown*.
    ///
    /// ```
    /// use byourside_proto::{PlaceCall, client::{Client, Transport}};
    /// use byourside_proto::machine::place_set::{Intent, PlaceSet, PlaceSetOptions};
    /// use std::{fs::File, io::Write};
    ///
    /// async fn place(client: &Client<impl Transport>, journal: &File) -> Result<(), Box<dyn std::error::Error>> {
    ///     let mut set = PlaceSet::new(client.api(), PlaceSetOptions::default(), client.now());
    ///     set.add(Intent::new("order-17"), PlaceCall::new("+14155550123", "Confirm the appointment.")?);
    ///     let mut placements = client.place_many(set, async |intent: Intent| {
    ///         let mut journal = journal;
    ///         writeln!(journal, "{}", intent.as_str())?;
    ///         journal.sync_data()
    ///     });
    ///     while let Some((intent, placement)) = placements.next().await {
    ///         println!("{}: {placement:?}", intent.as_str());
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn place_many<R, F, E>(
        &self,
        set: PlaceSet,
        mut record: R,
    ) -> SetStream<
        T,
        PlaceSet,
        impl Executor<Execution = impl Future<Output = Option<Reply>> + use<T, R, F, E>> + use<T, R, F, E>,
    >
    where
        R: FnMut(Intent) -> F,
        F: Future<Output = Result<(), E>>,
    {
        let client = self.clone();
        let executor = move |task| {
            let client = client.clone();
            // Every request of a `PlaceSet` has an intent.
            let recorded = match &task {
                Task::Send(request, _) => Intent::of(request).cloned().map(&mut record),
                Task::Sleep(_) => None,
            };
            async move {
                let (request, slot) = match task {
                    Task::Send(request, slot) => (request, slot),
                    Task::Sleep(duration) => {
                        client.transport().sleep(duration).await;
                        return None;
                    }
                };
                let deadline = client.now().after(slot.timeout());
                if let Some(recorded) = recorded
                    && recorded.await.is_err()
                {
                    return Some(slot.reply(Err(TransportFailure::not_sent("recording the intent failed"))));
                }
                // After the attempt timeout the set reports *unknown*, and the call may be looked for: nothing may be
                // sent then.
                let time_left = deadline.since(client.now());
                if time_left.is_zero() {
                    return Some(slot.reply(Err(TransportFailure::not_sent("recording the intent took too long"))));
                }
                Some(slot.reply(client.transport().send(request, time_left).await))
            }
        };
        SetStream::new(self.clone(), set, executor)
    }

    /// Drives a set of your own, for example one that was restored from a snapshot.
    ///
    /// Nothing is recorded before it is sent: for a [`PlaceSet`] that must survive a crash, use
    /// [`place_many`](Self::place_many).
    pub fn run_set<M: MachineSet>(
        &self,
        set: M,
    ) -> SetStream<T, M, impl Executor<Execution = impl Future<Output = Option<Reply>> + use<T, M>> + use<T, M>> {
        let client = self.clone();
        let executor = move |task| {
            let client = client.clone();
            async move {
                match task {
                    Task::Send(request, slot) => {
                        let timeout = slot.timeout();
                        Some(slot.reply(client.transport().send(request, timeout).await))
                    }
                    Task::Sleep(duration) => {
                        client.transport().sleep(duration).await;
                        None
                    }
                }
            }
        };
        SetStream::new(self.clone(), set, executor)
    }
}
