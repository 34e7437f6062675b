//! Both clients over a scripted transport: the same scenario has the same outcome.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod scripted;
mod support;

use byourside_proto::{
    Monotonic, Status, TransportFailure,
    client::{CallError, Client, ClientOptions, Transport, Update},
    machine::{
        place::{PlaceError, Unknown},
        wait::{EndSource, FinishedCall},
    },
    webhook::Event,
};
use futures_core::Stream;
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use scripted::{asynchronous, block_on, blocking};
use std::{
    cell::Cell,
    future::{pending, poll_fn},
    pin::Pin,
    task::Poll,
    time::Duration,
};
use support::{api, call, event, id};

const PLACED: (u16, &str) = (201, r#"{"callId":"c1","status":"queued"}"#);
const IN_PROGRESS: (u16, &str) = (200, r#"{"id":"c1","status":"in_progress"}"#);
const COMPLETED: (u16, &str) = (200, r#"{"id":"c1","status":"completed"}"#);

/// Places a call and waits with both clients. Returns the outcome and the requests.
fn place_and_wait<const N: usize>(answers: [(u16, &str); N]) -> (Result<FinishedCall, CallError>, Vec<String>) {
    let call = call();
    let (one, other) = (blocking(answers), asynchronous(answers));
    let outcome = one.place_and_wait(&call);
    assert_eq!(outcome, block_on(other.place_and_wait(&call)));
    assert_eq!(one.transport().requests(), other.transport().requests());
    (outcome, one.transport().requests())
}

#[test]
fn clients_place_a_call_and_wait_for_its_end() {
    let (outcome, requests) = place_and_wait([PLACED, (503, ""), (0, "reset"), COMPLETED]);
    assert_eq!(outcome.unwrap().call.status(), Some(Status::Completed));
    let get = "GET /v1/agent/calls/c1";
    assert_eq!(requests, ["POST /v1/agent/calls", get, get, get]);
}

#[test]
fn clients_do_not_wait_for_a_call_that_was_not_placed() {
    let (outcome, requests) = place_and_wait([(400, r#"{"error":"destination_blocked"}"#)]);
    assert!(matches!(outcome, Err(CallError::Place(PlaceError::NotPlaced(_)))));
    assert_eq!(requests.len(), 1);
}

#[test]
fn unknown_placing_is_neither_repeated_nor_waited_for() {
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
fn wait_error_names_the_call_whose_end_was_not_seen() {
    let (outcome, _) = place_and_wait([PLACED, (401, r#"{"error":"unauthorized"}"#)]);
    let Err(CallError::Wait(error)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!((error.id.as_str(), error.code()), ("c1", "unauthorized"));
}

#[test]
fn watch_gives_each_change_and_then_the_end() {
    let client = asynchronous([IN_PROGRESS, IN_PROGRESS, COMPLETED]);
    let mut watch = client.watch(&id("c1"), client.options().wait);
    assert_eq!(block_on(watch.next()), Some(Status::InProgress));
    assert_eq!(block_on(watch.next()), Some(Status::Completed));
    assert_eq!(block_on(watch.next()), None);
    assert_eq!(block_on(watch.end()).unwrap().counts.polls, 3);
}

#[test]
fn stream_of_updates_ends_with_the_record_and_then_for_good() {
    let client = asynchronous([IN_PROGRESS, IN_PROGRESS, COMPLETED]);
    let mut updates = client.watch(&id("c1"), client.options().wait).into_stream();
    let mut next = || block_on(poll_fn(|context| Pin::new(&mut updates).poll_next(context)));
    assert_eq!(next(), Some(Ok(Update::Status(Status::InProgress))));
    assert_eq!(next(), Some(Ok(Update::Status(Status::Completed))));
    let Some(Ok(Update::Finished(ended))) = next() else {
        panic!("the record comes last")
    };
    assert_eq!(ended.counts.polls, 3);
    assert_eq!((next(), next()), (None, None));
}

#[test]
fn stream_of_updates_ends_with_the_error_if_there_is_no_record() {
    let client = asynchronous([(401, r#"{"error":"unauthorized"}"#)]);
    let mut updates = client.watch(&id("c1"), client.options().wait).into_stream();
    let mut next = || block_on(poll_fn(|context| Pin::new(&mut updates).poll_next(context)));
    assert_eq!(next().unwrap().unwrap_err().code(), "unauthorized");
    assert_eq!(next(), None);
}

/// Waits with both clients, which receive these events during their first sleep and none later.
fn wait_listening<const N: usize>(answers: [(u16, &str); N], events: &[Event]) -> (FinishedCall, usize) {
    let (one, other) = (blocking(answers), asynchronous(answers));
    let (id, options) = (id("c1"), one.options().wait);
    let mut left = events.iter().cloned();
    let mut slept = false;
    let next_event = |pause: Duration| {
        slept |= !pause.is_zero();
        if slept { left.next() } else { None }
    };
    let ended = one.wait_for_call_with_events(&id, options, next_event).unwrap();

    let mut left = events.iter().cloned();
    let asleep = Cell::new(false);
    let stream = stream::poll_fn(|_| {
        // Polled before the first request, after it, and then during the sleep.
        if asleep.replace(!other.transport().requests().is_empty()) {
            left.next().map_or(Poll::Ready(None), |event| Poll::Ready(Some(event)))
        } else {
            Poll::Pending
        }
    });
    let again = block_on(other.wait_for_call_with_events(&id, options, stream)).unwrap();
    assert_eq!(ended, again);
    assert_eq!(one.transport().requests(), other.transport().requests());
    let requests = one.transport().requests().len();
    (ended, requests)
}

#[test]
fn event_ends_the_wait_between_two_requests() {
    let others = event(r#"{"event":"call.failed","callId":"c2"}"#);
    let own = event(r#"{"event":"call.declined","callId":"c1"}"#);
    let (ended, requests) = wait_listening([IN_PROGRESS], &[others, own]);
    assert_eq!(ended.call.status(), Some(Status::Declined));
    assert_eq!((ended.end_source, requests), (EndSource::Event, 1));
}

#[test]
fn clients_continue_with_gets_after_the_last_event() {
    let (ended, requests) = wait_listening([IN_PROGRESS, (503, ""), COMPLETED], &[]);
    assert_eq!((ended.end_source, requests), (EndSource::Poll, 3));
}

#[test]
fn event_that_is_there_already_saves_the_request() {
    let own = event(r#"{"event":"call.completed","callId":"c1"}"#);
    let (one, other) = (blocking([]), asynchronous([]));
    let (id, options) = (id("c1"), one.options().wait);
    let mut events = vec![own.clone()].into_iter();
    assert!(one.wait_for_call_with_events(&id, options, |_| events.next()).is_ok());
    assert!(block_on(other.wait_for_call_with_events(&id, options, stream::iter([own]))).is_ok());
    assert!(one.transport().requests().is_empty() && other.transport().requests().is_empty());
}

#[test]
fn endless_events_do_not_keep_a_wait_from_its_gets() {
    let others = event(r#"{"event":"call.completed","callId":"c2"}"#);
    let (one, other) = (blocking([COMPLETED]), asynchronous([COMPLETED]));
    let (id, options) = (id("c1"), one.options().wait);
    let ended = one.wait_for_call_with_events(&id, options, |_| Some(others.clone()));
    assert_eq!(ended.unwrap().end_source, EndSource::Poll);
    let events = stream::repeat_with(|| others.clone());
    let ended = block_on(other.wait_for_call_with_events(&id, options, events));
    assert_eq!(ended.unwrap().end_source, EndSource::Poll);
}

#[test]
fn answer_is_not_awaited_once_an_event_ends_the_wait() {
    /// A transport that never answers and never stops sleeping.
    struct Silent;
    impl Transport for Silent {
        async fn send(&self, _: Request<Vec<u8>>, _: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
            pending().await
        }

        async fn sleep(&self, _: Duration) {
            pending().await
        }

        fn now(&self) -> Monotonic {
            Monotonic::ORIGIN
        }

        fn seed(&self) -> u64 {
            0
        }
    }
    let client = Client::with_transport(api(), ClientOptions::default(), Silent);
    let mut polls = 0;
    let events = stream::poll_fn(|_| {
        polls += 1;
        // No event before the request is in flight.
        if polls == 1 {
            Poll::Pending
        } else {
            Poll::Ready(Some(event(r#"{"event":"call.failed","callId":"c1"}"#)))
        }
    });
    let (id, options) = (id("c1"), client.options().wait);
    let events = events.take(1);
    let ended = block_on(client.wait_for_call_with_events(&id, options, events)).unwrap();
    assert_eq!((ended.end_source, ended.counts.polls), (EndSource::Event, 1));
}
