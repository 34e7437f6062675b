//! A watch as a stream.
use crate::{machine::wait::FinishedCall, types::Status};
use alloc::boxed::Box;
use core::{
    pin::Pin,
    task::{Context, Poll},
};
use futures_core::Stream;

/// What a watched wait tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// The call has this status now.
    Status(Status),
    /// It has ended: the last update.
    Finished(FinishedCall),
}

/// Steps that each give an item, and what the next one begins with. The future of a step is boxed but keeps its type, so
/// that the stream is `Send` where the future is, and no transport has to promise it.
pub(super) struct Updates<W, F, Fut> {
    step: F,
    next: Next<W, Fut>,
}

enum Next<W, Fut> {
    Begin(W),
    Running(Pin<Box<Fut>>),
    Over,
}

impl<W, T, F, Fut> Updates<W, F, Fut>
where
    F: FnMut(W) -> Fut,
    Fut: Future<Output = (T, Option<W>)>,
{
    pub(super) fn new(begin: W, step: F) -> Self {
        let next = Next::Begin(begin);
        Self { step, next }
    }
}

/// Nothing in it is pinned but the future, which has a box of its own.
impl<W, F, Fut> Unpin for Updates<W, F, Fut> {}

impl<W, T, F, Fut> Stream for Updates<W, F, Fut>
where
    F: FnMut(W) -> Fut,
    Fut: Future<Output = (T, Option<W>)>,
{
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        let mut running = match core::mem::replace(&mut this.next, Next::Over) {
            Next::Begin(begin) => Box::pin((this.step)(begin)),
            Next::Running(running) => running,
            Next::Over => return Poll::Ready(None),
        };
        match running.as_mut().poll(context) {
            Poll::Pending => {
                this.next = Next::Running(running);
                Poll::Pending
            }
            Poll::Ready((item, next)) => {
                this.next = next.map_or(Next::Over, Next::Begin);
                Poll::Ready(Some(item))
            }
        }
    }
}
