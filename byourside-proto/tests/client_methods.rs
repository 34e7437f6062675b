//! The methods of both clients, each over a scripted transport.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod scripted;

use byourside_proto::{
    Api, ApiKey, BaseUrl, CallId, ListCalls, Operation, PlaceCall, Status,
    client::{self, ClientOptions},
    machine::{
        place_set::{Intent, PlaceSet, PlaceSetOptions},
        reconcile::Reconciliation,
        wait::{CallWaiter, WaitOptions},
        wait_set::{WaitSet, WaitSetOptions},
    },
};
use futures_core::Stream;
use futures_util::StreamExt;
use scripted::{Scripted, asynchronous, block_on, blocking};
use std::{cell::RefCell, time::Duration};

type Asynchronous = client::Client<Scripted>;
type Blocking = client::blocking::Client<Scripted>;

const PLACED: (u16, &str) = (201, r#"{"callId":"c1","status":"queued"}"#);
const IN_PROGRESS: (u16, &str) = (200, r#"{"id":"c1","status":"in_progress"}"#);
const COMPLETED: (u16, &str) = (200, r#"{"id":"c1","status":"completed"}"#);

fn id() -> CallId {
    CallId::new("c1").unwrap()
}

fn call() -> PlaceCall {
    PlaceCall::new("+14155550123", "Ask.").unwrap()
}

#[test]
fn client_is_created_from_a_key_the_environment_or_options() {
    let request = ListCalls::default().request(&Asynchronous::new("bys_ak_example").unwrap().api());
    assert_eq!(request.uri().host(), Some("api.byourside.ai"));
    assert_eq!(Asynchronous::new("").unwrap_err().code(), "no_api_key");
    assert_eq!(Blocking::new("").unwrap_err().code(), "no_api_key");
    // The scripted transport has an environment with a key.
    assert_eq!(
        Blocking::from_env().unwrap().api(),
        Asynchronous::from_env().unwrap().api()
    );

    let api = || {
        let base = BaseUrl::new("http://127.0.0.1:8787").unwrap();
        Api::new(base, ApiKey::new("bys_ak_example").unwrap())
    };
    let mut options = ClientOptions::default();
    options.wait.timeout = Duration::from_secs(600);
    let client = Asynchronous::with_options(api(), options).unwrap();
    assert_eq!((client.api(), *client.options()), (api(), options));
    let client = Blocking::with_options(api(), options).unwrap();
    assert_eq!((client.api(), *client.options()), (api(), options));
}

#[test]
fn client_clones_share_the_transport_and_its_clock() {
    let (one, other) = (blocking([COMPLETED]), asynchronous([COMPLETED]));
    one.clone().get_call(&id()).unwrap();
    block_on(other.clone().get_call(&id())).unwrap();
    assert_eq!(
        (one.transport().requests().len(), other.transport().requests().len()),
        (1, 1)
    );
    assert_eq!(one.now(), other.now());
}

#[test]
fn reads_retry_transient_failures() {
    let (one, other) = (blocking([(503, ""), COMPLETED]), asynchronous([(503, ""), COMPLETED]));
    let call = one.get_call(&id()).unwrap();
    assert_eq!(call.status(), Some(Status::Completed));
    assert_eq!(block_on(other.get_call(&id())), Ok(call));

    let list = [(429, ""), (200, r#"{"calls":[{"callId":"c1","status":"queued"}]}"#)];
    let (one, other) = (blocking(list), asynchronous(list));
    let calls = one.list_calls(&ListCalls::new(100)).unwrap();
    assert_eq!(calls.first().and_then(|call| call.id()), Some("c1"));
    assert_eq!(block_on(other.list_calls(&ListCalls::new(100))), Ok(calls));
}

#[test]
fn callback_gets_each_status_once() {
    let answers = [IN_PROGRESS, IN_PROGRESS, COMPLETED];
    let (one, other) = (blocking(answers), asynchronous(answers));
    let (options, call) = (one.options().wait, call());
    let (mut seen, mut again) = (Vec::new(), Vec::new());
    let ended = one.wait_for_call_with(&id(), options, |status| seen.push(status.clone()));
    assert_eq!(
        ended,
        block_on(other.wait_for_call_with(&id(), options, |status| again.push(status.clone())))
    );
    assert_eq!(
        (&seen[..], &again),
        (&[Status::InProgress, Status::Completed][..], &seen)
    );

    let answers = [PLACED, IN_PROGRESS, COMPLETED];
    let (one, other) = (blocking(answers), asynchronous(answers));
    let (mut seen, mut again) = (Vec::new(), Vec::new());
    let ended = one.place_and_wait_with(&call, options, |status| seen.push(status.clone()));
    let placed = other.place_and_wait_with(&call, options, |status| again.push(status.clone()));
    assert_eq!(ended, block_on(placed));
    assert_eq!(
        (&seen[..], &again),
        (&[Status::InProgress, Status::Completed][..], &seen)
    );
}

#[test]
fn reconcile_finds_the_call_that_was_not_known_before() {
    let list = r#"{"calls":[
        {"callId":"c2","status":"queued","to":"+14155550123","objective":"Ask."},
        {"callId":"c1","status":"completed","to":"+14155550123","objective":"Ask."}
    ]}"#;
    let (one, other) = (blocking([(200, list)]), asynchronous([(200, list)]));
    for found in [
        one.reconcile(&call(), [id()]),
        block_on(other.reconcile(&call(), [id()])),
    ] {
        assert!(
            matches!(&found, Reconciliation::Found(call) if call.id() == Some("c2")),
            "{found:?}"
        );
    }
    assert_eq!(one.transport().requests(), ["GET /v1/agent/calls"]);
}

#[test]
fn run_drives_a_machine_to_its_end() {
    let (one, other) = (blocking([COMPLETED]), asynchronous([COMPLETED]));
    let waiter = |api, now| CallWaiter::new(api, id(), WaitOptions::default(), now);
    assert_eq!(one.run(&mut waiter(one.api(), one.now())).unwrap().counts.polls, 1);
    let mut machine = waiter(other.api(), other.now());
    assert_eq!(block_on(other.run(&mut machine)).unwrap().counts.polls, 1);
}

/// All results of a set whose requests are answered immediately.
fn results<S: Stream>(set: S) -> Vec<S::Item> {
    block_on(set.collect())
}

#[test]
fn place_many_records_an_intent_before_its_request() {
    let client = asynchronous([PLACED]);
    let mut set = PlaceSet::new(client.api(), PlaceSetOptions::default(), client.now());
    set.add(Intent::new("order-17"), call());
    let journal = RefCell::new(Vec::new());
    let placed = results(client.place_many(set, async |intent: Intent| {
        assert!(client.transport().requests().is_empty());
        journal.borrow_mut().push(intent);
        Ok::<(), ()>(())
    }));
    assert_eq!(journal.into_inner(), [Intent::new("order-17")]);
    assert_eq!(placed.len(), 1);
}

#[test]
fn set_stream_continues_after_an_addition_and_after_a_restore() {
    let client = asynchronous([COMPLETED, COMPLETED, COMPLETED]);
    let mut waits = client.wait_many(&[id()], WaitSetOptions::default());
    assert!(block_on(waits.next()).is_some_and(|(_, ended)| ended.is_ok()));
    assert!(block_on(waits.next()).is_none());
    waits.set_mut().add(&id(), client.now());
    assert_eq!(waits.set().len(), 1);
    assert!(block_on(waits.next()).is_some(), "the stream continues after its end");

    let mut set = WaitSet::new(client.api(), WaitSetOptions::default(), client.now());
    set.add(&id(), client.now());
    let restored = WaitSet::restore(client.api(), set.snapshot(client.now()), client.now()).unwrap();
    assert_eq!(results(client.run_set(restored)).len(), 1);
}
