//! A tower service as the transport.
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

/// What a service does with a request.
#[derive(Clone, Copy)]
enum Fate {
    NeverReady,
    BreaksBeforeReady,
    Fails(io::ErrorKind),
    Silent,
    Answers(&'static str),
}

impl Service<Request<Vec<u8>>> for Fate {
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
        let fate = *self;
        Box::pin(async move {
            match fate {
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

async fn send(transport: &TowerTransport<Fate, Vec<u8>>) -> Result<Response<Vec<u8>>, TransportFailure> {
    let request = Request::post("https://service.invalid/").body(b"{}".to_vec());
    transport.send(request.unwrap(), TIMEOUT).await
}

async fn failure(fate: Fate) -> (Sent, bool) {
    let failure = send(&TowerTransport::new(fate)).await.unwrap_err();
    (failure.sent(), failure.is_timeout())
}

#[tokio::test(start_paused = true)]
async fn what_the_service_was_not_given_was_not_sent() {
    assert_eq!(failure(Fate::NeverReady).await, (Sent::No, false));
    assert_eq!(failure(Fate::BreaksBeforeReady).await, (Sent::No, false));
}

#[tokio::test(start_paused = true)]
async fn what_it_was_given_may_have_been_sent() {
    assert_eq!(failure(Fate::Silent).await, (Sent::Maybe, true));
    assert_eq!(
        failure(Fate::Fails(io::ErrorKind::ConnectionRefused)).await,
        (Sent::Maybe, false)
    );
}

#[tokio::test(start_paused = true)]
async fn a_classifier_knows_better() {
    for (kind, sent) in [
        (io::ErrorKind::ConnectionRefused, Sent::No),
        (io::ErrorKind::ConnectionReset, Sent::Maybe),
    ] {
        let transport = TowerTransport::new(Fate::Fails(kind)).classify(refused);
        assert_eq!(send(&transport).await.unwrap_err().sent(), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn its_errors_are_told_without_keys_and_phone_numbers() {
    let failure = send(&TowerTransport::new(Fate::Fails(io::ErrorKind::Other)))
        .await
        .unwrap_err();
    let told = format!("{failure} {failure:?}");
    assert!(
        !told.contains("bys_ak_example") && !told.contains("4155550123"),
        "{told}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_is_read_up_to_the_limit_and_no_further() {
    let transport = |max| TowerTransport::new(Fate::Answers("12345")).max_body(max);
    assert_eq!(send(&transport(5)).await.unwrap().body(), b"12345");
    assert_eq!(send(&transport(4)).await.unwrap_err().sent(), Sent::Maybe);
}

#[tokio::test(start_paused = true)]
async fn its_clock_and_its_sleep_are_tokios() {
    let transport = TowerTransport::<Fate, Vec<u8>>::new(Fate::Silent);
    let before = transport.now();
    sleep(TIMEOUT).await;
    transport.sleep(TIMEOUT).await;
    assert!(transport.now().since(before) >= 2 * TIMEOUT);
}
