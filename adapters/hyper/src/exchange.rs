//! One request and its answer.
use crate::{Chain, Span, TrackedBody, collect};
use byourside_proto::TransportFailure;
use http::{HeaderValue, Request, Response, header};
use http_body::Body;
use std::{error::Error, future::poll_fn, mem::take, pin::pin, task::Poll};

static ACCEPT: HeaderValue = HeaderValue::from_static("application/json");

/// Sends one request and reads its answer, as [`Transport::send`](byourside_proto::client::Transport::send) must.
///
/// `deadline` is done when the time of the attempt is over, headers and body included. `send` is given the request,
/// with its `user-agent`, and hands it to a connection, once.
///
/// # Errors
/// *Not sent* for whatever happens before a connection has taken the request; else *maybe*.
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
    let (body, hold) = TrackedBody::new(take(request.body_mut()));
    let request = request.map(|_| body);
    // What is handed on is pinned here first: a future that is moved into another one takes its room twice.
    let whole = pin!(async {
        let response = send(request).await.map_err(Into::into)?;
        collect(response, max_body).await
    });
    let deadline = pin!(deadline);
    let attempt = pin!(async {
        match within(deadline, whole).await {
            Some(Ok(response)) => Ok(response),
            // Not only asked, but withdrawn: the connection is another task's, and could take it just now.
            Some(Err(error)) if hold.withdraw() => Err(TransportFailure::not_sent(Chain(&*error))),
            Some(Err(error)) => Err(TransportFailure::maybe_sent(Chain(&*error))),
            None if hold.withdraw() => Err(TransportFailure::not_sent("no connection in time")),
            None => Err(TransportFailure::timed_out()),
        }
    });
    span.around(attempt).await
}

/// What `work` comes to, unless `deadline` is done first. What is done at the same time as it still counts.
pub async fn within<T>(deadline: impl Future<Output = ()>, work: impl Future<Output = T>) -> Option<T> {
    let (mut deadline, mut work) = (pin!(deadline), pin!(work));
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        deadline.as_mut().poll(context).map(|()| None)
    })
    .await
}
