mod events;

use super::*;
use crate::{
    machine::{Action, Machine, drive_blocking},
    testing::{Script, api, at, event, ok, run, step},
    types::{CallId, Monotonic, Status},
    webhook::Event,
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::cell::Cell;
use core::time::Duration;
use http::Response;

fn waiter(options: WaitOptions) -> CallWaiter {
    CallWaiter::new(api(), CallId::new("c1").unwrap(), options, at(0))
}

fn record(status: &str) -> Script {
    ok(format!(
        r#"{{"id":"c1","status":"{status}","summary":"From the record."}}"#
    ))
}

#[test]
fn waits_for_other_calls_are_not_equal() {
    let wait = |id| CallWaiter::new(api(), CallId::new(id).unwrap(), WaitOptions::default(), at(0));
    assert_eq!(wait("c1"), wait("c1"));
    assert_ne!(wait("c1"), wait("c2"));
}

#[test]
fn the_time_that_a_callback_takes_is_a_part_of_the_pause() {
    let options = WaitOptions {
        timeout: Duration::from_secs(60),
        ..WaitOptions::default()
    };
    let (clock, mut asked) = (Cell::new(at(0)), Vec::new());
    let slow = |_: &Status| clock.set(clock.get().after(Duration::from_secs(58)));
    let ended = drive_blocking(
        &mut waiter(options).with_callback(slow),
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
fn an_error_names_the_call_and_the_last_failure() {
    let failed = |id: &str, options, script: Script| {
        let mut waiter = CallWaiter::new(api(), CallId::new(id).unwrap(), options, at(0));
        run(&mut waiter, at(0), |_| script.clone()).0.unwrap_err().to_string()
    };
    let options = WaitOptions {
        timeout: Duration::ZERO,
        ..WaitOptions::default()
    };
    assert_eq!(
        failed("c1", options, Script::Answer(301, String::new())),
        "Call c1 had not ended by the deadline; it may go on. Wait for it again. \
         (1 polls; the last failure: Request failed with status 301.) No redirect is followed: check the base URL."
    );
    assert_eq!(
        failed("+14155550123", options, Script::Answer(401, String::new())),
        "Call +###########: Request failed with status 401. (1 polls)"
    );
    let max_failures = 0;
    let shown = failed(
        "c1",
        WaitOptions {
            max_failures,
            ..options
        },
        Script::Answer(503, String::new()),
    );
    assert_eq!(
        shown,
        "Call c1: too many failures in a row, the last one: Temporary service error. Please retry shortly. (1 polls)"
    );
}

#[test]
fn a_wait_that_timed_out_goes_on_with_what_it_knows() {
    let mut waiter = waiter(WaitOptions {
        timeout: Duration::from_secs(10),
        ..WaitOptions::default()
    });
    let (end, now) = run(&mut waiter, at(0), |_| record("in_progress"));
    assert_eq!(end.unwrap_err().code(), "timeout");
    assert!(now >= at(10) && now < at(11), "{now:?}");
    assert_eq!(waiter.take_change(), Some(Status::InProgress));
    assert!(waiter.extend(at(20), Duration::ZERO), "even no time at all is one GET");
    let error = run(&mut waiter, at(20), |_| record("in_progress")).0.unwrap_err();
    assert_eq!((error.counts.polls, waiter.take_change()), (6, None));
    assert!(waiter.extend(at(30), Duration::MAX));
    let ended = run(&mut waiter, at(30), |_| record("completed")).0.unwrap();
    assert_eq!(ended.counts.polls, 7);
    assert!(!waiter.extend(at(40), Duration::MAX));
}

#[test]
fn a_wait_that_is_extended_before_its_end_keeps_its_pause_and_its_request() {
    let mut waiter = waiter(WaitOptions::default());
    step(&mut waiter, at(0), |_| record("queued")).unwrap();
    assert!(waiter.extend(at(1), Duration::from_secs(600)));
    assert_eq!(waiter.next_wake(), Some(at(3)));
    step(&mut waiter, at(3), |_| Script::Silence).unwrap();
    assert!(waiter.extend(at(4), Duration::from_secs(600)));
    assert!(matches!(waiter.poll(at(4)), Action::Sleep(_)));
}

#[test]
fn each_pause_has_its_reason() {
    let why = |script: Script| {
        let mut waiter = waiter(WaitOptions::default());
        step(&mut waiter, at(0), |_| script.clone()).unwrap();
        let decision = waiter.status(at(0));
        assert_eq!(Some(at(0).after(decision.wait)), waiter.next_wake().or(Some(at(0))));
        decision.reason
    };
    assert_eq!(why(record("queued")), Reason::Interval);
    assert_eq!(why(Script::Reset), Reason::Backoff { failures: 1 });
    assert_eq!(
        why(Script::RetryAfter(429, 8)),
        Reason::RetryAfter(Duration::from_secs(8))
    );
    for no_longer in [1, 3] {
        assert_eq!(why(Script::RetryAfter(429, no_longer)), Reason::Backoff { failures: 1 });
    }
    assert_eq!(
        why(Script::Answer(404, r#"{"error":"not_found"}"#.into())),
        Reason::NotReadableYet
    );
    assert_eq!(why(Script::Silence), Reason::Asking);
    assert_eq!(why(record("failed")), Reason::Over);
    let mut settling = waiter(WaitOptions {
        settle: 2,
        timeout: Duration::from_secs(4),
        ..WaitOptions::default()
    });
    assert_eq!(settling.status(at(0)).reason, Reason::Start);
    step(&mut settling, at(0), |_| ok(r#"{"id":"c1","status":"completed"}"#)).unwrap();
    assert_eq!(
        settling.status(at(1)).to_string(),
        "2.0 s: the call has ended, and up to 2 more GETs are for its results"
    );
    step(&mut settling, at(3), |_| ok(r#"{"id":"c1","status":"completed"}"#)).unwrap();
    assert_eq!(settling.status(at(3)).reason, Reason::LastGet);
}

#[test]
fn a_get_that_falls_on_the_deadline_is_the_last_one() {
    let mut waiter = waiter(WaitOptions {
        timeout: Duration::from_secs(3),
        ..WaitOptions::default()
    });
    step(&mut waiter, at(0), |_| record("queued")).unwrap();
    assert_eq!(waiter.status(at(0)).reason, Reason::LastGet);
}

#[test]
fn retry_after_is_honoured_and_capped_even_while_settling() {
    for (asked, waited) in [(20, 20), (500, 60)] {
        let mut waiter = waiter(WaitOptions::default());
        step(&mut waiter, at(0), |_| Script::RetryAfter(429, asked)).unwrap();
        assert_eq!(waiter.next_wake(), Some(at(waited)));
    }
    let mut waiter = waiter(WaitOptions {
        settle: 5,
        ..WaitOptions::default()
    });
    step(&mut waiter, at(0), |_| ok(r#"{"id":"c1","status":"completed"}"#)).unwrap();
    step(&mut waiter, at(3), |_| Script::RetryAfter(429, 20)).unwrap();
    assert_eq!(waiter.next_wake(), Some(at(23)));
}

#[test]
fn a_404_is_borne_just_after_placing_whatever_its_body() {
    for body in [r#"{"error":"not_found"}"#, r#"{"error":"not_fo"#, ""] {
        let mut waiter = waiter(WaitOptions::default());
        step(&mut waiter, at(0), |_| Script::Answer(404, body.into())).unwrap();
        assert_eq!(waiter.status(at(0)).reason, Reason::NotReadableYet);
    }
}

#[test]
fn a_404_is_borne_for_no_longer_than_its_grace() {
    let mut waiter = waiter(WaitOptions {
        not_found_grace: Duration::from_secs(3),
        ..WaitOptions::default()
    });
    let (end, when) = run(&mut waiter, at(0), |_| Script::Answer(404, String::new()));
    assert_eq!((end.unwrap_err().status(), when), (404, at(3)));
}

#[test]
fn a_wait_survives_what_passes_and_counts_it() {
    let mut script = [
        Script::Answer(503, String::new()),
        Script::RetryAfter(429, 2),
        Script::Answer(502, "<html>".into()),
        ok("{\"id\":\"c1\",\"sta"),
        Script::Reset,
        record("completed"),
    ]
    .into_iter();
    let ended = run(&mut waiter(WaitOptions::default()), at(0), |_| script.next().unwrap())
        .0
        .unwrap();
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
fn options_of_nothing_and_of_everything_neither_panic_nor_hang() {
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
            let mut waiter = CallWaiter::new(api(), CallId::new("c1").unwrap(), options, origin);
            let mut answers = 0;
            let (end, _) = run(&mut waiter, origin, |_| {
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
fn a_wait_stays_small() {
    let sizes: Vec<usize> = [size_of::<CallWaiter>(), size_of::<Action<()>>()].into();
    assert!(sizes[0] <= 1024 && sizes[1] <= 320, "{sizes:?}");
}

#[test]
fn the_time_that_is_left_is_the_time_to_the_last_get() {
    let mut waiter = waiter(WaitOptions::default());
    step(&mut waiter, at(30), |_| record("queued")).unwrap();
    let left = [10, 30, 100, 180, 500].map(|now| waiter.time_left(at(now)).as_secs());
    assert_eq!(left, [150, 150, 80, 0, 0], "from the furthest that the clock has been");
}

#[test]
fn a_watched_wait_wakes_when_the_wait_does_and_tells_each_status() {
    let mut seen = Vec::new();
    let mut watched = waiter(WaitOptions::default()).with_callback(|status| seen.push(status.clone()));
    step(&mut watched, at(0), |_| record("queued")).unwrap();
    assert_eq!(watched.next_wake(), Some(at(3)));
    run(&mut watched, at(3), |_| record("declined")).0.unwrap();
    assert_eq!(watched.next_wake(), None);
    assert_eq!(seen, [Status::Queued, Status::Declined]);
}
