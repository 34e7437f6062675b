//! `Update`, and the stream of updates that a `Watch` becomes.
use crate::{machine::wait::FinishedCall, types::Status};
use alloc::boxed::Box;
use core::{
    pin::Pin,
    task::{Context, Poll},
};
use futures_core::Stream;

/// An item of [`Watch::into_stream`](super::Watch::into_stream).
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// The status has changed to this one.
    Status(Status),
    /// The call has ended: the last item.
    Finished(FinishedCall),
}

/// A stream that is unfolded from a state, like `futures_util::stream::unfold`: a step turns a state into an item and
/// the next state. The future of a step is boxed but keeps its type, so that the stream is `Send` if the future is. No
/// transport has to promise that.
pub(super) struct Updates<W, F, Fut> {
    step: F,
    progress: Progress<W, Fut>,
}

enum Progress<W, Fut> {
    Ready(W),
    Running(Pin<Box<Fut>>),
    Done,
}

impl<W, T, F, Fut> Updates<W, F, Fut>
where
    F: FnMut(W) -> Fut,
    Fut: Future<Output = (T, Option<W>)>,
{
    pub(super) fn new(state: W, step: F) -> Self {
        let progress = Progress::Ready(state);
        Self { step, progress }
    }
}

/// Only the future needs pinning, and it is boxed.
impl<W, F, Fut> Unpin for Updates<W, F, Fut> {}

impl<W, T, F, Fut> Stream for Updates<W, F, Fut>
where
    F: FnMut(W) -> Fut,
    Fut: Future<Output = (T, Option<W>)>,
{
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        let mut running = match core::mem::replace(&mut this.progress, Progress::Done) {
            Progress::Ready(state) => Box::pin((this.step)(state)),
            Progress::Running(running) => running,
            Progress::Done => return Poll::Ready(None),
        };
        match running.as_mut().poll(context) {
            Poll::Pending => {
                this.progress = Progress::Running(running);
                Poll::Pending
            }
            Poll::Ready((item, next)) => {
                this.progress = next.map_or(Progress::Done, Progress::Ready);
                Poll::Ready(Some(item))
            }
        }
    }
}
