//! `TowerTransport` over services that fail in different ways.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_tokio::{TowerTransport, TransportFailure, client::Transport, machine::Sent};
use http::{Request, Response};
use http_body_util::Full;
use std::{
    error::Error,
    io,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::sleep;
use tower_service::Service;

const TIMEOUT: Duration = Duration::from_secs(5);

type Bytes = std::collections::VecDeque<u8>;

/// A service that does this with each request.
#[derive(Clone, Copy)]
enum FakeService {
    NeverReady,
    BreaksBeforeReady,
    Fails(io::ErrorKind),
    Silent,
    Answers(&'static str),
}

impl Service<Request<Vec<u8>>> for FakeService {
    type Response = Response<Full<Bytes>>;
    type Error = io::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, io::Error>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::NeverReady => Poll::Pending,
            Self::BreaksBeforeReady => Poll::Ready(Err(io::Error::other("broken"))),
            Self::Fails(_) | Self::Silent | Self::Answers(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, _request: Request<Vec<u8>>) -> Self::Future {
        let service = *self;
        Box::pin(async move {
            match service {
                Self::Fails(kind) => Err(io::Error::new(kind, "to +14155550123 with bys_ak_example")),
                Self::Answers(body) => Ok(Response::new(Full::new(body.bytes().collect()))),
                Self::NeverReady | Self::BreaksBeforeReady | Self::Silent => std::future::pending().await,
            }
        })
    }
}

fn refused(error: &(dyn Error + 'static)) -> Sent {
    let error = error.downcast_ref::<io::Error>().map(io::Error::kind);
    match error {
        Some(io::ErrorKind::ConnectionRefused) => Sent::No,
        _ => Sent::Maybe,
    }
}

async fn send(transport: &TowerTransport<FakeService, Vec<u8>>) -> Result<Response<Vec<u8>>, TransportFailure> {
    let request = Request::post("https://service.invalid/").body(b"{}".to_vec());
    transport.send(request.unwrap(), TIMEOUT).await
}

async fn failure(service: FakeService) -> (Sent, bool) {
    let failure = send(&TowerTransport::new(service)).await.unwrap_err();
    (failure.sent(), failure.is_timeout())
}

#[tokio::test(start_paused = true)]
async fn request_is_not_sent_if_the_service_did_not_get_it() {
    assert_eq!(failure(FakeService::NeverReady).await, (Sent::No, false));
    assert_eq!(failure(FakeService::BreaksBeforeReady).await, (Sent::No, false));
}

#[tokio::test(start_paused = true)]
async fn request_is_maybe_sent_if_the_service_got_it() {
    assert_eq!(failure(FakeService::Silent).await, (Sent::Maybe, true));
    assert_eq!(
        failure(FakeService::Fails(io::ErrorKind::ConnectionRefused)).await,
        (Sent::Maybe, false)
    );
}

#[tokio::test(start_paused = true)]
async fn classifier_decides_whether_a_request_was_sent() {
    for (kind, sent) in [
        (io::ErrorKind::ConnectionRefused, Sent::No),
        (io::ErrorKind::ConnectionReset, Sent::Maybe),
    ] {
        let transport = TowerTransport::new(FakeService::Fails(kind)).classify(refused);
        assert_eq!(send(&transport).await.unwrap_err().sent(), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn service_errors_are_redacted() {
    let failure = send(&TowerTransport::new(FakeService::Fails(io::ErrorKind::Other)))
        .await
        .unwrap_err();
    let shown = format!("{failure} {failure:?}");
    assert!(
        !shown.contains("bys_ak_example") && !shown.contains("4155550123"),
        "{shown}"
    );
}

#[tokio::test(start_paused = true)]
async fn body_is_read_up_to_the_limit() {
    let transport = |max| TowerTransport::new(FakeService::Answers("12345")).max_body(max);
    assert_eq!(send(&transport(5)).await.unwrap().body(), b"12345");
    assert_eq!(send(&transport(4)).await.unwrap_err().sent(), Sent::Maybe);
}

#[tokio::test(start_paused = true)]
async fn transport_uses_the_clock_and_sleep_of_tokio() {
    let transport = TowerTransport::<FakeService, Vec<u8>>::new(FakeService::Silent);
    let before = transport.now();
    sleep(TIMEOUT).await;
    transport.sleep(TIMEOUT).await;
    assert!(transport.now().since(before) >= 2 * TIMEOUT);
}
