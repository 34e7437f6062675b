//! What the client does with many calls at once.
use super::{
    Client, Many, Transport,
    many::{Carry, Errand},
};
use crate::{CallId, Intent, MachineSet, PlaceSet, Reply, ReplySlot, TransportFailure, WaitSet, WaitSetOptions};
use alloc::vec::Vec;
use core::future::Future;
use http::Response;

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
    /// use byourside_proto::{CallId, WaitSetOptions};
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
    ) -> Many<T, WaitSet, impl Carry<Carried = impl Future<Output = Option<Reply>> + use<T>> + use<T>> {
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
    /// use byourside_proto::{Intent, PlaceCall, PlaceSet, PlaceSetOptions};
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
    ) -> Many<T, PlaceSet, impl Carry<Carried = impl Future<Output = Option<Reply>> + use<T, R, F, E>> + use<T, R, F, E>>
    where
        R: FnMut(Intent) -> F,
        F: Future<Output = Result<(), E>>,
    {
        let client = self.clone();
        let carry = move |errand| {
            let client = client.clone();
            // Every request of such a set has an intent.
            let recorded = match &errand {
                Errand::Send(request, _) => Intent::of(request).cloned().map(&mut record),
                Errand::Sleep(_) => None,
            };
            async move {
                let (request, slot) = match errand {
                    Errand::Send(request, slot) => (request, slot),
                    Errand::Sleep(duration) => {
                        client.transport().sleep(duration).await;
                        return None;
                    }
                };
                let until = client.now().after(slot.timeout());
                if let Some(recorded) = recorded
                    && recorded.await.is_err()
                {
                    return Some(slot.failed(TransportFailure::not_sent(
                        "that it is about to be placed was not recorded",
                    )));
                }
                // Past its time it is unknown to the set, and may be looked for: it must not leave after that.
                let left = until.since(client.now());
                if left.is_zero() {
                    return Some(slot.failed(TransportFailure::not_sent("it took too long to be recorded")));
                }
                Some(answer(slot, client.transport().send(request, left).await))
            }
        };
        Many::new(self.clone(), set, carry)
    }

    /// Drives a set of one's own, such as one that was restored. For a [`PlaceSet`] that is to outlive the process, use
    /// [`place_many`](Self::place_many): here nothing is written down before it is sent.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(200, r#"{"id":"c1","status":"failed"}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{CallId, WaitSet, WaitSetOptions};
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
    ) -> Many<T, M, impl Carry<Carried = impl Future<Output = Option<Reply>> + use<T, M>> + use<T, M>> {
        let client = self.clone();
        let carry = move |errand| {
            let client = client.clone();
            async move {
                match errand {
                    Errand::Send(request, slot) => {
                        let timeout = slot.timeout();
                        Some(answer(slot, client.transport().send(request, timeout).await))
                    }
                    Errand::Sleep(duration) => {
                        client.transport().sleep(duration).await;
                        None
                    }
                }
            }
        };
        Many::new(self.clone(), set, carry)
    }
}

fn answer(slot: ReplySlot, answer: Result<Response<Vec<u8>>, TransportFailure>) -> Reply {
    match answer {
        Ok(response) => slot.owned(response),
        Err(failure) => slot.failed(failure),
    }
}
