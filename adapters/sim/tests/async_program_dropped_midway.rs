//! Tests programs that drop a future midway, or do something else while one waits.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_proto::client::{Client, ClientOptions};
use byourside_proto::{Api, PlaceCall, machine::reconcile::Reconciliation};
use byourside_sim::{Profile, Service, TokioService};
use std::{pin::pin, time::Duration};
use tokio::time::{interval, timeout};

fn harsh(seed: u64) -> (TokioService, Client<TokioService>) {
    let sim = TokioService::new(Service::new(seed), Profile::Harsh.faults(seed));
    let api = Api::with_key("bys_ak_example").unwrap();
    (sim.clone(), Client::with_transport(api, ClientOptions::default(), sim))
}

#[tokio::test(start_paused = true)]
async fn call_that_was_dropped_midway_is_found_by_reconciling() {
    let call = PlaceCall::new("+14155550123", "Ask.").unwrap();
    let mut arrived_later = 0;
    for seed in 0..200 {
        let (sim, client) = harsh(seed);
        // The program gives up within six seconds: before its request arrives, before the answer arrives, or during the
        // wait.
        let patience = Duration::from_millis(seed * 100 % 6_000);
        if timeout(patience, client.place_and_wait(&call)).await.is_ok() {
            continue;
        }
        let placed_when_dropped = sim.service().placed();
        let reconciled = client.reconcile(&call, []).await;
        let placed = sim.service().placed();
        assert!(placed <= 1, "seed {seed}");
        match reconciled {
            Reconciliation::Found(found) => assert!(sim.service().call(&found.call_id().unwrap()).is_some()),
            Reconciliation::Absent => assert_eq!(placed, 0, "seed {seed}"),
            Reconciliation::Ambiguous { .. } => {}
        }
        arrived_later += placed - placed_when_dropped;
    }
    assert!(arrived_later > 0, "no request arrived after its future was dropped");
}

#[tokio::test(start_paused = true)]
async fn wait_that_is_pinned_outside_of_the_loop_goes_on_past_ticks() {
    let call = PlaceCall::new("+14155550123", "Ask.").unwrap();
    for seed in 0..50 {
        let (sim, client) = harsh(seed);
        // Far shorter than a round trip.
        let mut ticks = interval(Duration::from_millis(100));
        let mut waiting = pin!(client.place_and_wait(&call));
        let result = loop {
            tokio::select! {
                result = &mut waiting => break result,
                _ = ticks.tick() => {}
            }
        };
        let (alone_sim, alone) = harsh(seed);
        assert_eq!(result, alone.place_and_wait(&call).await, "seed {seed}");
        assert_eq!(sim.service().placed(), alone_sim.service().placed());
    }
}
