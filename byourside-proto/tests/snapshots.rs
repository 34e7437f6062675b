//! A machine that is written down and restored ends as the one that never stopped.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_proto::{
    Action, Api, CallId, Field, Machine, Monotonic, PlaceCall, TransportFailure,
    machine::{
        Snapshot, SnapshotError,
        place::{PlaceOptions, Placement, Placer},
        reconcile::{ReconcileOptions, Reconciler},
        wait::{CallWaiter, WaitOptions},
    },
};
use http::Response;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;

fn api() -> Api {
    Api::with_key("bys_ak_secret").unwrap()
}

fn call() -> PlaceCall {
    let call = PlaceCall::new("+14155550123", "Ask.").unwrap().context("It is urgent.");
    let call = call
        .fields(vec![Field::new("open")])
        .unwrap()
        .voice("Kore")
        .language("auto");
    let call = call.caller_id("+14155550100").unwrap();
    let call = call
        .webhook_url("https://a.example/h")
        .unwrap()
        .correlation("t1")
        .unwrap();
    call.idempotency_header("idempotency-key", "k-1").unwrap()
}

fn waiter(seed: u64) -> CallWaiter {
    let options = WaitOptions {
        seed,
        settle: 2,
        ..WaitOptions::default()
    };
    CallWaiter::new(api(), CallId::new("c1").unwrap(), options, Monotonic::ORIGIN)
}

fn reconciler(seed: u64) -> Reconciler {
    let options = ReconcileOptions {
        seed,
        ..ReconcileOptions::default()
    };
    Reconciler::new(api(), call(), options, Monotonic::ORIGIN).known([CallId::new("old").unwrap()])
}

fn placer(seed: u64) -> Placer {
    Placer::new(
        api(),
        call(),
        PlaceOptions {
            seed,
            retries: 5,
            ..PlaceOptions::default()
        },
        Monotonic::ORIGIN,
    )
}

/// What one request gets: a status and a body, or a failure before (`0`) or after (`1`) it left.
type Answer = (u16, String);

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
    let status = prop_oneof![4 => Just(200_u16), 1 => Just(503), 1 => Just(429), 1 => Just(404), 1 => 0..2_u16];
    proptest::collection::vec((status, bodies.prop_map(|body| body.to_string())), 1..40)
}

fn step<M: Machine>(
    machine: &mut M,
    now: &mut Monotonic,
    answers: &mut impl Iterator<Item = Answer>,
) -> Option<M::Output> {
    match machine.poll(*now) {
        Action::Done(output) => return Some(output),
        Action::Sleep(pause) => *now = now.after(pause),
        Action::Send(_, slot) => {
            let reply = match answers.next().unwrap() {
                (0, _) => slot.reply(Err(TransportFailure::not_sent("refused"))),
                (1, _) => slot.reply(Err(TransportFailure::maybe_sent("reset"))),
                (status, body) => {
                    let response = Response::builder().status(status).header("retry-after", 7);
                    slot.reply_ref(&response.body(body).unwrap())
                }
            };
            machine.handle(*now, reply);
        }
    }
    None
}

/// Runs one machine straight through and another that is restored, at another origin, after `stop` steps.
fn same_end<M: Machine<Output: PartialEq + std::fmt::Debug> + Clone + PartialEq + std::fmt::Debug>(
    machine: M,
    answers: &[Answer],
    stop: usize,
    origin: Monotonic,
    through: impl Fn(&M, Monotonic, Monotonic) -> M,
) -> Result<(), TestCaseError> {
    let mut left = answers.iter().cloned().cycle();
    let (mut straight, mut now) = (machine, Monotonic::ORIGIN);
    for _ in 0..stop {
        if step(&mut straight, &mut now, &mut left).is_some() {
            break;
        }
    }
    let mut restored = through(&straight, now, origin);
    let (mut elsewhere, mut left_there) = (origin, left.clone());
    let began = now;
    for _ in 0..2_000 {
        let ends = (
            step(&mut straight, &mut now, &mut left),
            step(&mut restored, &mut elsewhere, &mut left_there),
        );
        prop_assert_eq!(&ends.0, &ends.1);
        prop_assert_eq!(now.since(began), elsewhere.since(origin));
        if ends.0.is_some() {
            return Ok(());
        }
    }
    Err(TestCaseError::fail("it does not end"))
}

fn text(snapshot: &Snapshot) -> Snapshot {
    let text = serde_json::to_string(snapshot).unwrap();
    assert!(!text.contains("bys_ak_"));
    serde_json::from_str(&text).unwrap()
}

