//! The future of a response.
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

/// The response to a request to a [`TokioService`](super::TokioService), with a body made from bytes. The request is
/// already in flight, and dropping this future does not cancel it.
#[derive(Debug)]
#[must_use = "the request is sent even so, and its answer is lost"]
pub struct ResponseFuture<Out> {
    /// `None` once it is known that no answer will come.
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
        // The task ends without an answer if the body cannot be read, or while the runtime shuts down.
        let received = ready!(Pin::new(answer).poll(context)).unwrap_or(Received::Closed);
        if let Received::Silence = received {
            self.answer = None;
            return Poll::Pending;
        }
        Poll::Ready(received.into_result().map(|response| response.map(Out::from)))
    }
}
