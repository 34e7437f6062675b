//! Requests over a client of the caller's.
use byourside_hyper::{Chain, Span, collect, seed, within};
use byourside_proto::{
    Monotonic, TransportFailure,
    client::{ClientOptions, Transport},
    machine::Sent,
};
use http::{Request, Response};
use http_body::Body;
use std::{error::Error, fmt, future::poll_fn, marker::PhantomData, pin::pin, time::Duration};
use tokio::time::{Instant, sleep};
use tower_service::Service;

/// Carries requests with any tower [`Service`], middleware and all: a client that a program has already.
///
/// The service must send each request once and follow no redirect: leave out layers that retry or redirect. It sets its
/// own `user-agent` if it wants one. How long an attempt may take and how long its answer may be is seen to here.
///
/// `In` is the body that the service takes; it is made from bytes.
pub struct TowerTransport<S, In> {
    service: S,
    classify: fn(&(dyn Error + 'static)) -> Sent,
    max_body: usize,
    began: Instant,
    body: PhantomData<fn() -> In>,
}

impl<S, In> TowerTransport<S, In> {
    /// A transport over this service. Every error of the service counts as *maybe sent*.
    #[must_use]
    pub fn new(service: S) -> Self {
        Self {
            service,
            classify: |_error| Sent::Maybe,
            max_body: ClientOptions::default().max_body,
            began: Instant::now(),
            body: PhantomData,
        }
    }

    /// Tells of an error of the service whether the request can have left: [`Sent::No`] only where it provably has not,
    /// as where no connection came about. A call that was *not sent* may be placed again.
    #[must_use]
    pub fn classify(mut self, classify: fn(&(dyn Error + 'static)) -> Sent) -> Self {
        self.classify = classify;
        self
    }

    /// The longest body of an answer that is read, in bytes. Default as in [`ClientOptions`].
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    fn failure(&self, error: &(dyn Error + 'static)) -> TransportFailure {
        match (self.classify)(error) {
            Sent::No => TransportFailure::not_sent(Chain(error)),
            Sent::Maybe => TransportFailure::maybe_sent(Chain(error)),
        }
    }
}

impl<S, In, Out> Transport for TowerTransport<S, In>
where
    S: Service<Request<In>, Response = Response<Out>> + Clone,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    In: From<Vec<u8>>,
    Out: Body,
    Out::Error: Into<Box<dyn Error + Send + Sync>>,
{
    async fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let span = Span::of(&request);
        let mut service = self.service.clone();
        let attempt = pin!(async {
            let mut deadline = pin!(sleep(timeout));
            let ready = poll_fn(|context| service.poll_ready(context));
            match within(deadline.as_mut(), ready).await {
                Some(ready) => ready.map_err(|error| TransportFailure::not_sent(Chain(&*error.into())))?,
                None => return Err(TransportFailure::not_sent("the service was not ready in time")),
            }
            let whole = pin!(async {
                let response = service.call(request.map(In::from)).await;
                let response = response.map_err(|error| self.failure(&*error.into()))?;
                let whole = collect(response, self.max_body).await;
                whole.map_err(|error| TransportFailure::maybe_sent(Chain(&*error)))
            });
            within(deadline, whole)
                .await
                .unwrap_or_else(|| Err(TransportFailure::timed_out()))
        });
        span.around(attempt).await
    }

    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }

    fn now(&self) -> Monotonic {
        Monotonic::new(self.began.elapsed())
    }

    fn seed(&self) -> u64 {
        seed()
    }
}

impl<S: fmt::Debug, In> fmt::Debug for TowerTransport<S, In> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerTransport")
            .field("service", &self.service)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}
