//! The simulated transport of one program.
use super::harness::{KEY, api, at};
use crate::{Faults, Profile, Rate, Service, SimTransport};
use byourside_proto::{
    CallId, Monotonic, Operation, PlaceCall, TransportFailure,
    client::{self, CallError, ClientOptions, blocking::Transport},
    machine::wait::FinishedCall,
};
use futures_util::FutureExt;
use http::{Request, Response};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);

fn call() -> PlaceCall {
    PlaceCall::new("+14155550123", "Ask.").unwrap()
}

fn transport_with(faults: Faults) -> SimTransport {
    SimTransport::new(Service::new(7), faults)
}

/// Every message takes this long, one way.
fn slow(seconds: u64) -> SimTransport {
    let latency = Duration::from_secs(seconds);
    transport_with(Faults {
        min_latency: latency,
        max_latency: latency,
        ..Faults::default()
    })
}

fn post(transport: &SimTransport) -> Result<Response<Vec<u8>>, TransportFailure> {
    transport.send(call().request(&api()), TIMEOUT)
}

/// How a client's wait ended, when, and which calls the service has.
type Course = (Result<FinishedCall, CallError>, Monotonic, Vec<CallId>);

fn course(ended: Result<FinishedCall, CallError>, transport: &SimTransport) -> Course {
    let calls = transport.service().calls().map(|call| call.id()).collect();
    (ended, transport.now(), calls)
}

fn blocking(seed: u64) -> Course {
    let transport = SimTransport::new(Service::new(seed), Profile::Harsh.faults(seed));
    let client = client::blocking::Client::with_transport(api(), ClientOptions::default(), transport);
    course(client.place_and_wait(&call()), client.transport())
}

fn asynchronous(seed: u64) -> Course {
    let transport = SimTransport::new(Service::new(seed), Profile::Harsh.faults(seed));
    let client = client::Client::with_transport(api(), ClientOptions::default(), transport);
    let ended = client.place_and_wait(&call()).now_or_never();
    course(ended.unwrap(), client.transport())
}

#[test]
fn clients_take_the_same_course_for_the_same_seed() {
    for seed in 0..50 {
        assert_eq!(blocking(seed), asynchronous(seed), "seed {seed}");
    }
    assert!((1..50).any(|seed| blocking(seed).1 != blocking(0).1));
}

#[test]
fn answer_takes_the_latency_there_and_back() {
    let transport = slow(2);
    assert!(post(&transport).is_ok());
    assert_eq!(transport.now(), at(4));
    assert!(transport.service().calls().all(|call| call.placed_at() == at(2)));
}

#[test]
fn sleep_advances_the_clock_at_once() {
    let transport = transport_with(Faults::default());
    transport.sleep(Duration::from_secs(3600));
    assert_eq!(transport.now(), at(3600));
}

#[test]
fn answer_after_the_attempt_timeout_is_not_received() {
    let transport = slow(20);
    assert!(post(&transport).is_err_and(|failure| failure.is_timeout()));
    assert_eq!((transport.now(), transport.service().placed()), (at(30), 1));
}

#[test]
fn request_after_the_attempt_timeout_is_acted_on() {
    let transport = slow(40);
    assert!(post(&transport).is_err_and(|failure| failure.is_timeout()));
    assert_eq!((transport.now(), transport.service().placed()), (at(30), 0));
    transport.sleep(Duration::from_secs(9));
    assert_eq!(transport.service().placed(), 0);
    transport.sleep(Duration::from_secs(1));
    assert!(transport.service().calls().all(|call| call.placed_at() == at(40)));
    assert_eq!(transport.service().placed(), 1);
}

#[test]
fn silence_lasts_until_the_timeout_and_a_closed_connection_not() {
    for (silent, until) in [(Rate::ALWAYS, at(30)), (Rate::NEVER, at(0))] {
        let transport = transport_with(Faults {
            answer_lost: Rate::ALWAYS,
            silent,
            ..Faults::default()
        });
        let failure = post(&transport).unwrap_err();
        assert_eq!((failure.is_timeout(), transport.now()), (silent == Rate::ALWAYS, until));
        assert_eq!(transport.service().placed(), 1);
    }
}

#[test]
fn faults_can_be_changed_between_requests() {
    let transport = transport_with(Faults {
        no_connection: Rate::ALWAYS,
        ..Faults::default()
    });
    assert!(post(&transport).is_err());
    transport.set_faults(Faults::default());
    assert!(post(&transport).is_ok());
}

#[test]
fn each_machine_has_a_seed_of_its_own() {
    let (one, other) = (transport_with(Faults::default()), transport_with(Faults::default()));
    let (first, second) = (Transport::seed(&one), Transport::seed(&one));
    assert_ne!(first, second);
    assert_eq!([first, second], [Transport::seed(&other), Transport::seed(&other)]);
}

#[test]
fn debug_output_shows_no_keys_and_no_numbers() {
    let transport = slow(40);
    let request: Request<_> = call().request(&api());
    assert!(transport.send(request, TIMEOUT).is_err());
    let shown = format!("{transport:?}");
    assert!(!shown.contains(KEY) && !shown.contains("4155550123"), "{shown}");
}
