//! Many calls in one future, against the local service.
use byourside_async_std::{
    Client, ClientOptions, PlaceCall, Status,
    machine::{
        place_set::{Intent, PlaceSet, PlaceSetOptions},
        wait_set::WaitSetOptions,
    },
};
use byourside_local_service::LocalService;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

#[test]
fn forty_calls_are_placed_once_each_and_waited_for() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let service = LocalService::builder()
        .speed(30.0)
        .on_request(move |exchange| log.lock().unwrap().push(exchange.method().to_owned()))
        .start()
        .unwrap();
    let client = Client::with_options(service.api().unwrap(), ClientOptions::default()).unwrap();
    let options = PlaceSetOptions {
        max_per_second: 100,
        ..PlaceSetOptions::default()
    };
    let mut set = PlaceSet::new(client.api(), options, client.now());
    for call in 0..40 {
        let to = format!("+1415556{call:04}");
        set.add(Intent::new(&call.to_string()), PlaceCall::new(to, "Ask.").unwrap());
    }
    let recorded = Arc::new(Mutex::new(BTreeSet::new()));
    let journal = recorded.clone();
    let placing = client.clone();
    let ids = async_std::task::block_on(async {
        // In its own task, to show that the future is `Send`.
        async_std::task::spawn(async move {
            let mut placements = placing.place_many(set, move |intent| {
                let new = journal.lock().unwrap().insert(intent);
                async move { new.then_some(()).ok_or("recorded twice") }
            });
            let mut ids = Vec::new();
            while let Some((_intent, placement)) = placements.next().await {
                ids.extend(placement.into_result().unwrap().call_id());
            }
            ids
        })
        .await
    });
    assert_eq!((ids.len(), recorded.lock().unwrap().len()), (40, 40));

    let options = WaitSetOptions {
        list_interval: Duration::from_millis(100),
        ..WaitSetOptions::default()
    };
    let mut ended = BTreeSet::new();
    // smol drives the client as well.
    smol::block_on(async {
        let mut waits = client.wait_many(&ids, options);
        while let Some((id, result)) = waits.next().await {
            assert_eq!(result.unwrap().call.status(), Some(Status::Completed));
            ended.insert(id);
        }
    });
    assert_eq!(ended.len(), 40);
    let posts = seen.lock().unwrap().iter().filter(|method| *method == "POST").count();
    assert_eq!(posts, 40);
}
