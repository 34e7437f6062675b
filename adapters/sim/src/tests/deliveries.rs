//! Which events are delivered, when, and how often.
use super::harness::{Arrival, CALLS, KEY, ask, at, deliver, placed, service_with_webhooks, taken};
use crate::{DeliveryOptions, DeliveryOutcome, Service, ServiceOptions};
use byourside_proto::Monotonic;
use http::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

fn events(to: &str) -> Vec<Arrival> {
    deliver(&mut service_with_webhooks(DeliveryOptions::default(), &[to]), taken)
}

#[test]
fn answered_call_has_two_events_and_any_other_one() {
    for (to, expected) in [
        ("+14155550123", vec!["call.in_progress", "call.completed"]),
        ("+14155550105", vec!["call.in_progress", "call.completed"]),
        ("+14155550107", vec!["call.in_progress", "call.completed"]),
        ("+14155550106", vec!["call.in_progress"]),
        ("+14155550101", vec!["call.no_answer"]),
        ("+14155550102", vec!["call.voicemail"]),
        ("+14155550103", vec!["call.declined"]),
        ("+14155550104", vec!["call.failed"]),
    ] {
        let events = events(to);
        assert_eq!(events.iter().map(Arrival::event).collect::<Vec<_>>(), expected, "{to}");
    }
}

#[test]
fn call_whose_answer_is_lost_has_its_events() {
    let mut service = Service::new(7);
    let body = json!({"to": "+14155550116", "objective": "Ask.", "webhookUrl": "https://example.com/"});
    let request = ("POST", CALLS, &*format!("{body}"));
    ask(&mut service, at(0), KEY, request);
    assert_eq!(deliver(&mut service, taken).len(), 2);
}

#[test]
fn event_has_every_member_and_null_for_later_results() {
    let events = events("+14155550123");
    let names = [
        "event",
        "eventId",
        "timestamp",
        "callId",
        "status",
        "to",
        "objective",
        "startedAt",
        "endedAt",
        "summary",
        "extracted",
    ];
    for event in &events {
        assert!(
            names.iter().all(|name| event.body.get(name).is_some()),
            "{}",
            event.body
        );
        assert_eq!(event.request.method(), "POST");
        assert_eq!(event.request.uri(), "https://example.com/hook?a=b");
        assert_eq!(event.request.headers()["content-type"], "application/json");
    }
    let [answered, ended] = [&events[0].body, &events[1].body];
    assert_ne!(answered["eventId"], ended["eventId"]);
    assert_eq!(
        (&answered["status"], &ended["status"]),
        (&json!("in_progress"), &json!("completed"))
    );
    assert_eq!(answered["timestamp"], answered["startedAt"]);
    assert_eq!(ended["timestamp"], ended["endedAt"]);
    assert_eq!(
        (&answered["endedAt"], &answered["summary"]),
        (&Value::Null, &Value::Null)
    );
    assert!(ended["summary"].is_string() && ended["extracted"].is_object());
}

#[test]
fn call_without_a_webhook_url_has_no_events() {
    let mut service = Service::new(7);
    placed(&mut service, at(0), "+14155550123");
    assert_eq!(service.next_wake(), None);
    assert!(service.poll_delivery(at(1_000)).is_none());
}

#[test]
fn unacknowledged_event_is_sent_again_and_signed_afresh() {
    for outcome in [
        DeliveryOutcome::NoAnswer,
        DeliveryOutcome::Answered(StatusCode::INTERNAL_SERVER_ERROR),
        DeliveryOutcome::Answered(StatusCode::FOUND),
        DeliveryOutcome::Answered(StatusCode::BAD_REQUEST),
    ] {
        let mut service = service_with_webhooks(DeliveryOptions::default(), &["+14155550101"]);
        let arrivals = deliver(&mut service, |_| outcome);
        assert_eq!(
            arrivals.iter().map(|arrival| arrival.attempt).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5, 6]
        );
        let pauses = arrivals.windows(2).map(|pair| pair[1].at.since(pair[0].at).as_secs());
        assert_eq!(pauses.collect::<Vec<_>>(), [1, 2, 4, 8, 16]);
        let first = arrivals[0].request.body();
        assert!(arrivals.iter().all(|arrival| arrival.request.body() == first));
        let signed: Vec<i64> = arrivals.iter().map(|arrival| arrival.signed_at().unwrap()).collect();
        assert!(signed.is_sorted_by(|a, b| a < b), "{signed:?}");
    }
}

#[test]
fn acknowledged_event_is_not_sent_again() {
    let mut service = service_with_webhooks(DeliveryOptions::default(), &["+14155550101"]);
    let arrivals = deliver(&mut service, |arrival| match arrival.attempt {
        3 => taken(arrival),
        _ => DeliveryOutcome::NoAnswer,
    });
    assert_eq!(arrivals.len(), 3);
}

#[test]
fn unanswered_attempt_is_repeated_after_its_timeout() {
    let mut service = service_with_webhooks(DeliveryOptions::default(), &["+14155550101"]);
    let sent = service.next_wake().unwrap();
    let (_, first) = service.poll_delivery(sent).unwrap();
    let until = sent.after(Duration::from_secs(10));
    assert_eq!(service.next_wake(), Some(until));
    assert!(service.poll_delivery(until).is_none());
    let again = until.after(Duration::from_secs(1));
    assert_eq!(service.next_wake(), Some(again));
    let (_, second) = service.poll_delivery(again).unwrap();
    assert_eq!((first.attempt(), second.attempt()), (1, 2));
    service.delivered(again, first, DeliveryOutcome::NoAnswer);
    assert_eq!(
        service.next_wake(),
        Some(again.after(Duration::from_secs(10))),
        "the outcome of an earlier attempt has no effect"
    );
    service.delivered(again, second, DeliveryOutcome::Answered(StatusCode::OK));
    assert_eq!(service.next_wake(), None);
}

#[test]
fn late_acknowledgement_counts() {
    let mut service = service_with_webhooks(DeliveryOptions::default(), &["+14155550101"]);
    let sent = service.next_wake().unwrap();
    let (_, ticket) = service.poll_delivery(sent).unwrap();
    let late = sent.after(Duration::from_secs(10));
    assert!(service.poll_delivery(late).is_none());
    service.delivered(late, ticket, DeliveryOutcome::Answered(StatusCode::OK));
    assert_eq!(service.next_wake(), None);
}

#[test]
fn forgotten_call_has_no_more_events() {
    let options = ServiceOptions {
        max_calls: 1,
        ..ServiceOptions::default()
    };
    let mut service = Service::with_options(7, options);
    let body = json!({"to": "+14155550101", "objective": "Ask.", "webhookUrl": "https://example.com/"});
    for second in [0, 60] {
        let request = ("POST", CALLS, &*format!("{body}"));
        ask(&mut service, at(second), KEY, request);
    }
    assert!(service.next_wake() > Some(at(60)));
    assert_eq!(deliver(&mut service, taken).len(), 1);
}

#[test]
fn late_poll_sends_all_that_is_due_with_its_own_time() {
    let mut service = service_with_webhooks(DeliveryOptions::default(), &["+14155550123"]);
    let late = Monotonic::new(Duration::from_secs(3_600));
    let mut stamps = Vec::new();
    while let Some((request, ticket)) = service.poll_delivery(late) {
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        stamps.push(body["timestamp"].as_str().unwrap()[..17].to_owned());
        service.delivered(late, ticket, DeliveryOutcome::Answered(StatusCode::OK));
    }
    assert_eq!(stamps, ["2026-01-01T00:00:", "2026-01-01T00:00:"]);
}
