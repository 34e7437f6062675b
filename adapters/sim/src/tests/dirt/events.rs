//! Webhook deliveries.
use super::{
    Check,
    fixture::{Fixture, NUMBER, OBJECTIVE, clean, only, post},
    one_program::{Run, Seen, placing},
};
use crate::{Dirt, Fault, Site, dirt::InjectedDelivery};
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};

pub(super) const CHECKS: &[Check] = &[
    (Fault::EventIdBlank, event_id_is_blank),
    (Fault::EventIdNumeric, event_id_is_a_number_of_its_own_and_arrives_twice),
    (Fault::EventIdMissing, event_id_is_missing),
    (Fault::EventIdShared, events_that_differ_share_an_id),
    (Fault::EventStorm, contradictory_events_come_one_every_2_milliseconds),
    (Fault::EventOfAnother, event_of_another_call_comes_along),
    (Fault::EventOfYesterday, event_of_yesterday_comes_along),
    (Fault::EventLost, event_is_lost_this_time),
    (Fault::EventTwice, event_arrives_twice),
    (Fault::EventEarly, event_overtakes_the_answer_to_the_post),
];

/// What is delivered for each of the two events of a call: after how many milliseconds, what, and whether its answer
/// counts.
fn delivered(fault: Option<(Fault, u64)>) -> Vec<Vec<(u128, Value, bool)>> {
    let mut fixture = Fixture::with_calls(1);
    fixture.place(1003, &post(NUMBER, OBJECTIVE), &clean());
    let faults = fault.map_or_else(clean, |(fault, parameter)| only(fault, parameter));
    let read = |deliveries: InjectedDelivery| {
        let body = serde_json::from_slice(&deliveries.body).unwrap();
        (deliveries.after.as_millis(), body, deliveries.awaited)
    };
    let events = fixture.events(&faults);
    assert_eq!(events.len(), 2, "answered, and ended");
    let events = events.into_iter().map(|event| event.into_iter().map(read).collect());
    events.collect()
}

/// The events as they are without faults.
fn usual() -> Vec<Value> {
    let events = delivered(None);
    events
        .into_iter()
        .map(|mut event| {
            assert!(event.len() == 1 && event[0].0 == 0 && event[0].2);
            event.remove(0).1
        })
        .collect()
}

/// The ids of both events under this fault; nothing else about them changes.
fn ids(fault: Fault) -> Vec<Option<Value>> {
    let events = delivered(Some((fault, 0))).into_iter().zip(usual());
    let id = |(mut event, mut usual): (Vec<(u128, Value, bool)>, Value)| {
        let (after, mut event, awaited) = event.remove(0);
        assert!(after == 0 && awaited);
        let id = event.as_object_mut().unwrap().remove("eventId");
        usual.as_object_mut().unwrap().remove("eventId");
        assert_eq!(event, usual);
        id
    };
    events.map(id).collect()
}

/// Expects that each event arrives after these delays in milliseconds, with the same body each time.
#[track_caller]
fn expect_times(fault: Fault, times: &[u128]) {
    for event in delivered(Some((fault, 0))) {
        let arrivals: Vec<u128> = event.iter().map(|(after, _, _)| *after).collect();
        assert_eq!(arrivals, times);
        assert!(event.iter().all(|(_, body, _)| *body == event[0].1));
    }
}

#[test]
fn event_id_is_blank() {
    expect_times(Fault::EventIdBlank, &[0]);
    assert_eq!(ids(Fault::EventIdBlank), [Some("".into()), Some("".into())]);
}

