//! Requests, deliveries and time of the service on tokio's clock.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use axum::{Router, body::Body, routing::post};
use byourside_proto::client::{Client, ClientOptions, Transport};
use byourside_proto::{Api, CallId, Monotonic, Operation, PlaceCall, machine::Sent};
use byourside_sim::{DeliveryOptions, Dirt, Fault, Faults, Profile, Rate, Service, ServiceOptions, Site, TokioService};
use http::{Request, Response, StatusCode};
use std::{error::Error, time::Duration};
use tokio::{sync::mpsc, task::JoinSet, time::sleep, time::timeout};
use tower::ServiceExt;

const TIMEOUT: Duration = Duration::from_secs(30);

fn api() -> Api {
    Api::with_key("bys_ak_example").unwrap()
}

fn call() -> PlaceCall {
    PlaceCall::new("+14155550123", "Ask.").unwrap()
}

fn hooked(path: &str) -> PlaceCall {
    call().webhook_url(format!("https://example.com{path}")).unwrap()
}

fn client(sim: &TokioService) -> Client<TokioService> {
    Client::with_transport(api(), ClientOptions::default(), sim.clone())
}

fn at(seconds: u64) -> Monotonic {
    Monotonic::new(Duration::from_secs(seconds))
}

/// Every message takes two seconds, one way.
fn slow() -> Faults {
    let latency = Duration::from_secs(2);
    Faults {
        min_latency: latency,
        max_latency: latency,
        ..Faults::default()
    }
}

fn serve(faults: Faults) -> TokioService {
    TokioService::new(Service::new(7), faults)
}

fn placed_at(sim: &TokioService) -> Vec<Monotonic> {
    sim.service().calls().map(|call| call.placed_at()).collect()
}

#[tokio::test(start_paused = true)]
async fn answer_takes_the_latency_there_and_back() {
    let sim = serve(slow());
    assert!(sim.send(call().request(&api()), TIMEOUT).await.is_ok());
    assert_eq!((sim.now(), placed_at(&sim)), (at(4), vec![at(2)]));
}

#[tokio::test(start_paused = true)]
async fn answer_takes_no_time_where_messages_take_none() {
    let sim = serve(Faults::default());
    assert!(sim.send(call().request(&api()), TIMEOUT).await.is_ok());
    assert_eq!(sim.now(), Monotonic::ORIGIN);
}

#[tokio::test(start_paused = true)]
async fn request_arrives_although_its_future_was_dropped_or_timed_out() {
    let sim = serve(slow());
    let second = Duration::from_secs(1);
    assert!(
        timeout(second, sim.send(call().request(&api()), TIMEOUT))
            .await
            .is_err()
    );
    let failure = sim.send(call().request(&api()), second).await.unwrap_err();
    assert!(failure.is_timeout() && failure.sent() == Sent::Maybe);
    assert_eq!((sim.now(), placed_at(&sim)), (at(2), vec![]));
    sleep(2 * second).await;
    assert_eq!(placed_at(&sim), [at(2), at(3)]);
}

#[tokio::test(start_paused = true)]
async fn request_that_was_never_polled_is_not_sent() {
    let sim = serve(Faults::default());
    drop(sim.send(call().request(&api()), TIMEOUT));
    sleep(TIMEOUT).await;
    assert_eq!(sim.service().placed(), 0);
}

#[tokio::test(start_paused = true)]
async fn silence_lasts_until_the_timeout_of_the_caller() {
    let sim = serve(Faults {
        answer_lost: Rate::ALWAYS,
        silent: Rate::ALWAYS,
        ..Faults::default()
    });
    let hour = Duration::from_secs(3600);
    assert!(
        timeout(hour, sim.clone().oneshot(call().request(&api()).map(Body::from)))
            .await
            .is_err()
    );
    assert_eq!((sim.now(), sim.service().placed()), (at(3600), 1));
}

#[tokio::test(start_paused = true)]
async fn new_faults_hold_from_the_next_request_on() {
    let sim = serve(slow());
    let first = sim.clone().oneshot(call().request(&api()).map(Body::from));
    let changed = async {
        sleep(Duration::from_secs(1)).await;
        sim.set_faults(Faults {
            no_connection: Rate::ALWAYS,
            ..Faults::default()
        });
        sim.clone().oneshot(call().request(&api()).map(Body::from)).await
    };
    let (first, second) = tokio::join!(first, changed);
    assert!(first.is_ok());
    assert_eq!(second.unwrap_err().sent(), Sent::No);
}

/// The bounds that `byourside_tokio::TowerTransport` puts on a stack.
fn is_a_stack<S, Out>(_: S)
where
    S: tower::Service<Request<Body>, Response = Response<Out>> + Clone,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    Out: axum::body::HttpBody<Error: Into<Box<dyn Error + Send + Sync>>>,
{
}

#[tokio::test(start_paused = true)]
async fn service_fits_where_a_tower_client_does() {
    let sim = serve(Faults::default());
    is_a_stack(sim.clone());
    let response = sim.oneshot(call().request(&api()).map(Body::from)).await.unwrap();
    let placed = axum::body::to_bytes(Body::new(response.into_body()), 1000)
        .await
        .unwrap();
    assert!(placed.starts_with(b"{\"callId\":"), "{placed:?}");
}

