//! Many calls in one future, against the local service.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
#[path = "../../local-service/tests/many/mod.rs"]
mod many;

use byourside_tokio::{
    Api, Client, ClientOptions, PlaceCall, Status,
    machine::{
        place::{NotPlaced, Placement},
        place_set::{PlaceSet, PlaceSetOptions},
        wait_set::WaitSetOptions,
    },
};
use many::{fast, local, often};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

fn client(api: Api) -> Client {
    Client::with_options(api, ClientOptions::default()).unwrap()
}

fn set(client: &Client, options: PlaceSetOptions, calls: u32) -> PlaceSet {
    many::set(client.api(), options, client.now(), calls)
}

#[tokio::test]
async fn forty_calls_are_placed_once_each_and_waited_for() {
    let (_service, client, seen) = local(client);
    let recorded = Arc::new(Mutex::new(BTreeSet::new()));
    let journal = recorded.clone();
    let mut placements = client.place_many(set(&client, fast(), 40), move |intent| {
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

    let mut waits = client.wait_many(&ids, often());
    let mut ended = BTreeSet::new();
    while let Some((id, result)) = waits.next().await {
        assert_eq!(result.unwrap().call.status(), Some(Status::Completed));
        ended.insert(id);
    }
    assert_eq!(ended.len(), 40);
    assert_eq!(seen.posts(), 40);
}

#[tokio::test]
async fn placing_is_not_sent_when_recording_fails() {
    let (_service, client, seen) = local(client);
    let mut options = PlaceSetOptions::default();
    options.place.retries = 0;
    let mut placements = client.place_many(set(&client, options, 1), async |_| Err("the disk is full"));
    let (_, placement) = placements.next().await.unwrap();
    assert!(matches!(placement, Placement::NotPlaced(NotPlaced::NoConnection(_))));
    assert_eq!(placements.next().await, None);
    assert!(seen.is_empty());
}

#[tokio::test(start_paused = true)]
async fn placing_is_not_sent_when_recording_takes_too_long() {
    let (_service, client, seen) = local(client);
    let options = PlaceSetOptions::default();
    let mut placements = client.place_many(set(&client, options, 1), async |_| {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok::<(), ()>(())
    });
    let (_, placement) = placements.next().await.unwrap();
    assert!(matches!(placement, Placement::Unknown(_)));
    drop(placements);
    assert!(seen.is_empty());
}

#[tokio::test]
async fn calls_can_be_added_while_others_are_waited_for() {
    let (_service, client, _) = local(client);
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