#[test]
fn event_id_is_a_number_of_its_own_and_arrives_twice() {
    expect_times(Fault::EventIdNumeric, &[0, 700]);
    let ids = ids(Fault::EventIdNumeric);
    assert!(ids.iter().flatten().all(Value::is_u64), "{ids:?}");
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn event_id_is_missing() {
    expect_times(Fault::EventIdMissing, &[0]);
    assert_eq!(ids(Fault::EventIdMissing), [None, None]);
}

#[test]
fn events_that_differ_share_an_id() {
    expect_times(Fault::EventIdShared, &[0]);
    let ids = ids(Fault::EventIdShared);
    assert_eq!(ids, [Some("shared".into()), Some("shared".into())]);
    assert_ne!(usual()[0]["eventId"], usual()[1]["eventId"]);
}

#[test]
fn contradictory_events_come_one_every_2_milliseconds() {
    for (parameter, count) in [(1, 1), (500, 500), (501, 2)] {
        let mut ids = BTreeSet::new();
        for (event, usual) in delivered(Some((Fault::EventStorm, parameter))).iter().zip(usual()) {
            assert_eq!(event[0], (0, usual.clone(), true));
            assert_eq!(event.len(), count + 1);
            for ((after, storm, awaited), number) in event[1..].iter().zip(1..) {
                assert_eq!((*after, *awaited), (2 * number, false));
                assert_eq!(
                    (&storm["event"], &storm["status"]),
                    (&"call.failed".into(), &"completed".into())
                );
                assert_eq!(storm["callId"], usual["callId"]);
                ids.insert(storm["eventId"].to_string());
            }
        }
        assert_eq!(ids.len(), 2 * count, "each has an id of its own");
    }
}

/// What comes along with each of the two events, and the event as it is without faults.
fn companions(fault: Fault) -> Vec<(Value, Value)> {
    let both = delivered(Some((fault, 0))).into_iter().zip(usual());
    both.map(|(event, usual)| {
        let [(0, other, false), own] = &event[..] else {
            panic!("{event:?}")
        };
        assert_eq!(*own, (0, usual.clone(), true));
        (other.clone(), usual)
    })
    .collect()
}

#[test]
fn event_of_another_call_comes_along() {
    for (other, usual) in companions(Fault::EventOfAnother) {
        for member in ["to", "callId", "eventId"] {
            assert_ne!(other[member], usual[member], "{member}");
        }
        assert_eq!(
            (&other["to"], &other["event"]),
            (&"+14155569999".into(), &usual["event"])
        );
    }
}

#[test]
fn event_of_yesterday_comes_along() {
    for (old, usual) in companions(Fault::EventOfYesterday) {
        assert!(old["callId"] != usual["callId"] && old["eventId"] != usual["eventId"]);
        assert_eq!((&old["to"], &old["objective"]), (&usual["to"], &usual["objective"]));
        assert_eq!(
            (&old["event"], &old["status"]),
            (&"call.completed".into(), &"completed".into())
        );
        let day = |event: &Value| event["timestamp"].as_str().unwrap()[..10].to_owned();
        assert_eq!((day(&old), day(&usual)), ("2025-12-31".into(), "2026-01-01".into()));
    }
}

fn at_event(fault: Fault) -> Run {
    placing(Dirt::scripted().with(Site::event(0, 1), fault, 0))
}

#[test]
fn event_is_lost_this_time() {
    let (usual, lost) = (placing(Dirt::scripted()).events(), at_event(Fault::EventLost).events());
    assert_eq!((usual.len(), lost.len()), (2, 2));
    // The service retries one second after the delivery timeout of 10 s.
    let first = &usual[0];
    let again = lost.iter().find(|(_, event)| *event == first.1).unwrap();
    assert!((first.0 + 11_000..first.0 + 13_000).contains(&again.0));
    assert!(lost.contains(&usual[1]));
}

#[test]
fn event_arrives_twice() {
    let (usual, twice) = (placing(Dirt::scripted()).events(), at_event(Fault::EventTwice).events());
    assert_eq!(twice.len(), 3);
    let again = (usual[0].0 + 700, usual[0].1.clone());
    assert!(twice.contains(&usual[0]) && twice.contains(&again) && twice.contains(&usual[1]));
}

#[test]
fn event_overtakes_the_answer_to_the_post() {
    let early = placing(Dirt::scripted().with(Site::post(0, 1), Fault::EventEarly, 0));
    let events = early.events();
    assert_eq!((events[0].0, &events[0].1["event"]), (100, &"call.in_progress".into()));
    assert_eq!(events.len(), 2);
    assert!(matches!(early.received()[..], [(2050, Seen::Answer(202, _))]));
    let usual = placing(Dirt::scripted());
    assert!(usual.events()[0].0 > usual.received()[0].0);
    assert!(Duration::from_millis(usual.received()[0].0) < Duration::from_secs(1));
}
