use super::*;
use crate::testing::{Script, api, at, event, ok, run, step};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

fn waiter(options: WaitOptions) -> CallWaiter {
    CallWaiter::new(api(), CallId::new("c1").unwrap(), options, at(0))
}

fn record(status: &str) -> Script {
    ok(format!(
        r#"{{"id":"c1","status":"{status}","summary":"From the record."}}"#
    ))
}

fn told(word: &str) -> Event {
    event(&format!(
        r#"{{"event":"call.{word}","eventId":"e1","callId":"c1","status":"{word}","summary":"From the event."}}"#
    ))
}

const THEN_GET: fn() -> WaitOptions = || WaitOptions {
    event_end: EventEnd::ThenGet,
    ..WaitOptions::default()
};

#[test]
fn waits_for_other_calls_are_not_equal() {
    let wait = |id| CallWaiter::new(api(), CallId::new(id).unwrap(), WaitOptions::default(), at(0));
    assert_eq!(wait("c1"), wait("c1"));
    assert_ne!(wait("c1"), wait("c2"));
}

#[test]
fn a_terminal_event_ends_the_wait_before_during_and_after_a_get() {
    for steps in 0..3 {
        let mut waiter = waiter(WaitOptions::default());
        if steps == 1 {
            let _out = waiter.poll(at(0));
        } else if steps == 2 {
            step(&mut waiter, at(0), |_| record("in_progress")).unwrap();
        }
        assert_eq!(waiter.on_event(at(1), &told("declined")), Heard::Ended);
        assert_eq!(waiter.take_change(), Some(Status::Declined));
        let Action::Done(Ok(ended)) = waiter.poll(at(1)) else {
            panic!("{steps}")
        };
        assert_eq!((ended.learnt_by, ended.conflict), (LearntBy::Event, None));
        assert_eq!(ended.call.summary(), Some("From the event."));
        assert_eq!(waiter.next_wake(), None);
    }
}

#[test]
fn a_terminal_event_can_be_followed_by_one_get_for_the_record() {
    let mut waiter = waiter(THEN_GET());
    step(&mut waiter, at(0), |_| record("in_progress")).unwrap();
    assert_eq!(waiter.on_event(at(1), &told("completed")), Heard::Ended);
    let (end, when) = run(&mut waiter, at(1), |_| record("completed"));
    let ended = end.unwrap();
    assert_eq!(ended.call.summary(), Some("From the record."));
    assert_eq!((ended.learnt_by, ended.counts.polls, when), (LearntBy::Event, 2, at(1)));
}

#[test]
fn if_that_get_fails_the_event_is_the_record() {
    for script in [
        Script::Silence,
        Script::Reset,
        Script::Answer(503, String::new()),
        Script::Answer(401, String::new()),
        Script::RetryAfter(429, 30),
    ] {
        let mut waiter = waiter(THEN_GET());
        waiter.on_event(at(0), &told("completed"));
        let ended = run(&mut waiter, at(0), |_| script.clone()).0.unwrap();
        assert_eq!((ended.call.summary(), ended.counts.polls), (Some("From the event."), 1));
    }
}

