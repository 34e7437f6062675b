//! `TowerTransport`: sends requests over a tower service of yours.
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

/// Sends requests over any tower [`Service`], with its middleware: an HTTP client that your program already has.
///
/// The service must send each request once and follow no redirect: leave out layers that retry or redirect. It sets its
/// own `user-agent` if it wants one. The attempt timeout and the body limit are enforced here.
///
/// `In` is the request body of the service; it is made from `Vec<u8>`.
///
/// ```
/// use byourside_tokio::{Api, TowerTransport, client::{Client, ClientOptions, Transport}};
/// use http::{Request, Response};
///
/// fn client<S>(service: S) -> Result<Client<impl Transport>, byourside_tokio::BuildError>
/// where
///     S: tower_service::Service<Request<Vec<u8>>, Response = Response<String>, Error = std::io::Error> + Clone,
/// {
///     let api = Api::with_key("bys_ak_example")?;
///     Ok(Client::with_transport(api, ClientOptions::default(), TowerTransport::new(service)))
/// }
/// ```
pub struct TowerTransport<S, In> {
    service: S,
    classify: fn(&(dyn Error + 'static)) -> Sent,
    max_body: usize,
    created: Instant,
    body: PhantomData<fn() -> In>,
}

impl<S, In> TowerTransport<S, In> {
    /// Creates a transport over this service. Every error of the service counts as [`Sent::Maybe`], unless
    /// [`classify`](Self::classify) says otherwise.
    #[must_use]
    pub fn new(service: S) -> Self {
        Self {
            service,
            classify: |_error| Sent::Maybe,
            max_body: ClientOptions::default().max_body,
            created: Instant::now(),
            body: PhantomData,
        }
    }

    /// Sets the function that says whether a request can have left when the service fails with an error.
    ///
    /// Return [`Sent::No`] only if it provably has not, for example because no connection was established: a call that
    /// was not sent is placed again.
    #[must_use]
    pub fn classify(mut self, classify: fn(&(dyn Error + 'static)) -> Sent) -> Self {
        self.classify = classify;
        self
    }

    /// Sets the longest response body that is read, in bytes. Default 16 MiB, as in [`ClientOptions`].
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
                None => {
                    return Err(TransportFailure::not_sent(
                        "the service was not ready within the attempt timeout",
                    ));
                }
            }
            let exchange = pin!(async {
                let response = service.call(request.map(In::from)).await;
                let response = response.map_err(|error| self.failure(&*error.into()))?;
                let collected = collect(response, self.max_body).await;
                collected.map_err(|error| TransportFailure::maybe_sent(Chain(&*error)))
            });
            within(deadline, exchange)
                .await
                .unwrap_or_else(|| Err(TransportFailure::timed_out()))
        });
        span.around(attempt).await
    }

    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }

    fn now(&self) -> Monotonic {
        Monotonic::new(self.created.elapsed())
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
