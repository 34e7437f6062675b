//! `SetStream`: drives a set of machines in one future, with several requests in flight.
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

/// Drives a [`PlaceSet`](crate::machine::place_set::PlaceSet) or [`WaitSet`](crate::machine::wait_set::WaitSet) and
/// yields its results.
///
/// It keeps as many requests in flight as the set allows. Nothing is spawned: requests make progress only while this is
/// polled, as a [`Stream`] or with [`next`](Self::next).
///
/// It is [`Unpin`], and [`Send`] if the transport's futures are.
pub struct SetStream<T, M, C: Executor> {
    client: Client<T>,
    set: M,
    executor: C,
    in_flight: FuturesUnordered<C::Execution>,
    sleep: Option<Sleep<C::Execution>>,
}

/// A sleep in progress, and the wake-up time that it is for.
struct Sleep<Fut> {
    until: Option<Monotonic>,
    future: Pin<Box<Fut>>,
}

/// What a set wants done: an [`Action`] without its end.
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart where it is made, never stored"
)]
pub enum Task {
    Send(Request<Vec<u8>>, ReplySlot),
    Sleep(Duration),
}

/// Turns tasks into futures; closures implement it. The future of a sleep yields no reply.
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
    pub(super) fn new(client: Client<T>, set: M, executor: C) -> Self {
        Self {
            client,
            set,
            executor,
            in_flight: FuturesUnordered::new(),
            sleep: None,
        }
    }

    /// The next result, or `None` when the set has nothing left to do.
    ///
    /// Cancel safe: dropping the future loses nothing, because requests in flight are kept in `self`. After `None`,
    /// adding to the set with [`set_mut`](Self::set_mut) lets it go on.
    pub async fn next(&mut self) -> Option<M::Item> {
        poll_fn(|context| self.poll_result(context)).await
    }

    /// The set that is driven.
    #[must_use]
    pub fn set(&self) -> &M {
        &self.set
    }

    /// The set that is driven, to add calls to it or to give it an event.
    pub fn set_mut(&mut self) -> &mut M {
        &mut self.set
    }

    fn poll_result(&mut self, context: &mut Context<'_>) -> Poll<Option<M::Item>> {
        loop {
            match self.set.poll(self.client.now()) {
                Action::Send(request, slot) => {
                    let execution = self.executor.execute(Task::Send(request, slot));
                    self.in_flight.push(execution);
                    continue;
                }
                Action::Done(()) => return Poll::Ready(self.set.take_result()),
                Action::Sleep(duration) => {
                    if let Some(result) = self.set.take_result() {
                        return Poll::Ready(Some(result));
                    }
                    if let Poll::Ready(Some(reply)) = Pin::new(&mut self.in_flight).poll_next(context) {
                        self.handle(reply);
                    } else if self.poll_sleep(duration, context).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    /// Keeps the current sleep while the set's wake-up time stays the same.
    fn poll_sleep(&mut self, duration: Duration, context: &mut Context<'_>) -> Poll<()> {
        let until = self.set.next_wake();
        let sleep = match self.sleep.take().filter(|sleep| sleep.until == until) {
            Some(sleep) => self.sleep.insert(sleep),
            None => {
                let future = Box::pin(self.executor.execute(Task::Sleep(duration)));
                self.sleep.insert(Sleep { until, future })
            }
        };
        sleep.future.as_mut().poll(context).map(|_slept| self.sleep = None)
    }

    fn handle(&mut self, reply: Option<Reply>) {
        if let Some(reply) = reply {
            self.set.handle(self.client.now(), reply);
        }
    }
}

/// Only futures need pinning, and they are boxed.
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
