//! Events reduce how often a call gets a GET of its own.
use crate::{
    support::{Answer, SentRequest, api, at, id, ok, text_of},
    wait_set_service::{Driver, driver, filled, results},
};
use byourside_proto::{
    Monotonic,
    machine::wait_set::{WaitSet, WaitSetOptions},
    webhook::Event,
};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

fn event(call: usize, kind: &str) -> Event {
    let status = kind.trim_start_matches("call.");
    crate::support::event(&format!(
        r#"{{"event":"{kind}","eventId":"{kind}{call}","callId":"c{call}","status":"{status}"}}"#
    ))
}

/// A service without lists. Each call is in progress after 20 s, and completed after `ends` seconds.
fn unlisted(ends: u64) -> impl FnMut(&SentRequest) -> Answer {
    move |request| {
        let status = match request.second() {
            0..20 => "queued",
            seconds if seconds < ends => "in_progress",
            _ => "completed",
        };
        let id = request.call();
        ok(format!(r#"{{"id":"{id}","status":"{status}"}}"#)).after_millis(20)
    }
}

fn options() -> WaitSetOptions {
    WaitSetOptions {
        timeout: 20 * MINUTE,
        list_from: usize::MAX,
        ..WaitSetOptions::default()
    }
}

/// The times of the GETs of a call.
fn gets(driver: &Driver, call: usize) -> Vec<Duration> {
    let own = driver
        .sent
        .iter()
        .filter(|request| request.call() == format!("c{call}"));
    own.map(|request| request.at.since_origin()).collect()
}

/// The number of GETs of a call, and the time of its result.
fn of(driver: &Driver, call: usize) -> (usize, Duration) {
    let known = results(driver)[&*format!("c{call}")].0;
    (gets(driver, call).len(), known.since_origin())
}

/// Runs a set of this many calls to its end, with these events at these seconds.
fn run(calls: usize, ends: u64, mut events: Vec<(u64, Event)>) -> Driver {
    let (mut driver, mut service) = (driver(filled(options(), calls)), unlisted(ends));
    events.sort_by_key(|(at, _)| *at);
    for (seconds, event) in events {
        driver.run_until(at(seconds), &mut service);
        driver.machine.set.on_event(driver.now, &event);
    }
    driver.run(service);
    driver
}

#[test]
fn call_whose_events_come_is_asked_for_once_in_two_minutes() {
    let driver = run(
        1,
        500,
        vec![(20, event(0, "call.in_progress")), (500, event(0, "call.completed"))],
    );
    let (gets, known) = of(&driver, 0);
    assert_eq!(known, Duration::from_secs(500));
    // Every three seconds until the call is answered, then at 140, 260 and 380 s.
    assert_eq!(gets, 7 + 3, "{:?}", driver.sent);
}

#[test]
fn end_whose_event_is_lost_is_known_within_two_minutes() {
    let driver = run(1, 500, vec![(20, event(0, "call.in_progress"))]);
    let (_, known) = of(&driver, 0);
    assert!(
        known > Duration::from_secs(500) && known <= Duration::from_secs(500) + 2 * MINUTE,
        "{known:?}"
    );
}

#[test]
fn set_without_events_is_not_slowed() {
    let driver = run(3, 500, Vec::new());
    for call in 0..3 {
        let (gets, known) = of(&driver, call);
        assert!(gets >= 500 / 4, "{gets} GETs");
        assert!(known <= Duration::from_secs(504), "{known:?}");
    }
}

#[test]
fn call_past_queued_without_an_event_of_its_own_is_not_slowed() {
    // The first call has an event. The other has no webhook, and was seen in progress before that event.
    let driver = run(2, 500, vec![(30, event(0, "call.in_progress"))]);
    let (gets, known) = of(&driver, 1);
    assert!(gets >= 500 / 4, "{gets} GETs");
    assert!(known <= Duration::from_secs(504), "{known:?}");
    assert!(of(&driver, 0).0 < 20);
}

#[test]
fn ringing_call_is_slowed_only_until_it_is_seen_to_have_no_events() {
    let driver = run(2, 500, vec![(5, event(0, "call.in_progress"))]);
    let times = gets(&driver, 1);
    // A GET while it rings, the next two minutes later, and then the usual interval without events.
    let slow = times.windows(2).filter(|pair| pair[1] - pair[0] > MINUTE).count();
    assert_eq!(slow, 1, "{times:?}");
    assert!(of(&driver, 1).1 <= Duration::from_secs(504));
}

#[test]
fn events_of_long_ago_slow_no_call_that_joins() {
    let mut set = filled(options(), 1);
    set.on_event(at(0), &event(0, "call.in_progress"));
    let mut driver = driver(set);
    let queued = |_: &SentRequest| ok(r#"{"id":"?","status":"queued"}"#).after_millis(20);
    driver.run_until(Monotonic::new(3 * MINUTE), queued);
    let now = driver.now;
    assert!(driver.set.add(&id("c1"), now));
    driver.sent.clear();
    driver.run_until(Monotonic::new(4 * MINUTE), queued);
    let gets = gets(&driver, 1).len();
    assert!(gets >= 15, "{gets} GETs");
}

#[test]
fn first_event_alone_puts_a_get_off() {
    let progress = || event(0, "call.in_progress");
    let again = (1..40).map(|n| (20 + 25 * n, progress())).collect();
    let driver = run(1, 500, again);
    let (_, known) = of(&driver, 0);
    assert!(known <= Duration::from_secs(500) + 2 * MINUTE, "{known:?}");
}

#[test]
fn snapshot_keeps_event_state_and_may_lack_it() {
    let now = Monotonic::new(MINUTE);
    let mut set = filled(options(), 2);
    set.on_event(now, &event(0, "call.in_progress"));
    let text = text_of(&set.snapshot(now));
    let restore = |text: &str| WaitSet::restore(api(), serde_json::from_str(text).unwrap(), now).unwrap();
    let again = text_of(&restore(&text).snapshot(now));
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
