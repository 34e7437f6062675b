//! A machine restored from its snapshot has the same outcome as one that never stopped.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod support;

use byourside_proto::{
    Action, Field, Machine, Monotonic, PlaceCall,
    machine::{
        SnapshotError,
        place::{PlaceOptions, Placement, Placer},
        reconcile::{ReconcileOptions, Reconciler},
        wait::{CallWaiter, WaitOptions},
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{fmt::Debug, time::Duration};
use support::{Answer, Restores, Scenario, TOKEN, VirtualTime, api, at, call_with_token, id, record, through_text};

fn call() -> PlaceCall {
    let call = call_with_token(TOKEN).context("It is urgent.");
    let call = call
        .fields(vec![Field::new("open")])
        .unwrap()
        .voice("Kore")
        .language("auto");
    let call = call.caller_id("+14155550100").unwrap();
    call.idempotency_header("idempotency-key", "k-1").unwrap()
}

fn waiter(seed: u64) -> CallWaiter {
    let options = WaitOptions {
        seed,
        settle: 2,
        ..WaitOptions::default()
    };
    Scenario::waiter_with(options).machine
}

fn reconciler(seed: u64) -> Reconciler {
    let options = ReconcileOptions {
        seed,
        ..ReconcileOptions::default()
    };
    let reconciler = Scenario::reconciler_with(options, call()).machine;
    reconciler.known([id("old")])
}

fn placer(seed: u64) -> Placer {
    let options = PlaceOptions {
        seed,
        retries: 5,
        ..PlaceOptions::default()
    };
    Placer::new(api(), call(), options, at(0))
}

/// Answers to GETs, most of them with a `Retry-After`.
fn reads() -> impl Strategy<Value = Vec<Answer>> {
    let bodies = prop_oneof![
        Just(json!({"id": "c1", "status": "queued"})),
        Just(json!({"id": "c1", "status": "in_progress"})),
        Just(json!({"id": "c1", "status": "completed", "summary": null})),
        Just(json!({"calls": []})),
        Just(json!({"calls": [{"callId": "x"}, {"callId": "old"}]})),
        Just(json!({"error": "not_found"})),
        Just(json!("odd")),
    ];
    let status = prop_oneof![4 => Just(200_u16), 1 => Just(503), 1 => Just(429), 1 => Just(404)];
    let answer = (status, bodies).prop_map(|(status, body)| Answer::new(status, body.to_string()).retry_after(7));
    let answer = prop_oneof![7 => answer, 1 => lost()];
    proptest::collection::vec(answer, 1..40)
}

fn lost() -> impl Strategy<Value = Answer> {
    prop_oneof![Just(Answer::not_sent()), Just(Answer::reset())]
}

/// Runs a machine to its end, and a copy that is restored after `stop` steps, with another origin of the clock.
fn same_end<M>(machine: M, answers: &[Answer], stop: usize, origin: Monotonic) -> Result<(), TestCaseError>
where
    M: Restores<Output: PartialEq + Debug> + Clone + PartialEq,
{
    let mut left = answers.iter().cloned().cycle();
    let mut straight = VirtualTime::new(machine);
    for _ in 0..stop {
        if straight.step(|_| left.next().unwrap()).is_some() {
            break;
        }
    }
    let snapshot = through_text(&straight.machine.snapshot(straight.now));
    let mut restored = VirtualTime::new(M::restore(api(), snapshot, origin).unwrap());
    restored.now = origin;
    let (began, mut left_there) = (straight.now, left.clone());
    for _ in 0..2_000 {
        let ends = (
            straight.step(|_| left.next().unwrap()),
            restored.step(|_| left_there.next().unwrap()),
        );
        prop_assert_eq!(&ends.0, &ends.1);
        prop_assert_eq!(straight.now.since(began), restored.now.since(origin));
        if ends.0.is_some() {
            return Ok(());
        }
    }
    Err(TestCaseError::fail("the machine does not end"))
}

proptest! {
    #[test]
    fn restored_waiter_ends_like_one_that_never_stopped(
        answers in reads(),
        stop in 0..80_usize,
        seed: u64,
        origin in 0..10_000_u64,
    ) {
        same_end(waiter(seed), &answers, stop, at(origin))?;
    }

    #[test]
    fn restored_reconciler_ends_like_one_that_never_stopped(
        answers in reads(),
        stop in 0..80_usize,
        seed: u64,
        origin in 0..10_000_u64,
    ) {
        same_end(reconciler(seed), &answers, stop, at(origin))?;
    }

    #[test]
    fn restored_placer_ends_like_one_that_never_stopped(
        stop in 0..12_usize,
        refusals in 0..6_usize,
        last in prop_oneof![Just(200_u16), Just(500), Just(403)],
        seed: u64,
    ) {
        let mut answers = vec![Answer::not_sent(); refusals];
        answers.push(Answer::new(last, r#"{"callId":"c1"}"#).retry_after(7));
        same_end(placer(seed), &answers, stop, at(77))?;
    }
}

#[test]
fn post_in_flight_at_the_snapshot_is_unknown_and_never_sent_again() {
    let sent = VirtualTime::new(placer(0)).in_flight();
    let mut restored = Placer::restore(api(), through_text(&sent.snapshot(at(0))), at(0)).unwrap();
    for seconds in [0, 1, 1_000_000] {
        assert!(matches!(
            restored.poll(at(seconds)),
            Action::Done(Placement::Unknown(_))
        ));
    }
    let unsent = VirtualTime::new(placer(0)).restored().in_flight();
    let parts = |placer: &VirtualTime<Placer>| (placer.sent[0].headers().clone(), placer.sent[0].body().clone());
    assert_eq!(parts(&sent), parts(&unsent));
}

#[test]
fn get_in_flight_at_the_snapshot_counts_as_a_failure() {
    let mut waiter = VirtualTime::new(waiter(0)).in_flight();
    let snapshot = through_text(&waiter.snapshot(at(0)));
    let mut restored = VirtualTime::new(CallWaiter::restore(api(), snapshot, at(0)).unwrap());
    let theirs = waiter.unanswered.remove(0).slot;
    let answer = http::Response::new(r#"{"id":"c1","status":"failed"}"#);
    restored.handle(at(0), theirs.reply_ref(&answer));
    assert!(restored.sleeps(), "an answer to the other process's request is ignored");
    let ended = restored.run(|_| record("declined")).unwrap();
    assert_eq!((ended.counts.polls, ended.counts.transport), (2, 1));
}

#[test]
fn aged_snapshot_has_less_time_left() {
    let snapshot = through_text(&waiter(0).snapshot(at(0))).aged(Duration::from_secs(200));
    let waiter = CallWaiter::restore(api(), through_text(&snapshot), at(0)).unwrap();
    assert_eq!(waiter.time_left(at(0)), Duration::ZERO);
}

#[test]
fn snapshot_of_another_version_or_machine_or_malformed_is_refused() {
    let snapshot = serde_json::to_value(placer(0).snapshot(at(0))).unwrap();
    let restore = |member: &str, value: Value| {
        let mut changed = snapshot.clone();
        changed[member] = value;
        Placer::restore(api(), serde_json::from_value(changed).unwrap(), at(0)).unwrap_err()
    };
    let version = SnapshotError::WrongVersion { found: 1, supported: 2 };
    assert_eq!(restore("version", json!(1)), version);
    assert_eq!((version.code(), version.status()), ("wrong_snapshot_version", 0));
    assert_eq!(
        restore("machine", json!("waiter")),
        SnapshotError::WrongMachine { expected: "placer" }
    );
    assert_eq!(restore("state", json!({})), SnapshotError::Malformed);
    assert_eq!(placer(0).snapshot(at(0)).machine(), "placer");
    let mut bad = snapshot["state"].clone();
    bad["protocol"]["call"][0]["to"] = json!("nobody");
    assert_eq!(restore("state", bad), SnapshotError::Malformed);
    assert!(!format!("{:?}", placer(0).snapshot(at(0))).contains("555"));
}
