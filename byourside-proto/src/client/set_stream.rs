//! A set under way: many requests at once, in one future.
use super::{asynchronous::Client, transport::Transport};
use crate::{
    machine::{Action, MachineSet, Reply, ReplySlot},
    types::Monotonic,
};
use alloc::{boxed::Box, vec::Vec};
use core::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use http::Request;

/// A set that a client drives, with as many requests out as the set allows. Nothing is spawned: it goes on while it is
/// polled, as a [`Stream`] or with [`next`](Self::next).
///
/// It is [`Unpin`], and [`Send`] where the transport's futures are.
pub struct SetStream<T, M, C: Executor> {
    client: Client<T>,
    set: M,
    execute: C,
    out: FuturesUnordered<C::Execution>,
    sleep: Option<Sleep<C::Execution>>,
}

/// A sleep, and the moment it lasts until.
struct Sleep<Fut> {
    until: Option<Monotonic>,
    future: Pin<Box<Fut>>,
}

/// What is done for a set.
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart where it is made, never stored"
)]
pub enum Task {
    Send(Request<Vec<u8>>, ReplySlot),
    Sleep(Duration),
}

/// How errands are run; a closure is. A sleep brings no reply.
pub trait Executor {
    type Execution: Future<Output = Option<Reply>>;

    fn execute(&mut self, task: Task) -> Self::Execution;
}

impl<F: FnMut(Task) -> Fut, Fut: Future<Output = Option<Reply>>> Executor for F {
    type Execution = Fut;

    fn execute(&mut self, task: Task) -> Fut {
        self(task)
    }
}

impl<T: Transport, M: MachineSet, C: Executor> SetStream<T, M, C> {
    pub(super) fn new(client: Client<T>, set: M, execute: C) -> Self {
        Self {
            client,
            set,
            execute,
            out: FuturesUnordered::new(),
            sleep: None,
        }
    }

    /// The next result; `None` once the set has nothing left to do. Dropping the future loses nothing: asked again, it
    /// goes on, also after `None` if more was added.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([(200, r#"{"id":"c1","status":"completed"}"#)]);
    /// # scripted::block_on(async {
    /// use byourside_proto::{CallId, machine::wait_set::WaitSetOptions};
    ///
    /// let mut waits = client.wait_many(&[CallId::new("c1")?], WaitSetOptions::default());
    /// while let Some((id, ended)) = waits.next().await {
    ///     println!("{}: {:?}", id.as_str(), ended?.call.status());
    /// }
    /// # assert!(waits.set().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn next(&mut self) -> Option<M::Item> {
        poll_fn(|context| self.poll_result(context)).await
    }

    /// The set.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([]);
    /// let waits = client.wait_many(&[], byourside_proto::machine::wait_set::WaitSetOptions::default());
    /// assert_eq!(waits.set().len(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn set(&self) -> &M {
        &self.set
    }

    /// The set, to add to it, or to give it an event.
    ///
    /// ```
    /// # mod scripted { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/mod.rs")); }
    /// # let client = scripted::asynchronous([]);
    /// use byourside_proto::CallId;
    ///
    /// let mut waits = client.wait_many(&[], byourside_proto::machine::wait_set::WaitSetOptions::default());
    /// waits.set_mut().add(&CallId::new("c1")?, client.now());
    /// assert_eq!(waits.set().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_mut(&mut self) -> &mut M {
        &mut self.set
    }

    fn poll_result(&mut self, context: &mut Context<'_>) -> Poll<Option<M::Item>> {
        loop {
            match self.set.poll(self.client.now()) {
                Action::Send(request, slot) => {
                    let execution = self.execute.execute(Task::Send(request, slot));
                    self.out.push(execution);
                    continue;
                }
                Action::Done(()) => return Poll::Ready(self.set.take_result()),
                Action::Sleep(duration) => {
                    if let Some(result) = self.set.take_result() {
                        return Poll::Ready(Some(result));
                    }
                    if let Poll::Ready(Some(reply)) = Pin::new(&mut self.out).poll_next(context) {
                        self.answer(reply);
                    } else if self.poll_sleep(duration, context).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    /// One sleep goes on for as long as it is the right one.
    fn poll_sleep(&mut self, duration: Duration, context: &mut Context<'_>) -> Poll<()> {
        let until = self.set.next_wake();
        let sleep = match self.sleep.take().filter(|sleep| sleep.until == until) {
            Some(sleep) => self.sleep.insert(sleep),
            None => {
                let future = Box::pin(self.execute.execute(Task::Sleep(duration)));
                self.sleep.insert(Sleep { until, future })
            }
        };
        sleep.future.as_mut().poll(context).map(|_slept| self.sleep = None)
    }

    fn answer(&mut self, reply: Option<Reply>) {
        if let Some(reply) = reply {
            self.set.handle(self.client.now(), reply);
        }
    }
}

/// Nothing in it is pinned but futures, which have boxes of their own.
impl<T, M, C: Executor> Unpin for SetStream<T, M, C> {}

impl<T: Transport, M: MachineSet, C: Executor> Stream for SetStream<T, M, C> {
    type Item = M::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<M::Item>> {
        self.poll_result(context)
    }
}

impl<T, M: fmt::Debug, C: Executor> fmt::Debug for SetStream<T, M, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetStream")
            .field("set", &self.set)
            .finish_non_exhaustive()
    }
}
