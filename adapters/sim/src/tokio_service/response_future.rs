//! What a request comes to.
use crate::Received;
use byourside_proto::TransportFailure;
use http::Response;
use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::sync::oneshot;

/// The answer to a request that was sent to a [`TokioService`](super::TokioService), with a body made from bytes. The
/// request is on its way already; dropping this does not take it back.
#[derive(Debug)]
#[must_use = "the request is sent even so, and its answer is lost"]
pub struct ResponseFuture<Out> {
    /// `None` once the answer is known to be silence.
    answer: Option<oneshot::Receiver<Received>>,
    body: PhantomData<fn() -> Out>,
}

impl<Out> ResponseFuture<Out> {
    pub(super) fn new(answer: oneshot::Receiver<Received>) -> Self {
        Self {
            answer: Some(answer),
            body: PhantomData,
        }
    }
}

impl<Out: From<Vec<u8>>> Future for ResponseFuture<Out> {
    type Output = Result<Response<Out>, TransportFailure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(answer) = &mut self.answer else {
            return Poll::Pending;
        };
        // Its task ends without an answer if the body cannot be read, and where the runtime is being shut down.
        let received = ready!(Pin::new(answer).poll(context)).unwrap_or(Received::Closed);
        if let Received::Silence = received {
            self.answer = None;
            return Poll::Pending;
        }
        Poll::Ready(received.into_result().map(|response| response.map(Out::from)))
    }
}
