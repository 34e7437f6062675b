//! The last GET of a wait, at its deadline, when the service was silent before.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_proto::{
    Action, Api, CallId, Machine, Monotonic, TransportFailure,
    machine::wait::{CallWaiter, WaitOptions},
};
use core::time::Duration;

const ANSWER: &str = r#"{"id": "c1", "status": "completed"}"#;

fn at(seconds: u64) -> Monotonic {
    Monotonic::new(Duration::from_secs(seconds))
}

fn waiter(attempt_timeout: u64) -> CallWaiter {
    let api = Api::with_key("bys_ak_example").unwrap();
    let options = WaitOptions {
        timeout: Duration::from_secs(20),
        attempt_timeout: Duration::from_secs(attempt_timeout),
        interval: Duration::from_secs(9),
        ..WaitOptions::default()
    };
    CallWaiter::new(api, CallId::new("c1").unwrap(), options, Monotonic::ORIGIN)
}

fn time_out(waiter: &mut CallWaiter, sent: u64, timed_out: u64) {
    let Action::Send(_, slot) = waiter.poll(at(sent)) else {
        panic!("{waiter:?}");
    };
    waiter.handle(at(timed_out), slot.reply(Err(TransportFailure::timed_out())));
}

#[test]
fn an_attempt_that_timed_out_before_the_deadline_does_not_stand_in_for_the_last_one() {
    let mut waiter = waiter(5);
    time_out(&mut waiter, 0, 5);
    time_out(&mut waiter, 14, 19);
    let Action::Send(_, slot) = waiter.poll(at(20)) else {
        panic!("{waiter:?}");
    };
    waiter.handle(at(20), slot.reply_ref(&http::Response::new(ANSWER)));
    assert!(matches!(waiter.poll(at(20)), Action::Done(Ok(_))));
}

#[test]
fn an_attempt_that_times_out_at_the_deadline_is_the_last_one() {
    let mut waiter = waiter(30);
    time_out(&mut waiter, 0, 20);
    let wake = waiter.next_wake().unwrap();
    assert!(matches!(waiter.poll(wake), Action::Done(Err(error)) if error.code() == "timeout"));
}
