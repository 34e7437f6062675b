//! Waits over a tower service in memory, on tokio's paused time.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_tokio::{
    Api, CallId, Status, TowerTransport,
    client::{Client, ClientOptions, Transport, Update},
    machine::wait::{CallWaiter, WaitOptions},
};
use futures_util::StreamExt;
use http::{Request, Response};
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, timeout};
use tower::service_fn;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A client of a service that answers the nth request with the status `answer(nth)`; `None` is no answer.
fn client(
    answer: fn(usize) -> Option<&'static str>,
) -> (Client<impl Transport + Send + Sync + 'static>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let service = service_fn(move |_request: Request<String>| {
        let nth = counter.fetch_add(1, Ordering::SeqCst);
        async move {
            match answer(nth) {
                Some(status) => Ok::<_, Infallible>(Response::new(format!(r#"{{"id":"c1","status":"{status}"}}"#))),
                None => std::future::pending().await,
            }
        }
    });
    let service = tower::ServiceBuilder::new()
        .map_request(|request: Request<Text>| request.map(|text| text.0))
        .service(service);
    let api = Api::with_key("bys_ak_example").unwrap();
    let transport = TowerTransport::<_, Text>::new(service);
    (Client::with_transport(api, ClientOptions::default(), transport), asked)
}

struct Text(String);

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self(String::from_utf8(bytes).unwrap())
    }
}

fn id() -> CallId {
    CallId::new("c1").unwrap()
}

fn patient() -> WaitOptions {
    WaitOptions {
        timeout: 2 * HOUR,
        ..WaitOptions::default()
    }
}

#[tokio::test(start_paused = true)]
async fn wait_on_paused_time_needs_no_real_time() {
    let real = std::time::Instant::now();
    let began = Instant::now();
    let (client, asked) = client(|nth| Some(if nth < 1200 { "in_progress" } else { "completed" }));
    let ended = client.wait_for_call_with(&id(), patient(), |_status| ()).await.unwrap();
    assert_eq!(ended.call.status(), Some(Status::Completed));
    assert_eq!(asked.load(Ordering::SeqCst), 1201);
    assert!(began.elapsed() >= HOUR / 2, "{:?}", began.elapsed());
    assert!(real.elapsed() < Duration::from_secs(30), "{:?}", real.elapsed());
}

#[tokio::test(start_paused = true)]
async fn wait_dropped_in_flight_resumes_with_the_same_machine() {
    let (client, asked) = client(|nth| (nth > 0).then_some("completed"));
    let options = patient();
    let mut waiter = CallWaiter::new(client.api(), id(), options, client.now());
    let began = Instant::now();
    let dropped = timeout(Duration::from_secs(1), client.run(&mut waiter)).await;
    assert!(dropped.is_err(), "the first answer never comes");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let ended = client.run(&mut waiter).await.unwrap();
    assert_eq!(ended.call.status(), Some(Status::Completed));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert!(began.elapsed() >= options.attempt_timeout, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn wait_goes_on_after_an_attempt_timeout() {
    let (client, asked) = client(|nth| (nth > 0).then_some("completed"));
    let ended = client.wait_for_call(&id()).await.unwrap();
    assert_eq!((ended.counts.transport, asked.load(Ordering::SeqCst)), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn stream_of_updates_ends_with_the_record() {
    let statuses = |nth| Some(["queued", "queued", "in_progress", "completed"][nth]);
    let (client, _) = client(statuses);
    let updates: Vec<_> = client.watch(&id(), patient()).into_stream().collect().await;
    let mut seen: Vec<_> = updates.into_iter().map(Result::unwrap).collect();
    let Some(Update::Finished(ended)) = seen.pop() else {
        panic!("{seen:?}")
    };
    assert_eq!(ended.counts.polls, 4);
    let changes = [Status::Queued, Status::InProgress, Status::Completed];
    assert_eq!(seen, changes.map(Update::Status));
}
