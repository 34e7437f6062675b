//! The plain clients over a scripted transport: one scenario, both clients, the same outcome.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod scripted;

use byourside_proto::{CallError, Ended, PlaceCall, PlaceError, Status, Unknown};
use scripted::{asynchronous, block_on, blocking};

const PLACED: (u16, &str) = (201, r#"{"callId":"c1","status":"queued"}"#);
const COMPLETED: (u16, &str) = (200, r#"{"id":"c1","status":"completed"}"#);

/// Places a call and waits with both clients: the outcome, and what was sent.
fn place_and_wait<const N: usize>(answers: [(u16, &str); N]) -> (Result<Ended, CallError>, Vec<String>) {
    let call = PlaceCall::new("+14155550123", "Ask.").unwrap();
    let (one, other) = (blocking(answers), asynchronous(answers));
    let outcome = one.place_and_wait(&call);
    assert_eq!(outcome, block_on(other.place_and_wait(&call)));
    assert_eq!(one.transport().requests(), other.transport().requests());
    (outcome, one.transport().requests())
}

#[test]
fn a_call_is_placed_and_its_end_waited_for() {
    let (outcome, requests) = place_and_wait([PLACED, (503, ""), (0, "reset"), COMPLETED]);
    assert_eq!(outcome.unwrap().call.status(), Some(Status::Completed));
    let get = "GET /v1/agent/calls/c1";
    assert_eq!(requests, ["POST /v1/agent/calls", get, get, get]);
}

#[test]
fn what_was_not_placed_is_not_waited_for() {
    let (outcome, requests) = place_and_wait([(400, r#"{"error":"destination_blocked"}"#)]);
    assert!(matches!(outcome, Err(CallError::Place(PlaceError::NotPlaced(_)))));
    assert_eq!(requests.len(), 1);
}

#[test]
fn what_is_unknown_is_neither_placed_again_nor_waited_for() {
    for answer in [
        (500, ""),
        (0, "reset"),
        (201, "{}"),
        (201, r#"{"callId":".."}"#),
        (201, r#"{"callId":""}"#),
    ] {
        let (outcome, requests) = place_and_wait([answer]);
        assert!(
            matches!(outcome, Err(CallError::Place(PlaceError::Unknown(_)))),
            "{answer:?}"
        );
        assert_eq!(requests.len(), 1);
    }
    let (outcome, _) = place_and_wait([]);
    assert!(
        matches!(outcome, Err(CallError::Place(PlaceError::Unknown(Unknown::Lost(failure)))) if failure.is_timeout())
    );
}

#[test]
fn a_call_whose_end_was_not_seen_is_named() {
    let (outcome, _) = place_and_wait([PLACED, (401, r#"{"error":"unauthorized"}"#)]);
    let Err(CallError::Wait(error)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!((error.id.as_str(), error.code()), ("c1", "unauthorized"));
}

#[test]
fn a_watch_gives_each_change_and_then_the_end() {
    let progress = (200, r#"{"id":"c1","status":"in_progress"}"#);
    let client = asynchronous([progress, progress, COMPLETED]);
    let id = byourside_proto::CallId::new("c1").unwrap();
    let mut watch = client.watch(&id, client.options().wait);
    assert_eq!(block_on(watch.next()), Some(Status::InProgress));
    assert_eq!(block_on(watch.next()), Some(Status::Completed));
    assert_eq!(block_on(watch.next()), None);
    assert_eq!(block_on(watch.end()).unwrap().counts.polls, 3);
}
