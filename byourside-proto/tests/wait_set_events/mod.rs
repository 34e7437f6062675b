//! What events change: how often a call is asked for by itself.
use crate::wait_set_driver::{Answer, Driver, api, filled, ok};
use byourside_proto::{
    CallId, Monotonic, UnixTime,
    machine::wait_set::{WaitSet, WaitSetOptions},
    webhook::{Event, Signer, Verifier, WebhookSecret},
};
use http::Request;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

fn event(call: usize, kind: &str) -> Event {
    let (secret, received) = (WebhookSecret::new("whsec_example").unwrap(), UnixTime::new(100));
    let status = kind.trim_start_matches("call.");
    let body = format!(r#"{{"event":"{kind}","eventId":"{kind}{call}","callId":"c{call}","status":"{status}"}}"#);
    let header = Signer::new(secret.clone()).sign(received, body.as_bytes());
    let proof = Verifier::new(secret).verify(&header, body.as_bytes(), received);
    proof.unwrap().event().unwrap()
}

/// Never lists: each call is asked for by itself. They are answered after 20 s, and end after so many.
fn unlisted(ends: u64) -> impl FnMut(Monotonic, &Request<Vec<u8>>) -> Option<Answer> {
    move |now, request| {
        let status = match now.since_origin().as_secs() {
            0..20 => "queued",
            seconds if seconds < ends => "in_progress",
            _ => "completed",
        };
        let id = request.uri().path().rsplit('/').next().unwrap();
        Some((20, ok(format!(r#"{{"id":"{id}","status":"{status}"}}"#))))
    }
}

fn options() -> WaitSetOptions {
    WaitSetOptions {
        timeout: 20 * MINUTE,
        list_from: usize::MAX,
        ..WaitSetOptions::default()
    }
}

/// How often a call is asked for, and when its result came.
fn of<S>(driver: &Driver<S>, call: usize) -> (usize, Duration) {
    let path = format!("/c{call}");
    let gets = driver.sent.iter().filter(|(_, uri)| uri.ends_with(&path)).count();
    (gets, driver.results[&format!("c{call}")].0.since_origin())
}

/// Runs a set of so many calls to its end, with these events at these seconds.
fn run(
    calls: usize,
    ends: u64,
    mut events: Vec<(u64, Event)>,
) -> Driver<impl FnMut(Monotonic, &Request<Vec<u8>>) -> Option<Answer>> {
    let mut driver = Driver::new(filled(options(), calls), unlisted(ends));
    events.sort_by_key(|(at, _)| *at);
    for (at, event) in events {
        driver.run_until(Monotonic::new(Duration::from_secs(at)));
        driver.set.on_event(driver.now, &event);
    }
    driver.run()
}

#[test]
fn a_call_whose_events_come_is_asked_for_once_in_two_minutes() {
    let driver = run(
        1,
        500,
        vec![(20, event(0, "call.in_progress")), (500, event(0, "call.completed"))],
    );
    let (gets, known) = of(&driver, 0);
    assert_eq!(known, Duration::from_secs(500));
    // Each three seconds until it is answered, then at 140, 260 and 380 s.
    assert_eq!(gets, 7 + 3, "{:?}", driver.sent);
}

#[test]
fn an_end_whose_event_is_lost_is_known_within_two_minutes() {
    let driver = run(1, 500, vec![(20, event(0, "call.in_progress"))]);
    let (_, known) = of(&driver, 0);
    assert!(
        known > Duration::from_secs(500) && known <= Duration::from_secs(500) + 2 * MINUTE,
        "{known:?}"
    );
}

#[test]
fn without_events_nothing_is_slowed() {
    let driver = run(3, 500, Vec::new());
    for call in 0..3 {
        let (gets, known) = of(&driver, call);
        assert!(gets >= 500 / 4, "{gets} GETs");
        assert!(known <= Duration::from_secs(504), "{known:?}");
    }
}

#[test]
fn a_call_that_is_past_queued_without_an_event_of_its_own_is_not_slowed() {
    // The first is answered and says so; the other has no webhook. It was seen in progress before any event came.
    let driver = run(2, 500, vec![(30, event(0, "call.in_progress"))]);
    let (gets, known) = of(&driver, 1);
    assert!(gets >= 500 / 4, "{gets} GETs");
    assert!(known <= Duration::from_secs(504), "{known:?}");
    assert!(of(&driver, 0).0 < 20);
}

#[test]
fn a_call_that_rings_is_slowed_while_events_come_for_others_and_only_until_it_is_seen_to_have_none() {
    let driver = run(2, 500, vec![(5, event(0, "call.in_progress"))]);
    let times: Vec<_> = driver
        .sent
        .iter()
        .filter(|(_, uri)| uri.ends_with("/c1"))
        .map(|(at, _)| at.since_origin())
        .collect();
    // Looked at while it rang, then two minutes later, then as if there were no events.
    let slow = times.windows(2).filter(|pair| pair[1] - pair[0] > MINUTE).count();
    assert_eq!(slow, 1, "{times:?}");
    assert!(of(&driver, 1).1 <= Duration::from_secs(504));
}

#[test]
fn events_that_came_long_ago_slow_no_call_that_joins() {
    let mut driver = Driver::new(filled(options(), 1), unlisted(2_000));
    driver.set.on_event(Monotonic::ORIGIN, &event(0, "call.in_progress"));
    let queued = |_: Monotonic, _: &Request<Vec<u8>>| Some((20, ok(r#"{"id":"?","status":"queued"}"#.into())));
    let mut driver = Driver::new(driver.set, queued);
    driver.run_until(Monotonic::new(3 * MINUTE));
    assert!(driver.set.add(&CallId::new("c1").unwrap(), driver.now));
    driver.sent.clear();
    driver.run_until(Monotonic::new(4 * MINUTE));
    let gets = driver.sent.iter().filter(|(_, uri)| uri.ends_with("/c1")).count();
    assert!(gets >= 15, "{gets} GETs");
}

#[test]
fn only_the_first_event_puts_a_get_off() {
    let progress = || event(0, "call.in_progress");
    let again = (1..40).map(|n| (20 + 25 * n, progress())).collect();
    let driver = run(1, 500, again);
    let (_, known) = of(&driver, 0);
    assert!(known <= Duration::from_secs(500) + 2 * MINUTE, "{known:?}");
}

#[test]
fn what_is_known_of_events_is_in_the_snapshot_and_one_without_it_is_read() {
    let now = Monotonic::new(MINUTE);
    let mut set = filled(options(), 2);
    set.on_event(now, &event(0, "call.in_progress"));
    let text = serde_json::to_string(&set.snapshot(now)).unwrap();
    let restore = |text: &str| WaitSet::restore(api(), serde_json::from_str(text).unwrap(), now).unwrap();
    let again = serde_json::to_string(&restore(&text).snapshot(now)).unwrap();
    assert_eq!(again, text);

    let mut older: serde_json::Value = serde_json::from_str(&text).unwrap();
    let state = older["state"].as_object_mut().unwrap();
    assert!(state.remove("events_until").is_some());
    assert!(
        state["options"]
            .as_object_mut()
            .unwrap()
            .remove("interval_with_events")
            .is_some()
    );
    for call in state["calls"].as_array_mut().unwrap() {
        assert!(call.as_object_mut().unwrap().remove("events").is_some());
    }
    assert_eq!(restore(&older.to_string()).len(), 2);
}
