//! Faults of deliveries, each by itself and all at once.
use super::harness::{Arrival, deliver, service_with_webhooks, taken};
use crate::{DeliveryFaults, DeliveryOptions, DeliveryOutcome, Rate};
use byourside_proto::webhook::Refusal;
use http::StatusCode;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

fn arrivals(faults: DeliveryFaults) -> Vec<Arrival> {
    let options = DeliveryOptions {
        faults,
        ..DeliveryOptions::default()
    };
    deliver(&mut service_with_webhooks(options, &["+14155550123"]), taken)
}

fn kinds(arrivals: &[Arrival]) -> Vec<&str> {
    arrivals.iter().map(Arrival::event).collect()
}

#[test]
fn lost_delivery_never_arrives_and_is_given_up() {
    let lost = arrivals(DeliveryFaults {
        lost: Rate::ALWAYS,
        ..DeliveryFaults::default()
    });
    assert!(lost.is_empty());
}

#[test]
fn delivery_lost_now_and_then_arrives_in_the_end() {
    let lost = (0..20).map(|seed| DeliveryFaults {
        seed,
        lost: Rate::percent(40),
        ..DeliveryFaults::default()
    });
    let arrivals: Vec<_> = lost.flat_map(arrivals).collect();
    assert_eq!(arrivals.len(), 40);
    assert!(arrivals.iter().any(|arrival| arrival.attempt > 1));
}

#[test]
fn lost_attempt_is_reported_and_changes_nothing_else() {
    let options = DeliveryOptions {
        faults: DeliveryFaults {
            lost: Rate::percent(40),
            duplicated: Rate::percent(40),
            ..DeliveryFaults::default()
        },
        ..DeliveryOptions::default()
    };
    let numbers = ["+14155550123"; 20];
    let arrived: Vec<_> = deliver(&mut service_with_webhooks(options.clone(), &numbers), taken)
        .iter()
        .map(|arrival| (arrival.at, arrival.body["eventId"].to_string(), arrival.attempt))
        .collect();

    let mut service = service_with_webhooks(options, &numbers);
    let (mut sent, mut lost) = (Vec::new(), Vec::new());
    while let Some(now) = service.next_wake() {
        while let Some((request, ticket)) = service.poll_attempt(now) {
            let (attempts, outcome) = match request {
                Some(_) => (&mut sent, DeliveryOutcome::Answered(StatusCode::OK)),
                None => (&mut lost, DeliveryOutcome::Lost),
            };
            attempts.push((now, json!(ticket.event_id()).to_string(), ticket.attempt()));
            service.delivered(now, ticket, outcome);
        }
    }
    assert_eq!(sent, arrived);
    assert!(lost.len() > 10 && lost.iter().all(|attempt| !sent.contains(attempt)));
}

#[test]
fn duplicated_delivery_arrives_twice_with_one_id() {
    let twice = arrivals(DeliveryFaults {
        duplicated: Rate::ALWAYS,
        ..DeliveryFaults::default()
    });
    let ids: BTreeSet<_> = twice
        .iter()
        .map(|arrival| arrival.body["eventId"].to_string())
        .collect();
    assert_eq!((twice.len(), ids.len()), (4, 2));
}

#[test]
fn reordered_event_arrives_after_the_terminal_one() {
    let reordered = arrivals(DeliveryFaults {
        reordered: Rate::ALWAYS,
        ..DeliveryFaults::default()
    });
    assert_eq!(kinds(&reordered), ["call.completed", "call.in_progress"]);
}

#[test]
fn delayed_delivery_keeps_the_time_at_which_it_was_built() {
    let on_time = arrivals(DeliveryFaults::default());
    let delayed = arrivals(DeliveryFaults {
        delayed: Rate::ALWAYS,
        max_delay: Duration::from_secs(3),
        ..DeliveryFaults::default()
    });
    for (late, on_time) in delayed.iter().zip(&on_time) {
        let delay = late.at.since(on_time.at);
        assert!(!delay.is_zero() && delay <= Duration::from_secs(3), "{delay:?}");
        assert_eq!(late.body, on_time.body);
    }
}

#[test]
fn skewed_clock_is_wrong_either_way_and_beyond_the_tolerance() {
    let skewed = (0..50).flat_map(|seed| {
        arrivals(DeliveryFaults {
            seed,
            skewed: Rate::ALWAYS,
            ..DeliveryFaults::default()
        })
    });
    let mut seen = [false; 4];
    for arrival in skewed {
        let received = 1_767_225_600 + i64::try_from(arrival.at.since_origin().as_secs()).unwrap();
        match arrival.signed_at() {
            Ok(t) if t < received => seen[0] = true,
            Ok(_) => seen[1] = true,
            Err(Refusal::Stale { .. }) => seen[2] = true,
            Err(Refusal::TooEarly { .. }) => seen[3] = true,
            Err(refusal) => panic!("{refusal}"),
        }
    }
    assert_eq!(seen, [true; 4]);
}

proptest! {
    #[test]
    fn deliveries_end_under_any_faults(
        seed: u64,
        rates in proptest::array::uniform5(0_u32..=100),
        max_delay in 0_u64..100,
        taken_every in 1_u32..4,
    ) {
        let [lost, delayed, duplicated, reordered, skewed] = rates.map(Rate::percent);
        let max_delay = Duration::from_secs(max_delay);
        let faults = DeliveryFaults {
            seed,
            lost,
            delayed,
            duplicated,
            reordered,
            skewed,
            max_delay,
            ..DeliveryFaults::default()
        };
        let options = DeliveryOptions { faults, ..DeliveryOptions::default() };
        let run = || {
            let mut count = 0;
            deliver(&mut service_with_webhooks(options.clone(), &["+14155550123", "+14155550103"]), |arrival| {
                count += 1;
                if count % taken_every == 0 { taken(arrival) } else { DeliveryOutcome::NoAnswer }
            })
        };
        let arrivals = run();
        let bodies: BTreeSet<_> = arrivals.iter().map(|arrival| arrival.request.body().clone()).collect();
        prop_assert!(bodies.len() <= 3, "one body for each event, however often it is sent");
        prop_assert!(arrivals.len() <= 3 * 6 * 2);
        let again: Vec<_> = run().into_iter().map(|arrival| (arrival.at, arrival.body)).collect();
        prop_assert_eq!(again, arrivals.into_iter().map(|arrival| (arrival.at, arrival.body)).collect::<Vec<_>>());
    }
}
