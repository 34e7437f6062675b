mod call;
mod events;
mod list;

use super::*;
use crate::{
    machine::{
        Machine,
        engine::MIN_PAUSE,
        wait::{EndSource, FinishedCall, WaitError, WaitFailure},
    },
    testing::{
        Answer, Polled, Scenario, SentRequest, VirtualTime, at, event, id, in_turn, ok, record, refusal, status,
        status_event,
    },
    types::{Monotonic, Status},
};
use alloc::{format, vec, vec::Vec};
use core::time::Duration;

fn without_list() -> WaitSetOptions {
    WaitSetOptions {
        list_from: usize::MAX,
        ..WaitSetOptions::default()
    }
}

fn set(options: WaitSetOptions, ids: &[&'static str]) -> VirtualTime<WaitSet> {
    Scenario::wait_set(options, ids.iter().copied())
}

fn only(set: &mut WaitSet) -> Result<FinishedCall, WaitError> {
    let (id, result) = set.take_result().unwrap();
    assert_eq!((id.as_str(), set.take_result()), ("c1", None));
    result
}

/// Runs a set of one call to its end, with these answers in turn.
fn answered(
    options: WaitSetOptions,
    answers: impl IntoIterator<Item = Answer>,
) -> (Result<FinishedCall, WaitError>, Monotonic) {
    let (mut set, answers) = (set(options, &["c1"]), answers.into_iter().collect::<Vec<_>>());
    let expected = answers.len();
    let ((), end) = set.run_timed(in_turn(answers));
    assert_eq!(set.sent.len(), expected, "fewer requests than answers");
    (only(&mut set), end)
}

#[test]
fn set_counts_every_request() {
    let mut set = set(WaitSetOptions::default(), &["c1", "c2"]);
    set.run(|request| {
        if request.is_list() {
            ok(r#"{"calls":[]}"#)
        } else {
            record("completed")
        }
    });
    assert_eq!((set.requests(), set.sent.len()), (3, 3));
}

#[test]
fn retry_after_of_a_503_delays_its_own_call_and_of_a_429_all() {
    for (code, others) in [(503, 0), (429, 20)] {
        let set = set(without_list(), &["c1", "c2"]).answered(status(code).retry_after(20));
        let wake = set.next_wake().unwrap();
        assert_eq!(wake.since_origin().as_secs(), others);
        let set = set.answered(record("in_progress"));
        let next = &set.sent[1];
        assert!(next.call() == "c2" && next.at >= at(others), "{next:?}");
    }
}

#[test]
fn overdue_calls_are_asked_for_one_by_one_after_a_pause() {
    let options = WaitSetOptions {
        timeout: Duration::from_secs(5),
        ..without_list()
    };
    // The set is not polled in between.
    let mut set = set(options, &["c1", "c2", "c3"]).rate_limited(20).at(20);
    assert!(matches!(set.poll_now(), Polled::Send(_)));
    assert_eq!(set.poll_now(), Polled::Sleep(MIN_PAUSE));
}

#[test]
fn restored_set_keeps_deadlines_in_order_though_places_were_reused() {
    let mut first = set(without_list(), &["c1"]).at(20);
    assert!(first.add(&id("c2"), at(10)));
    assert!(first.remove("c1"));
    assert!(first.add(&id("c3"), at(20)));
    let restored = first.restored().at(165).rate_limited(60);
    assert_eq!(restored.next_wake(), Some(at(170)));
}
