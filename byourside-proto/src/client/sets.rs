//! What the client does with many calls at once.
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
    /// Waits for many calls at once, with few requests: see [`WaitSet`]. Results come one by one, as the calls end.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([
    /// #     (200, r#"{"calls":[{"id":"c2","status":"failed"},{"id":"c1","status":"failed"}]}"#),
    /// #     (200, r#"{"id":"c1","status":"failed"}"#),
    /// #     (200, r#"{"id":"c2","status":"failed"}"#),
    /// # ]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{CallId, machine::wait_set::WaitSetOptions};
    ///
    /// let ids = [CallId::new("c1")?, CallId::new("c2")?];
    /// let mut waits = client.wait_many(&ids, WaitSetOptions::default());
    /// while let Some((id, ended)) = waits.next().await {
    ///     println!("{}: {:?}", id.as_str(), ended?.call.status());
    /// }
    /// # assert_eq!(client.transport().requests().len(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Places many calls at once, each at most once: see [`PlaceSet`]. `record` is told of each that is about to be
    /// placed, before its request is sent; where it fails, the request is not sent, and tried again as if there had
    /// been no connection.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(201, r#"{"callId":"c1","status":"queued"}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{PlaceCall, machine::place_set::{Intent, PlaceSet, PlaceSetOptions}};
    ///
    /// let mut set = PlaceSet::new(client.api(), PlaceSetOptions::default(), client.now());
    /// set.add(Intent::new("order-17"), PlaceCall::new("+14155550123", "Confirm the appointment.")?);
    ///
    /// // Where it is certain to be found after a crash.
    /// let journal = std::cell::RefCell::new(Vec::new());
    /// let mut placements = client.place_many(set, async |intent: Intent| {
    ///     journal.borrow_mut().push(intent);
    ///     Ok::<(), std::io::Error>(())
    /// });
    /// while let Some((intent, placement)) = placements.next().await {
    ///     println!("{}: {:?}", intent.as_str(), placement.into_result()?.call_id());
    /// }
    /// assert_eq!(*journal.borrow(), [Intent::new("order-17")]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
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
        let execute = move |task| {
            let client = client.clone();
            // Every request of such a set has an intent.
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
                let until = client.now().after(slot.timeout());
                if let Some(recorded) = recorded
                    && recorded.await.is_err()
                {
                    return Some(slot.reply(Err(TransportFailure::not_sent(
                        "that it is about to be placed was not recorded",
                    ))));
                }
                // Past its time it is unknown to the set, and may be looked for: it must not leave after that.
                let left = until.since(client.now());
                if left.is_zero() {
                    return Some(slot.reply(Err(TransportFailure::not_sent("it took too long to be recorded"))));
                }
                Some(slot.reply(client.transport().send(request, left).await))
            }
        };
        SetStream::new(self.clone(), set, execute)
    }

    /// Drives a set of one's own, such as one that was restored. For a [`PlaceSet`] that is to outlive the process, use
    /// [`place_many`](Self::place_many): here nothing is written down before it is sent.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(200, r#"{"id":"c1","status":"failed"}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{CallId, machine::wait_set::{WaitSet, WaitSetOptions}};
    ///
    /// let mut set = WaitSet::new(client.api(), WaitSetOptions::default(), client.now());
    /// set.add(&CallId::new("c1")?, client.now());
    /// let written_down = set.snapshot(client.now());
    ///
    /// let restored = WaitSet::restore(client.api(), written_down, client.now())?;
    /// assert!(client.run_set(restored).next().await.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run_set<M: MachineSet>(
        &self,
        set: M,
    ) -> SetStream<T, M, impl Executor<Execution = impl Future<Output = Option<Reply>> + use<T, M>> + use<T, M>> {
        let client = self.clone();
        let execute = move |task| {
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
        SetStream::new(self.clone(), set, execute)
    }
}
