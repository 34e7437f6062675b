//! Many calls in one future, against the local service.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_local_service::LocalService;
use byourside_tokio::{
    Client, ClientOptions, PlaceCall, Status,
    machine::{
        place::{NotPlaced, Placement},
        place_set::{Intent, PlaceSet, PlaceSetOptions},
        wait_set::WaitSetOptions,
    },
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

/// The service, a client for it, and the methods of the requests that it has received.
fn local() -> (LocalService, Client, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let service = LocalService::builder()
        .speed(30.0)
        .on_request(move |exchange| log.lock().unwrap().push(exchange.method().to_owned()))
        .start()
        .unwrap();
    let client = Client::with_options(service.api().unwrap(), ClientOptions::default()).unwrap();
    (service, client, seen)
}

fn set(client: &Client, options: PlaceSetOptions, calls: u32) -> PlaceSet {
    let mut set = PlaceSet::new(client.api(), options, client.now());
    for call in 0..calls {
        let to = format!("+1415556{call:04}");
        set.add(Intent::new(&call.to_string()), PlaceCall::new(to, "Ask.").unwrap());
    }
    set
}

#[tokio::test]
async fn forty_calls_are_placed_once_each_and_waited_for() {
    let (_service, client, seen) = local();
    let options = PlaceSetOptions {
        max_per_second: 100,
        ..PlaceSetOptions::default()
    };
    let recorded = Arc::new(Mutex::new(BTreeSet::new()));
    let journal = recorded.clone();
    let mut placements = client.place_many(set(&client, options, 40), move |intent| {
        let new = journal.lock().unwrap().insert(intent);
        async move { new.then_some(()).ok_or("recorded twice") }
    });
    // In its own task, to show that the future is `Send`.
    let placing = tokio::spawn(async move {
        let mut ids = Vec::new();
        while let Some((_intent, placement)) = placements.next().await {
            ids.extend(placement.into_result().unwrap().call_id());
        }
        ids
    });
    let ids = placing.await.unwrap();
    assert_eq!((ids.len(), recorded.lock().unwrap().len()), (40, 40));

    let options = WaitSetOptions {
        list_interval: Duration::from_millis(100),
        ..WaitSetOptions::default()
    };
    let mut waits = client.wait_many(&ids, options);
    let mut ended = BTreeSet::new();
    while let Some((id, result)) = waits.next().await {
        assert_eq!(result.unwrap().call.status(), Some(Status::Completed));
        ended.insert(id);
    }
    assert_eq!(ended.len(), 40);
    let posts = seen.lock().unwrap().iter().filter(|method| *method == "POST").count();
    assert_eq!(posts, 40);
}

#[tokio::test]
async fn placing_is_not_sent_when_recording_fails() {
    let (_service, client, seen) = local();
    let mut options = PlaceSetOptions::default();
    options.place.retries = 0;
    let mut placements = client.place_many(set(&client, options, 1), async |_| Err("the disk is full"));
    let (_, placement) = placements.next().await.unwrap();
    assert!(matches!(placement, Placement::NotPlaced(NotPlaced::NoConnection(_))));
    assert_eq!(placements.next().await, None);
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn placing_is_not_sent_when_recording_takes_too_long() {
    let (_service, client, seen) = local();
    let options = PlaceSetOptions::default();
    let mut placements = client.place_many(set(&client, options, 1), async |_| {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok::<(), ()>(())
    });
    let (_, placement) = placements.next().await.unwrap();
    assert!(matches!(placement, Placement::Unknown(_)));
    drop(placements);
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn calls_can_be_added_while_others_are_waited_for() {
    let (_service, client, _) = local();
    let place = async |to: &str| {
        let call = client.place_call(&PlaceCall::new(to, "Ask.").unwrap()).await.unwrap();
        call.call_id().unwrap()
    };
    let first = place("+14155550101").await;
    let mut waits = client.wait_many(std::slice::from_ref(&first), WaitSetOptions::default());
    // Dropped while a request is in flight: nothing is lost.
    let _ = tokio::time::timeout(Duration::from_millis(5), waits.next()).await;
    let second = place("+14155550102").await;
    waits.set_mut().add(&second, client.now());
    let mut ended = BTreeSet::new();
    while let Some((id, result)) = waits.next().await {
        result.unwrap();
        ended.insert(id);
    }
    assert_eq!(ended, BTreeSet::from([first, second]));
}
