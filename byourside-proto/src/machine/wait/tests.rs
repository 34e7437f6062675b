mod events;

use super::*;
use crate::{
    machine::{Action, Machine, drive_blocking},
    testing::{Answer, Polled, Scenario, VirtualTime, api, at, event, id, in_turn, ok, record, status, status_event},
    types::{Monotonic, Status},
};
use alloc::{format, string::ToString, vec::Vec};
use core::cell::Cell;
use core::time::Duration;
use http::Response;

fn with_timeout(seconds: u64) -> WaitOptions {
    WaitOptions {
        timeout: Duration::from_secs(seconds),
        ..WaitOptions::default()
    }
}

#[test]
fn waits_for_different_calls_are_not_equal() {
    let wait = |call| CallWaiter::new(api(), id(call), WaitOptions::default(), at(0));
    assert_eq!(wait("c1"), wait("c1"));
    assert_ne!(wait("c1"), wait("c2"));
}

#[test]
fn waiter_counts_the_time_of_a_callback_as_part_of_the_pause() {
    let (clock, mut asked) = (Cell::new(at(0)), Vec::new());
    let slow = |_: &Status| clock.set(clock.get().after(Duration::from_secs(58)));
    let waiter = Scenario::waiter_with(with_timeout(60)).machine;
    let ended = drive_blocking(
        &mut waiter.with_callback(slow),
        |_request, _timeout| {
            asked.push(clock.get());
            Ok(Response::new(r#"{"id":"c1","status":"in_progress"}"#))
        },
        |pause| clock.set(clock.get().after(pause)),
        || clock.get(),
    );
    assert_eq!(ended.unwrap_err().code(), "timeout");
    assert_eq!(asked, [at(0), at(58), at(60)]);
}

#[test]
fn wait_error_names_the_call_and_the_last_failure() {
    let failed = |call: &str, options, answer: Answer| {
        let mut waiter = VirtualTime::new(CallWaiter::new(api(), id(call), options, at(0)));
        waiter.run(|_| answer.clone()).unwrap_err().to_string()
    };
    let options = with_timeout(0);
    assert_eq!(
        failed("c1", options, status(301)),
        "Call c1 had not ended by the deadline; it may go on. Wait for it again. \
         (1 polls; the last failure: Request failed with status 301.) No redirect is followed: check the base URL."
    );
    assert_eq!(
        failed("+14155550123", options, status(401)),
        "Call +###########: Request failed with status 401. (1 polls)"
    );
    let max_failures = 0;
    assert_eq!(
        failed(
            "c1",
            WaitOptions {
                max_failures,
                ..options
            },
            status(503)
        ),
        "Call c1: too many failures in a row, the last one: Temporary service error. Please retry shortly. (1 polls)"
    );
}

#[test]
fn extended_waiter_continues_after_its_timeout() {
    let mut waiter = Scenario::waiter_with(with_timeout(10));
    let (end, now) = waiter.run_timed(|_| record("in_progress"));
    assert_eq!(end.unwrap_err().code(), "timeout");
    assert!(now >= at(10) && now < at(11), "{now:?}");
    assert_eq!(waiter.take_change(), Some(Status::InProgress));
    assert!(
        waiter.extend(at(20), Duration::ZERO),
        "an extension of zero still makes one GET"
    );
    let mut waiter = waiter.at(20);
    let error = waiter.run(|_| record("in_progress")).unwrap_err();
    assert_eq!((error.counts.polls, waiter.take_change()), (6, None));
    assert!(waiter.extend(at(30), Duration::MAX));
    let mut waiter = waiter.at(30);
    let ended = waiter.run(|_| record("completed")).unwrap();
    assert_eq!(ended.counts.polls, 7);
    assert!(!waiter.extend(at(40), Duration::MAX));
}

#[test]
fn extended_waiter_keeps_its_pause_and_its_request() {
    let mut waiter = Scenario::waiter().answered(record("queued")).at(1);
    assert!(waiter.extend(at(1), Duration::from_secs(600)));
    assert_eq!(waiter.next_wake(), Some(at(3)));
    let mut waiter = waiter.in_flight();
    assert!(waiter.extend(at(4), Duration::from_secs(600)));
    assert!(waiter.at(4).sleeps());
}

#[test]
fn wait_status_has_a_reason_for_each_pause() {
    let reason_of = |waiter: VirtualTime<CallWaiter>| {
        let decision = waiter.status(at(0));
        assert_eq!(Some(at(0).after(decision.wait)), waiter.next_wake().or(Some(at(0))));
        decision.reason
    };
    let reason = |answer| reason_of(Scenario::waiter().answered(answer));
    assert_eq!(reason(record("queued")), Reason::Interval);
    assert_eq!(reason(Answer::reset()), Reason::Backoff { failures: 1 });
    assert_eq!(
        reason(status(429).retry_after(8)),
        Reason::RetryAfter(Duration::from_secs(8))
    );
    for no_longer in [1, 3] {
        let limited = status(429).retry_after(no_longer);
        assert_eq!(reason(limited), Reason::Backoff { failures: 1 });
    }
    assert_eq!(
        reason(Answer::new(404, r#"{"error":"not_found"}"#)),
        Reason::NotReadableYet
    );
    assert_eq!(reason_of(Scenario::waiter().in_flight()), Reason::Asking);
    assert_eq!(reason(record("failed")), Reason::Over);

    let without_results = || ok(r#"{"id":"c1","status":"completed"}"#);
    let settling = Scenario::waiter_with(WaitOptions {
        settle: 2,
        ..with_timeout(4)
    });
    assert_eq!(settling.status(at(0)).reason, Reason::Start);
    let settling = settling.answered(without_results());
    assert_eq!(
        settling.status(at(1)).to_string(),
        "2.0 s: the call has ended, and up to 2 more GETs are for its results"
    );
    let settling = settling.answered(without_results());
    assert_eq!(settling.status(at(3)).reason, Reason::LastGet);
}

#[test]
fn wait_status_names_the_last_get_that_falls_on_the_deadline() {
    let waiter = Scenario::waiter_with(with_timeout(3)).answered(record("queued"));
    assert_eq!(waiter.status(at(0)).reason, Reason::LastGet);
}

#[test]
fn waiter_honours_and_caps_retry_after_even_while_settling() {
    for (asked, waited) in [(20, 20), (500, 60)] {
        let waiter = Scenario::waiter().rate_limited(asked);
        assert_eq!(waiter.next_wake(), Some(at(waited)));
    }
    let waiter = Scenario::settling_waiter().rate_limited(20);
    assert_eq!(waiter.next_wake(), Some(at(23)));
}

#[test]
fn waiter_tolerates_any_404_just_after_placing() {
    for body in [r#"{"error":"not_found"}"#, r#"{"error":"not_fo"#, ""] {
        let waiter = Scenario::waiter().answered(Answer::new(404, body));
        assert_eq!(waiter.status(at(0)).reason, Reason::NotReadableYet);
    }
}

#[test]
fn waiter_tolerates_404_no_longer_than_its_grace() {
    let mut waiter = Scenario::waiter_with(WaitOptions {
        not_found_grace: Duration::from_secs(3),
        ..WaitOptions::default()
    });
    let (end, when) = waiter.run_timed(|_| status(404));
    assert_eq!((end.unwrap_err().status(), when), (404, at(3)));
}

#[test]
fn waiter_survives_and_counts_transient_failures() {
    let answers = [
        status(503),
        status(429).retry_after(2),
        Answer::new(502, "<html>"),
        ok("{\"id\":\"c1\",\"sta"),
        Answer::reset(),
        record("completed"),
    ];
    let ended = Scenario::waiter().run(in_turn(answers)).unwrap();
    let counts = WaitCounts {
        polls: 6,
        rate_limited: 1,
        refused: 2,
        unreadable: 1,
        transport: 1,
    };
    assert_eq!(ended.counts, counts);
}

#[test]
fn waiter_accepts_options_of_zero_and_of_the_longest_time() {
    for duration in [Duration::ZERO, Duration::MAX] {
        let options = WaitOptions {
            timeout: duration,
            interval: duration,
            max_interval: duration,
            max_retry_after: duration,
            attempt_timeout: duration,
            grace: duration,
            not_found_grace: duration,
            ..WaitOptions::default()
        };
        for origin in [at(0), Monotonic::new(Duration::MAX)] {
            let mut waiter = VirtualTime::new(CallWaiter::new(api(), id("c1"), options, origin));
            waiter.now = origin;
            let mut answers = 0;
            let end = waiter.run(|_| {
                answers += 1;
                record(if answers > 1 { "completed" } else { "queued" })
            });
            assert!(
                end.is_ok() || duration.is_zero() || origin > at(0),
                "{duration:?} {origin:?}"
            );
        }
    }
}

#[test]
fn waiter_and_action_stay_small() {
    let sizes: Vec<usize> = [size_of::<CallWaiter>(), size_of::<Action<()>>()].into();
    assert!(sizes[0] <= 1024 && sizes[1] <= 320, "{sizes:?}");
}

#[test]
fn time_left_is_the_time_to_the_last_get() {
    let waiter = Scenario::waiter().at(30).answered(record("queued"));
    let left = [10, 30, 100, 180, 500].map(|now| waiter.time_left(at(now)).as_secs());
    assert_eq!(left, [150, 150, 80, 0, 0], "measured from the latest time of the clock");
}

#[test]
fn waiter_with_a_callback_wakes_on_time_and_reports_each_status() {
    let mut seen = Vec::new();
    let waiter = Scenario::waiter().machine;
    let with_callback = waiter.with_callback(|status| seen.push(status.clone()));
    let mut with_callback = VirtualTime::new(with_callback).answered(record("queued"));
    assert_eq!(with_callback.next_wake(), Some(at(3)));
    with_callback.run(|_| record("declined")).unwrap();
    assert_eq!(with_callback.next_wake(), None);
    drop(with_callback);
    assert_eq!(seen, [Status::Queued, Status::Declined]);
}
