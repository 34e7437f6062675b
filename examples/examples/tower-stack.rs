//! Places a call over an HTTP client with tower middleware that the program already has.
//!
//! The service is simulated on a loopback port: no phone rings.
use byourside_examples::{helped, log, say};
use byourside_local_service::LocalService;
use byourside_tokio::{
    PlaceCall, TowerTransport,
    client::{Client, ClientOptions},
    machine::Sent,
};
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper_util::{client::legacy, rt::TokioExecutor};
use std::{
    collections::VecDeque,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tower::{Layer, Service, ServiceBuilder};

type Body = Full<VecDeque<u8>>;

const HELP: &str = "\
Places a call over a tower stack that the program already has, with its limit, request ids and log.

Usage: tower-stack

The service is simulated, and no phone rings.";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if helped(HELP)? {
        return Ok(());
    }
    // The program's stack for all its requests: at most sixteen in flight, each with an id and a line in the log. It is
    // cloned for each request.
    let nth = Arc::new(AtomicU64::new(1));
    let stack = ServiceBuilder::new()
        .concurrency_limit(16)
        .map_request(move |mut request: Request<Body>| {
            let id = HeaderValue::from(nth.fetch_add(1, Ordering::Relaxed));
            request.headers_mut().insert("x-request-id", id);
            request
        })
        .layer(LogLayer)
        .service(
            legacy::Client::builder(TokioExecutor::new())
                .retry_canceled_requests(false)
                .build_http(),
        );

    let service = LocalService::builder().speed(60.0).start()?;
    let api = service.api()?;
    let mut options = ClientOptions::default();
    options.wait.interval = Duration::from_millis(50);
    let client = Client::with_transport(api, options, TowerTransport::new(stack).classify(can_have_left));

    let call = PlaceCall::new("+14155550123", "Ask whether Friday suits.")?;
    let ended = client.place_and_wait(&call).await?;
    say(ended.call.summary().unwrap_or("no summary"))?;
    Ok(())
}

/// Only a failed connection proves that nothing was sent, so that the call may be placed again.
fn can_have_left(error: &(dyn Error + 'static)) -> Sent {
    match error.downcast_ref::<legacy::Error>() {
        Some(error) if error.is_connect() => Sent::No,
        _ => Sent::Maybe,
    }
}

#[derive(Clone)]
struct LogLayer;

#[derive(Clone)]
struct Log<S>(S);

impl<S> Layer<S> for LogLayer {
    type Service = Log<S>;

    fn layer(&self, inner: S) -> Log<S> {
        Log(inner)
    }
}

impl<S, B> Service<Request<Body>> for Log<S>
where
    S: Service<Request<Body>, Response = Response<B>, Future: Send + 'static>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<B>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let id = request.headers().get("x-request-id").cloned();
        let (method, began) = (request.method().clone(), Instant::now());
        let answer = self.0.call(request);
        Box::pin(async move {
            let answer = answer.await;
            let status = answer.as_ref().map_or(0, |response| response.status().as_u16());
            log(format_args!(
                "request {id:?}: {method} {status} in {:?}",
                began.elapsed()
            ));
            answer
        })
    }
}