#[test]
fn an_answer_that_is_older_than_the_event_is_no_contradiction() {
    let mut waiter = waiter(THEN_GET());
    let Action::Send(_, slot) = waiter.poll(at(0)) else {
        panic!()
    };
    waiter.on_event(at(1), &told("completed"));
    waiter.handle(
        at(2),
        slot.response(&http::Response::new(r#"{"id":"c1","status":"queued"}"#)),
    );
    let ended = run(&mut waiter, at(2), |_| record("completed")).0.unwrap();
    assert_eq!((ended.conflict, ended.counts.polls), (None, 2));
}

#[test]
fn a_contradiction_is_reported_and_not_believed() {
    let mut after_event = waiter(THEN_GET());
    after_event.on_event(at(0), &told("completed"));
    let ended = run(&mut after_event, at(0), |_| record("failed")).0.unwrap();
    assert_eq!(
        (ended.call.status(), ended.conflict),
        (Some(Status::Completed), Some(Status::Failed))
    );

    let mut before_it_is_told = waiter(WaitOptions::default());
    step(&mut before_it_is_told, at(0), |_| record("failed")).unwrap();
    let conflict = Heard::Conflict(Status::Completed);
    assert_eq!(before_it_is_told.on_event(at(0), &told("completed")), conflict);
    let Action::Done(Ok(ended)) = before_it_is_told.poll(at(0)) else {
        panic!()
    };
    assert_eq!(
        (ended.call.status(), ended.conflict),
        (Some(Status::Failed), Some(Status::Completed))
    );

    let before = before_it_is_told.clone();
    assert_eq!(before_it_is_told.on_event(at(0), &told("completed")), conflict);
    assert_eq!(before_it_is_told, before, "what was told stays");

    let itself = event(r#"{"event":"call.completed","callId":"c1","status":"failed"}"#);
    let mut waiter = waiter(WaitOptions::default());
    assert_eq!(waiter.on_event(at(0), &itself), Heard::Conflict(Status::Failed));
    assert!(
        run(&mut waiter, at(0), |_| record("voicemail"))
            .0
            .unwrap()
            .conflict
            .is_none()
    );
}

#[test]
fn foreign_late_repeated_and_unknown_events_change_nothing() {
    let mut waiter = waiter(WaitOptions::default());
    assert_eq!(waiter.on_event(at(0), &told("in_progress")), Heard::Changed);
    assert_eq!(waiter.take_change(), Some(Status::InProgress));
    let before = waiter.clone();
    for body in [
        r#"{"event":"call.completed","callId":"c2","status":"completed"}"#,
        r#"{"event":"call.completed","status":"completed"}"#,
        r#"{"event":"call.in_progress","callId":"c1","status":"in_progress"}"#,
        r#"{"event":"call.transferred","callId":"c1"}"#,
    ] {
        assert_eq!(waiter.on_event(at(0), &event(body)), Heard::Nothing, "{body}");
    }
    assert_eq!(waiter, before);
    step(&mut waiter, at(0), |_| record("queued")).unwrap();
    assert_eq!(waiter.take_change(), None, "a record that lags behind is no change");

    waiter.on_event(at(1), &told("failed"));
    let ended = waiter.clone();
    assert_eq!(waiter.on_event(at(1), &told("in_progress")), Heard::Nothing);
    assert_eq!(waiter.on_event(at(1), &told("failed")), Heard::Nothing);
    assert_eq!(waiter, ended);
}

#[test]
fn an_event_that_comes_before_the_timeout_is_told_replaces_it() {
    let mut waiter = waiter(WaitOptions {
        max_failures: 0,
        ..WaitOptions::default()
    });
    step(&mut waiter, at(0), |_| Script::Reset).unwrap();
    assert_eq!(waiter.on_event(at(0), &told("completed")), Heard::Ended);
    assert!(matches!(waiter.poll(at(0)), Action::Done(Ok(_))));
}

#[test]
fn a_storm_of_events_is_no_storm_of_requests() {
    let mut waiter = waiter(THEN_GET());
    let contradictory = event(r#"{"event":"call.completed","callId":"c1","status":"queued"}"#);
    let (mut sent, mut now) = (0_u32, at(0));
    while now < at(1) {
        waiter.on_event(now, &contradictory);
        if let Action::Send(_, slot) = waiter.poll(now) {
            sent += 1;
            let answer = http::Response::new(r#"{"id":"c1","status":"queued"}"#);
            waiter.handle(now, slot.response(&answer));
        }
        now = now.after(Duration::from_millis(1));
    }
    assert!(sent <= 2, "{sent}");
}

#[test]
fn each_interval_an_event_that_disagrees_with_itself_hurries_one_get() {
    let contradictory = event(r#"{"event":"call.completed","callId":"c1","status":"queued"}"#);
    let mut waiter = waiter(WaitOptions::default());
    step(&mut waiter, at(0), |_| record("queued")).unwrap();
    for (now, wake) in [(1, 1), (2, 4), (4, 4), (5, 7)] {
        waiter.on_event(at(now), &contradictory);
        assert_eq!(waiter.next_wake(), Some(at(wake)), "{now}");
        if now == wake {
            step(&mut waiter, at(now), |_| record("queued")).unwrap();
        }
    }
}

#[test]
fn a_status_does_not_go_back_to_in_progress_for_a_late_event() {
    let mut waiter = waiter(WaitOptions::default());
    step(&mut waiter, at(0), |_| record("wrapping_up")).unwrap();
    assert_eq!(waiter.take_change(), Some(Status::from("wrapping_up")));
    assert_eq!(waiter.on_event(at(1), &told("in_progress")), Heard::Nothing);
    assert_eq!(waiter.take_change(), None);
}

#[test]
fn an_event_that_comes_after_the_timeout_was_told_ends_the_wait_once_it_is_extended() {
    let options = WaitOptions {
        timeout: Duration::ZERO,
        ..WaitOptions::default()
    };
    let ended = |options| {
        let mut waiter = waiter(options);
        let end = run(&mut waiter, at(0), |_| record("in_progress")).0;
        assert_eq!(end.unwrap_err().code(), "timeout");
        assert_eq!(waiter.on_event(at(1), &told("in_progress")), Heard::Nothing);
        assert_eq!(waiter.on_event(at(1), &told("completed")), Heard::Ended);
        assert_eq!(waiter.on_event(at(1), &told("completed")), Heard::Nothing);
        let conflict = Heard::Conflict(Status::Failed);
        assert_eq!(waiter.on_event(at(1), &told("failed")), conflict);
        assert!(
            matches!(waiter.poll(at(1)), Action::Done(Err(_))),
            "what was told stays"
        );
        assert!(waiter.extend(at(2), Duration::from_secs(60)));
        let (end, when) = run(&mut waiter, at(2), |_| record("completed"));
        assert_eq!(when, at(2));
        let ended = end.unwrap();
        assert_eq!(
            (ended.learnt_by, &ended.conflict),
            (LearntBy::Event, &Some(Status::Failed))
        );
        ended
    };
    let at_once = ended(options);
    assert_eq!(
        (at_once.call.summary(), at_once.counts.polls),
        (Some("From the event."), 1)
    );
    let event_end = EventEnd::ThenGet;
    let then_get = ended(WaitOptions { event_end, ..options });
    assert_eq!(
        (then_get.call.summary(), then_get.counts.polls),
        (Some("From the record."), 2)
    );
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
fn each_pause_has_its_reason() {
    let why = |script: Script| {
        let mut waiter = waiter(WaitOptions::default());
        step(&mut waiter, at(0), |_| script.clone()).unwrap();
        let decision = waiter.why(at(0));
        assert_eq!(Some(at(0).after(decision.wait)), waiter.next_wake().or(Some(at(0))));
        decision.reason
    };
    assert_eq!(why(record("queued")), Reason::Interval);
    assert_eq!(why(Script::Reset), Reason::Backoff { failures: 1 });
    assert_eq!(
        why(Script::RetryAfter(429, 8)),
        Reason::RetryAfter(Duration::from_secs(8))
    );
    assert_eq!(why(Script::RetryAfter(429, 1)), Reason::Backoff { failures: 1 });
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
    assert_eq!(settling.why(at(0)).reason, Reason::Start);
    step(&mut settling, at(0), |_| ok(r#"{"id":"c1","status":"completed"}"#)).unwrap();
    assert_eq!(
        settling.why(at(1)).to_string(),
        "2.0 s: the call has ended, and up to 2 more GETs are for its results"
    );
    step(&mut settling, at(3), |_| ok(r#"{"id":"c1","status":"completed"}"#)).unwrap();
    assert_eq!(settling.why(at(3)).reason, Reason::LastGet);
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
        assert_eq!(waiter.why(at(0)).reason, Reason::NotReadableYet);
    }
}

#[test]
fn no_event_shortens_a_retry_after() {
    let contradiction = event(r#"{"event":"call.declined","callId":"c1","status":"completed"}"#);
    for news in [told("declined"), contradiction] {
        let mut waiter = waiter(THEN_GET());
        step(&mut waiter, at(0), |_| Script::RetryAfter(429, 20)).unwrap();
        waiter.on_event(at(5), &news);
        assert_eq!(waiter.next_wake(), Some(at(20)));
    }
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