/// Twenty programs at once: each one's call, and when it knew of the end.
async fn twenty(seed: u64) -> Vec<(String, Monotonic)> {
    let sim = TokioService::new(Service::new(seed), Profile::Mild.faults(seed));
    let client = client(&sim);
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let client = client.clone();
        tasks.spawn(async move {
            let call = PlaceCall::new("+14155550123", format!("Call {number}.")).unwrap();
            let told = match client.place_and_wait(&call).await {
                Ok(ended) => ended.call.id().unwrap().to_owned(),
                Err(error) => error.to_string(),
            };
            (told, client.now())
        });
    }
    let mut ended = Vec::new();
    while let Some(program) = tasks.join_next().await {
        ended.push(program.unwrap());
    }
    assert!(sim.service().placed() <= 20);
    ended
}

#[tokio::test(start_paused = true)]
async fn twenty_tasks_wait_concurrently_and_repeat_by_seed() {
    let ended = twenty(7).await;
    // One after the other they would take as many times ten seconds.
    assert!(ended.iter().all(|(_, at)| at.since_origin() < Duration::from_secs(60)));
    assert_eq!(ended, twenty(7).await);
    assert_ne!(ended, twenty(8).await);
}

/// Which paths a receiver was called at, and when.
type Received = mpsc::UnboundedReceiver<(String, Monotonic)>;

/// A receiver that answers with these statuses, then with 204.
fn receiver(sim: &TokioService, statuses: &[u16]) -> (Router, Received) {
    let (sender, received) = mpsc::unbounded_channel();
    let statuses = std::sync::Arc::new(std::sync::Mutex::new(statuses.to_vec()));
    let sim = sim.clone();
    let receive = async move |request: axum::extract::Request| {
        sender.send((request.uri().path().to_owned(), sim.now())).unwrap();
        let status = statuses.lock().unwrap().pop().unwrap_or(204);
        StatusCode::from_u16(status).unwrap()
    };
    (Router::new().route("/{*path}", post(receive)), received)
}

/// The next delivery; `None` if none comes for an hour.
async fn next(received: &mut Received) -> Option<(String, Monotonic)> {
    timeout(Duration::from_secs(3600), received.recv()).await.ok().flatten()
}

async fn place(sim: &TokioService, path: &str) -> CallId {
    client(sim).place_call(&hooked(path)).await.unwrap().call_id().unwrap()
}

#[tokio::test(start_paused = true)]
async fn deliveries_come_when_they_are_due_although_the_call_was_placed_later() {
    let sim = serve(Faults::default());
    let (app, mut received) = receiver(&sim, &[]);
    sim.deliver_to::<Body, _>(app);
    sleep(Duration::from_secs(100)).await;
    let id = place(&sim, "/a").await;
    let (answered, ended) = {
        let service = sim.service();
        let call = service.call(&id).unwrap();
        (call.answered_at().unwrap(), call.ends_at().unwrap())
    };
    for due in [answered, ended] {
        let (path, at) = next(&mut received).await.unwrap();
        assert_eq!(path, "/a");
        assert!(at >= due && at.since(due) < Duration::from_millis(1));
    }
    assert!(next(&mut received).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn delivery_that_is_not_acknowledged_comes_again() {
    let sim = serve(Faults::default());
    let (app, mut received) = receiver(&sim, &[503, 503]);
    sim.deliver_to::<Body, _>(app);
    place(&sim, "/a").await;
    let mut came = Vec::new();
    while let Some((_, at)) = next(&mut received).await {
        came.push(at);
    }
    assert_eq!(came.len(), 4, "{came:?}");
}

#[tokio::test(start_paused = true)]
async fn delivery_that_is_never_answered_delays_no_other() {
    let deliveries = DeliveryOptions {
        attempts: 1,
        ..DeliveryOptions::default()
    };
    let options = ServiceOptions {
        deliveries,
        ..ServiceOptions::default()
    };
    let sim = TokioService::new(Service::with_options(7, options), Faults::default());
    let (app, mut received) = receiver(&sim, &[]);
    sim.deliver_to::<Body, _>(app.route("/stuck", post(async || std::future::pending::<()>().await)));
    place(&sim, "/stuck").await;
    place(&sim, "/a").await;
    for _ in 0..2 {
        assert_eq!(next(&mut received).await.unwrap().0, "/a");
    }
    sleep(Duration::from_secs(60)).await;
    assert_eq!(sim.service().next_wake(), None);
}

#[tokio::test(start_paused = true)]
async fn new_receiver_replaces_the_earlier_one() {
    let sim = serve(Faults::default());
    let (before, mut at_the_one_before) = receiver(&sim, &[]);
    let (after, mut received) = receiver(&sim, &[]);
    sim.deliver_to::<Body, _>(before);
    place(&sim, "/a").await;
    assert!(next(&mut at_the_one_before).await.is_some());
    sim.deliver_to::<Body, _>(after);
    assert!(next(&mut received).await.is_some());
    assert!(at_the_one_before.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn third_get_gets_a_503_and_the_wait_outlives_it() {
    let dirt = Dirt::scripted().with(Site::get(0, 3), Fault::ProxyBefore, 503);
    let sim = TokioService::with_dirt(Service::new(7), dirt);
    let ended = client(&sim).place_and_wait(&call()).await.unwrap();
    assert_eq!((ended.counts.refused, ended.call.summary().is_some()), (1, true));
}
