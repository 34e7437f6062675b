//! The last GET of a wait, at its deadline, after a service that was silent.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod support;

use byourside_proto::{
    Machine,
    machine::wait::{CallWaiter, WaitOptions},
};
use core::time::Duration;
use support::{Answer, Scenario, VirtualTime, at, record};

fn waiter(attempt_timeout: u64) -> VirtualTime<CallWaiter> {
    Scenario::waiter_with(WaitOptions {
        timeout: Duration::from_secs(20),
        attempt_timeout: Duration::from_secs(attempt_timeout),
        interval: Duration::from_secs(9),
        ..WaitOptions::default()
    })
}

/// Sends the next GET, which times out at this second.
fn time_out_at(seconds: u64, waiter: VirtualTime<CallWaiter>) -> VirtualTime<CallWaiter> {
    let mut waiter = waiter.in_flight().at(seconds);
    waiter.reply_oldest(Answer::timed_out());
    waiter
}

#[test]
fn attempt_that_timed_out_before_the_deadline_is_not_the_last_get() {
    let waiter = time_out_at(19, time_out_at(5, waiter(5)));
    let mut waiter = waiter.answered(record("completed"));
    assert_eq!(waiter.sent_at(), [at(0), at(14), at(20)]);
    assert!(waiter.output().is_ok());
}

#[test]
fn attempt_that_times_out_at_the_deadline_is_the_last_get() {
    let mut waiter = time_out_at(20, waiter(30));
    waiter.now = waiter.next_wake().unwrap();
    assert_eq!(waiter.output().unwrap_err().code(), "timeout");
}