proptest! {
    #[test]
    fn a_waiter(answers in reads(), stop in 0..80_usize, seed: u64, origin in 0..10_000_u64) {
        let origin = Monotonic::new(Duration::from_secs(origin));
        same_end(waiter(seed), &answers, stop, origin, |machine, now, origin| {
            CallWaiter::restore(api(), text(&machine.snapshot(now)), origin).unwrap()
        })?;
    }

    #[test]
    fn a_reconciler(answers in reads(), stop in 0..80_usize, seed: u64, origin in 0..10_000_u64) {
        let origin = Monotonic::new(Duration::from_secs(origin));
        same_end(reconciler(seed), &answers, stop, origin, |machine, now, origin| {
            Reconciler::restore(api(), text(&machine.snapshot(now)), origin).unwrap()
        })?;
    }

    #[test]
    fn a_placer(stop in 0..12_usize, refusals in 0..6_usize, last in prop_oneof![Just(200_u16), Just(500), Just(403)], seed: u64) {
        let mut answers = vec![(0, String::new()); refusals];
        answers.push((last, r#"{"callId":"c1"}"#.into()));
        let origin = Monotonic::new(Duration::from_secs(77));
        same_end(placer(seed), &answers, stop, origin, |machine, now, origin| {
            Placer::restore(api(), text(&machine.snapshot(now)), origin).unwrap()
        })?;
    }
}

#[test]
fn a_post_that_was_out_is_unknown_and_never_sent_again() {
    let now = Monotonic::ORIGIN;
    let mut placer = placer(0);
    let Action::Send(request, _slot) = placer.poll(now) else {
        panic!()
    };
    let mut restored = Placer::restore(api(), text(&placer.snapshot(now)), now).unwrap();
    for seconds in [0, 1, 1_000_000] {
        let now = Monotonic::new(Duration::from_secs(seconds));
        assert!(matches!(restored.poll(now), Action::Done(Placement::Unknown(_))));
    }
    let mut unsent = Placer::restore(api(), text(&self::placer(0).snapshot(now)), now).unwrap();
    let Action::Send(same, _slot) = unsent.poll(now) else {
        panic!()
    };
    assert_eq!((request.headers(), request.body()), (same.headers(), same.body()));
}

#[test]
fn a_get_that_was_out_is_one_failure_more() {
    let now = Monotonic::ORIGIN;
    let mut waiter = waiter(0);
    let Action::Send(_, slot) = waiter.poll(now) else {
        panic!()
    };
    let mut restored = CallWaiter::restore(api(), text(&waiter.snapshot(now)), now).unwrap();
    restored.handle(now, slot.reply_ref(&Response::new(r#"{"id":"c1","status":"failed"}"#)));
    assert!(
        matches!(restored.poll(now), Action::Sleep(_)),
        "an answer to the other process is not for this one"
    );
    let mut answers = std::iter::repeat((200, r#"{"id":"c1","status":"declined"}"#.to_owned()));
    let mut now = now;
    let ended = loop {
        if let Some(end) = step(&mut restored, &mut now, &mut answers) {
            break end.unwrap();
        }
    };
    assert_eq!((ended.counts.polls, ended.counts.transport), (2, 1));
}

#[test]
fn what_has_passed_since_is_taken_off() {
    let now = Monotonic::ORIGIN;
    let snapshot = text(&waiter(0).snapshot(now)).aged(Duration::from_secs(200));
    let waiter = CallWaiter::restore(api(), text(&snapshot), now).unwrap();
    assert_eq!(waiter.time_left(now), Duration::ZERO);
}

#[test]
fn another_version_another_machine_and_what_was_changed_are_refused() {
    let now = Monotonic::ORIGIN;
    let snapshot = serde_json::to_value(placer(0).snapshot(now)).unwrap();
    let restore = |member: &str, value: Value| {
        let mut changed = snapshot.clone();
        changed[member] = value;
        Placer::restore(api(), serde_json::from_value(changed).unwrap(), now).unwrap_err()
    };
    let version = SnapshotError::WrongVersion { found: 2, supported: 1 };
    assert_eq!(restore("version", json!(2)), version);
    assert_eq!((version.code(), version.status()), ("wrong_snapshot_version", 0));
    assert_eq!(
        restore("machine", json!("waiter")),
        SnapshotError::WrongMachine { expected: "placer" }
    );
    assert_eq!(restore("state", json!({})), SnapshotError::Malformed);
    assert_eq!(placer(0).snapshot(now).machine(), "placer");
    let mut bad = snapshot["state"].clone();
    bad["protocol"]["call"][0]["to"] = json!("nobody");
    assert_eq!(restore("state", bad), SnapshotError::Malformed);
    assert!(!format!("{:?}", placer(0).snapshot(now)).contains("555"));
}
