//! Sends one request and reads its answer, within the attempt timeout.
use crate::{Chain, Span, TrackedBody, collect};
use byourside_proto::TransportFailure;
use http::{HeaderValue, Request, Response, header};
use http_body::Body;
use std::{error::Error, future::poll_fn, mem::take, pin::pin, task::Poll};

static ACCEPT: HeaderValue = HeaderValue::from_static("application/json");

/// Sends one request and reads its answer, as [`Transport::send`](byourside_proto::client::Transport::send) must.
///
/// `deadline` is a timer: when it is done, the attempt ends, headers and body included. `send` gets the request with
/// its `user-agent` and hands it to a connection, once.
///
/// # Errors
/// [`Sent::No`](byourside_proto::machine::Sent::No) for failures before a connection has taken the request, and
/// [`Sent::Maybe`](byourside_proto::machine::Sent::Maybe) for all others.
pub async fn exchange<B, E>(
    mut request: Request<Vec<u8>>,
    user_agent: &HeaderValue,
    max_body: usize,
    deadline: impl Future<Output = ()>,
    send: impl AsyncFnOnce(Request<TrackedBody>) -> Result<Response<B>, E>,
) -> Result<Response<Vec<u8>>, TransportFailure>
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let headers = request.headers_mut();
    headers.insert(header::USER_AGENT, user_agent.clone());
    headers.insert(header::ACCEPT, ACCEPT.clone());
    let span = Span::of(&request);
    let (body, cancel) = TrackedBody::new(take(request.body_mut()));
    let request = request.map(|_| body);
    // Pinned here: a future that is moved into another future takes its space twice.
    let response = pin!(async {
        let response = send(request).await.map_err(Into::into)?;
        collect(response, max_body).await
    });
    let deadline = pin!(deadline);
    let attempt = pin!(async {
        match within(deadline, response).await {
            Some(Ok(response)) => Ok(response),
            // Withdrawn, not only checked: another task drives the connection and could take the request at this
            // moment.
            Some(Err(error)) if cancel.withdraw() => Err(TransportFailure::not_sent(Chain(&*error))),
            Some(Err(error)) => Err(TransportFailure::maybe_sent(Chain(&*error))),
            None if cancel.withdraw() => Err(TransportFailure::not_sent("no connection within the attempt timeout")),
            None => Err(TransportFailure::timed_out()),
        }
    });
    span.around(attempt).await
}

/// The output of `work`, or `None` if `deadline` is done first. If both are done at once, the output counts.
pub async fn within<T>(deadline: impl Future<Output = ()>, work: impl Future<Output = T>) -> Option<T> {
    let (mut deadline, mut work) = (pin!(deadline), pin!(work));
    poll_fn(|context| {
        if let Poll::Ready(output) = work.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        deadline.as_mut().poll(context).map(|()| None)
    })
    .await
}
