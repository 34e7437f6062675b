mod a_call;
mod an_event;
mod the_list;

use super::*;
use crate::{
    machine::{
        Action, Machine,
        engine::MIN_PAUSE,
        wait::{EndSource, FinishedCall, WaitError, WaitFailure},
    },
    testing::{Script, api, at, event, ok, run, step},
    types::{CallId, Monotonic, Status},
    webhook::Event,
};
use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::time::Duration;

const NO_LIST: fn() -> WaitSetOptions = || WaitSetOptions {
    list_from: usize::MAX,
    ..WaitSetOptions::default()
};

fn set(options: WaitSetOptions, ids: &[&str]) -> WaitSet {
    let mut set = WaitSet::new(api(), options, at(0));
    for id in ids {
        assert!(set.add(&CallId::new(*id).unwrap(), at(0)));
    }
    set
}

fn record(status: &str) -> Script {
    ok(format!(
        r#"{{"id":"c1","status":"{status}","summary":"From the record."}}"#
    ))
}

fn told(word: &str) -> Event {
    event(&format!(
        r#"{{"event":"call.{word}","callId":"c1","status":"{word}","summary":"From the event."}}"#
    ))
}

fn only(set: &mut WaitSet) -> Result<FinishedCall, WaitError> {
    let (id, result) = set.take_result().unwrap();
    assert_eq!((id.as_str(), set.take_result()), ("c1", None));
    result
}

/// Answers one call's requests in turn, to the end.
fn answered(
    options: WaitSetOptions,
    answers: impl IntoIterator<Item = Script>,
) -> (Result<FinishedCall, WaitError>, Monotonic) {
    let (mut set, mut answers) = (set(options, &["c1"]), answers.into_iter());
    let ((), end) = run(&mut set, at(0), |_| answers.next().unwrap());
    assert!(answers.next().is_none(), "fewer requests than answers");
    (only(&mut set), end)
}

fn refused(status: u16, token: &str) -> Script {
    Script::Answer(status, format!(r#"{{"error":"{token}"}}"#))
}

#[test]
fn every_request_is_counted() {
    let mut set = set(WaitSetOptions::default(), &["c1", "c2"]);
    let mut sent = 0;
    run(&mut set, at(0), |request| {
        sent += 1;
        match request.uri().query() {
            Some(_) => ok(r#"{"calls":[]}"#),
            None => record("completed"),
        }
    });
    assert_eq!((set.requests(), sent), (3, 3));
}

#[test]
fn a_503_that_asks_for_a_pause_holds_only_its_own_call_back_and_a_429_all() {
    for (status, others) in [(503, 0), (429, 20)] {
        let mut set = set(NO_LIST(), &["c1", "c2"]);
        step(&mut set, at(0), |_| Script::RetryAfter(status, 20)).unwrap();
        let mut now = set.next_wake().unwrap();
        assert_eq!(now.since_origin().as_secs(), others);
        let id = |request: &http::Request<Vec<u8>>| request.uri().path().to_string();
        let mut next = String::new();
        now = step(&mut set, now, |request| {
            next = id(request);
            record("in_progress")
        })
        .unwrap();
        assert!(next.ends_with("/c2") && now >= at(others), "{next}");
    }
}

#[test]
fn where_a_pause_ends_overdue_calls_are_asked_for_one_after_the_other() {
    let options = WaitSetOptions {
        timeout: Duration::from_secs(5),
        ..NO_LIST()
    };
    let mut set = set(options, &["c1", "c2", "c3"]);
    step(&mut set, at(0), |_| Script::RetryAfter(429, 20)).unwrap();
    // Nobody polled meanwhile.
    assert!(matches!(set.poll(at(20)), Action::Send(..)));
    assert!(matches!(set.poll(at(20)), Action::Sleep(pause) if pause == MIN_PAUSE));
}

#[test]
fn a_restored_set_keeps_deadlines_in_their_order_though_calls_took_the_places_of_others() {
    let mut first = set(NO_LIST(), &["c1"]);
    assert!(first.add(&CallId::new("c2").unwrap(), at(10)));
    assert!(first.remove("c1"));
    assert!(first.add(&CallId::new("c3").unwrap(), at(20)));
    let mut restored = WaitSet::restore(api(), first.snapshot(at(20)), at(20)).unwrap();
    step(&mut restored, at(185), |_| Script::RetryAfter(429, 60)).unwrap();
    assert_eq!(restored.next_wake(), Some(at(190)));
}
