//! Many calls on a few threads, against the local service.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_local_service::LocalService;
use byourside_ureq::{
    Client, ClientOptions, PlaceCall, Status,
    machine::{
        place::{NotPlaced, Placement},
        place_set::{Intent, PlaceSet, PlaceSetOptions},
        wait_set::WaitSetOptions,
    },
    place_many, wait_many,
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

fn set(client: &Client, calls: u32) -> PlaceSet {
    let options = PlaceSetOptions {
        max_per_second: 100,
        ..PlaceSetOptions::default()
    };
    let mut set = PlaceSet::new(client.api(), options, client.now());
    for call in 0..calls {
        let to = format!("+1415556{call:04}");
        set.add(Intent::new(&call.to_string()), PlaceCall::new(to, "Ask.").unwrap());
    }
    set
}

#[test]
fn forty_calls_are_placed_once_each_and_waited_for() {
    let (_service, client, seen) = local();
    let recorded = Mutex::new(BTreeSet::new());
    let record = |intent: &Intent| {
        assert!(recorded.lock().unwrap().insert(intent.clone()), "recorded twice");
        Ok::<(), ()>(())
    };
    let mut ids = Vec::new();
    place_many(&client, &mut set(&client, 40), 4, record, |_intent, placement| {
        ids.extend(placement.into_result().unwrap().call_id());
    });
    assert_eq!(ids.len(), 40);
    assert_eq!(recorded.lock().unwrap().len(), 40);
    let options = WaitSetOptions {
        list_interval: Duration::from_millis(100),
        ..WaitSetOptions::default()
    };
    let mut ended = BTreeSet::new();
    wait_many(&client, &ids, options, 4, |id, result| {
        assert_eq!(result.unwrap().call.status(), Some(Status::Completed));
        ended.insert(id);
    });
    assert_eq!(ended.len(), 40);
    let posts = seen.lock().unwrap().iter().filter(|method| *method == "POST").count();
    assert_eq!(posts, 40);
}

#[test]
fn placing_is_not_sent_when_recording_fails() {
    let (_service, client, seen) = local();
    let mut options = PlaceSetOptions::default();
    options.place.retries = 0;
    let mut set = PlaceSet::new(client.api(), options, client.now());
    set.add(Intent::new("0"), PlaceCall::new("+14155550123", "Ask.").unwrap());
    let mut placements = Vec::new();
    place_many(
        &client,
        &mut set,
        2,
        |_| Err("the disk is full"),
        |_, placement| placements.push(placement),
    );
    assert!(matches!(
        placements[..],
        [Placement::NotPlaced(NotPlaced::NoConnection(_))]
    ));
    assert!(seen.lock().unwrap().is_empty());
}
