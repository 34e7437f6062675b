//! Many calls on a few threads, against the local service.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
#[path = "../../local-service/tests/many/mod.rs"]
mod many;

use byourside_ureq::{
    Api, Client, ClientOptions, Status,
    machine::{
        place::{NotPlaced, Placement},
        place_set::{Intent, PlaceSet, PlaceSetOptions},
    },
    place_many, wait_many,
};
use many::{fast, local, often};
use std::{collections::BTreeSet, sync::Mutex};

fn client(api: Api) -> Client {
    Client::with_options(api, ClientOptions::default()).unwrap()
}

fn set(client: &Client, options: PlaceSetOptions, calls: u32) -> PlaceSet {
    many::set(client.api(), options, client.now(), calls)
}

#[test]
fn forty_calls_are_placed_once_each_and_waited_for() {
    let (_service, client, seen) = local(client);
    let recorded = Mutex::new(BTreeSet::new());
    let record = |intent: &Intent| {
        assert!(recorded.lock().unwrap().insert(intent.clone()), "recorded twice");
        Ok::<(), ()>(())
    };
    let mut ids = Vec::new();
    place_many(
        &client,
        &mut set(&client, fast(), 40),
        4,
        record,
        |_intent, placement| {
            ids.extend(placement.into_result().unwrap().call_id());
        },
    );
    assert_eq!(ids.len(), 40);
    assert_eq!(recorded.lock().unwrap().len(), 40);
    let mut ended = BTreeSet::new();
    wait_many(&client, &ids, often(), 4, |id, result| {
        assert_eq!(result.unwrap().call.status(), Some(Status::Completed));
        ended.insert(id);
    });
    assert_eq!(ended.len(), 40);
    assert_eq!(seen.posts(), 40);
}

#[test]
fn placing_is_not_sent_when_recording_fails() {
    let (_service, client, seen) = local(client);
    let mut options = PlaceSetOptions::default();
    options.place.retries = 0;
    let mut placements = Vec::new();
    place_many(
        &client,
        &mut set(&client, options, 1),
        2,
        |_| Err("the disk is full"),
        |_, placement| placements.push(placement),
    );
    assert!(matches!(
        placements[..],
        [Placement::NotPlaced(NotPlaced::NoConnection(_))]
    ));
    assert!(seen.is_empty());
}
