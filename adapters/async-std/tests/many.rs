//! Many calls in one future, against the local service.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
#[path = "../../local-service/tests/many/mod.rs"]
mod many;

use byourside_async_std::{Client, ClientOptions, Status};
use many::{fast, local, often};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

#[test]
fn forty_calls_are_placed_once_each_and_waited_for() {
    let (_service, client, seen) = local(|api| Client::with_options(api, ClientOptions::default()).unwrap());
    let set = many::set(client.api(), fast(), client.now(), 40);
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

    let mut ended = BTreeSet::new();
    // smol drives the client as well.
    smol::block_on(async {
        let mut waits = client.wait_many(&ids, often());
        while let Some((id, result)) = waits.next().await {
            assert_eq!(result.unwrap().call.status(), Some(Status::Completed));
            ended.insert(id);
        }
    });
    assert_eq!(ended.len(), 40);
    assert_eq!(seen.posts(), 40);
}
