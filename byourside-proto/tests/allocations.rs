//! How often the machines allocate, measured by a counting allocator.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod support;

use allocation_counter::measure;
use byourside_proto::{
    Action, GetCall, Machine, Monotonic, Operation, TransportFailure,
    machine::{
        ReplySlot,
        wait::{CallWaiter, WaitOptions},
        wait_set::{WaitSet, WaitSetOptions},
    },
};
use http::{HeaderValue, Response};
use std::time::Duration;
use support::{api, id};

const ID: &str = "0f0e0d0c-0000-4000-8000-000000000000";
/// A reply that borrows the response copies its body.
const COPY: u64 = 1;

fn get() -> GetCall {
    GetCall(id(ID))
}

/// The number of allocations of some work, and its result.
fn counted<T>(work: impl FnOnce() -> T) -> (u64, T) {
    let mut result = None;
    let count = measure(|| result = Some(work())).count_total;
    (count, result.unwrap())
}

/// Polls until a request is sent, and returns its slot. A sleep must not allocate, a request no more than its build.
fn send_next(waiter: &mut CallWaiter, now: &mut Monotonic) -> ReplySlot {
    let (get, api) = (get(), api());
    let (request, _) = counted(|| get.request(&api));
    loop {
        match counted(|| waiter.poll(*now)) {
            (count, Action::Sleep(pause)) => {
                assert_eq!(count, 0, "a sleep");
                *now = now.after(pause);
            }
            (count, Action::Send(_, slot)) => {
                assert_eq!(count, request, "a request");
                return slot;
            }
            (_, Action::Done(_)) => panic!("the waiter is done"),
        }
    }
}

#[test]
fn waiter_step_allocates_its_request_and_its_record_only() {
    let transcript = "Hello? ".repeat(600);
    let record = format!(r#"{{"id":"{ID}","status":"in_progress","to":"+14155550123","transcript":"{transcript}"}}"#);
    let mut now = Monotonic::ORIGIN;
    let mut waiter = CallWaiter::new(api(), get().0, WaitOptions::default(), now);
    for (status, body) in [
        (200, &*record),
        (200, &record),
        (503, r#"{"error":"store_error"}"#),
        (200, "<html>"),
    ] {
        let slot = send_next(&mut waiter, &mut now);
        let get = get();
        let read = |response: &Response<&str>| {
            let (status, headers) = (response.status(), response.headers());
            counted(|| get.parse(status, headers, response.body().as_bytes())).0
        };
        let answer = || Response::builder().status(status);
        let response = answer()
            .header("content-type", HeaderValue::from_static("application/json"))
            .body(body)
            .unwrap();
        let (read_it, response) = (read(&response), response.map(|body| body.as_bytes().to_vec()));
        let (count, ()) = counted(|| waiter.handle(now, slot.reply(Ok(response))));
        assert_eq!(count, read_it, "{status}, {} bytes, given away", body.len());

        let (slot, response) = (send_next(&mut waiter, &mut now), answer().body(body).unwrap());
        let read_it = read(&response);
        let (count, ()) = counted(|| waiter.handle(now, slot.reply_ref(&response)));
        assert_eq!(count, read_it + COPY, "{status}, {} bytes, lent", body.len());
    }
    let (slot, failure) = (send_next(&mut waiter, &mut now), TransportFailure::timed_out());
    assert_eq!(counted(|| waiter.handle(now, slot.reply(Err(failure)))).0, 0);
}

#[test]
fn call_in_a_set_takes_two_hundred_bytes_at_most() {
    const CALLS: u32 = 100_000;
    let ids: Vec<_> = (0..CALLS)
        .map(|call| id(format!("{call:08x}-0000-4000-8000-000000000000")))
        .collect();
    let options = WaitSetOptions {
        timeout: Duration::from_secs(3600),
        ..WaitSetOptions::default()
    };
    let mut set = WaitSet::new(api(), options, Monotonic::ORIGIN);
    let held = measure(|| {
        for call in &ids {
            assert!(set.add(call, Monotonic::ORIGIN));
        }
    });
    let each = held.bytes_current / i64::from(CALLS);
    assert!((50..=200).contains(&each), "{each} bytes");
    assert_eq!(set.len(), ids.len());
}
