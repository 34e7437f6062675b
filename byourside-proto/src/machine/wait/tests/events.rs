//! What events tell a wait.
use super::*;

fn told(word: &str) -> Event {
    event(&format!(
        r#"{{"event":"call.{word}","eventId":"e1","callId":"c1","status":"{word}","summary":"From the event."}}"#
    ))
}

const THEN_GET: fn() -> WaitOptions = || WaitOptions {
    on_terminal_event: OnTerminalEvent::Refetch,
    ..WaitOptions::default()
};

#[test]
fn a_terminal_event_ends_the_wait_before_during_and_after_a_get() {
    for steps in 0..3 {
        let mut waiter = waiter(WaitOptions::default());
        if steps == 1 {
            let _out = waiter.poll(at(0));
        } else if steps == 2 {
            step(&mut waiter, at(0), |_| record("in_progress")).unwrap();
        }
        assert_eq!(waiter.on_event(at(1), &told("declined")), EventEffect::Ended);
        assert_eq!(waiter.take_change(), Some(Status::Declined));
        let Action::Done(Ok(ended)) = waiter.poll(at(1)) else {
            panic!("{steps}")
        };
        assert_eq!((ended.end_source, ended.conflict), (EndSource::Event, None));
        assert_eq!(ended.call.summary(), Some("From the event."));
        assert_eq!(waiter.next_wake(), None);
    }
}

#[test]
fn a_terminal_event_can_be_followed_by_one_get_for_the_record() {
    let mut waiter = waiter(THEN_GET());
    step(&mut waiter, at(0), |_| record("in_progress")).unwrap();
    assert_eq!(waiter.on_event(at(1), &told("completed")), EventEffect::Ended);
    let (end, when) = run(&mut waiter, at(1), |_| record("completed"));
    let ended = end.unwrap();
    assert_eq!(ended.call.summary(), Some("From the record."));
    assert_eq!(
        (ended.end_source, ended.counts.polls, when),
        (EndSource::Event, 2, at(1))
    );
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
        slot.reply_ref(&http::Response::new(r#"{"id":"c1","status":"queued"}"#)),
    );
    let ended = run(&mut waiter, at(2), |_| record("completed")).0.unwrap();
    assert_eq!((ended.conflict, ended.counts.polls), (None, 2));
}

#[test]
fn an_answer_that_is_older_than_the_event_contradicts_it_with_another_end() {
    let mut waiter = waiter(THEN_GET());
    let Action::Send(_, slot) = waiter.poll(at(0)) else {
        panic!()
    };
    waiter.on_event(at(1), &told("completed"));
    let answer = http::Response::new(r#"{"id":"c1","status":"failed"}"#);
    waiter.handle(at(2), slot.reply_ref(&answer));
    let ended = run(&mut waiter, at(2), |_| record("completed")).0.unwrap();
    assert_eq!(ended.conflict, Some(Status::Failed));
}

#[test]
fn a_contradiction_is_reported_and_not_believed() {
    for claimed in [Status::Failed, Status::InProgress] {
        let mut after_event = waiter(THEN_GET());
        after_event.on_event(at(0), &told("completed"));
        let ended = run(&mut after_event, at(0), |_| record(claimed.as_str())).0.unwrap();
        assert_eq!(
            (ended.call.status(), ended.conflict),
            (Some(Status::Completed), Some(claimed))
        );
    }

    let mut before_it_is_told = waiter(WaitOptions::default());
    step(&mut before_it_is_told, at(0), |_| record("failed")).unwrap();
    let conflict = EventEffect::Conflict(Status::Completed);
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
    assert_eq!(waiter.on_event(at(0), &itself), EventEffect::Conflict(Status::Failed));
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
    assert_eq!(waiter.on_event(at(0), &told("in_progress")), EventEffect::Changed);
    assert_eq!(waiter.take_change(), Some(Status::InProgress));
    let before = waiter.clone();
    for body in [
        r#"{"event":"call.completed","callId":"c2","status":"completed"}"#,
        r#"{"event":"call.completed","status":"completed"}"#,
        r#"{"event":"call.in_progress","callId":"c1","status":"in_progress"}"#,
        r#"{"event":"call.transferred","callId":"c1"}"#,
    ] {
        assert_eq!(waiter.on_event(at(0), &event(body)), EventEffect::Nothing, "{body}");
    }
    assert_eq!(waiter, before);
    step(&mut waiter, at(0), |_| record("queued")).unwrap();
    assert_eq!(waiter.take_change(), None, "a record that lags behind is no change");

    waiter.on_event(at(1), &told("failed"));
    let ended = waiter.clone();
    assert_eq!(waiter.on_event(at(1), &told("in_progress")), EventEffect::Nothing);
    assert_eq!(waiter.on_event(at(1), &told("failed")), EventEffect::Nothing);
    assert_eq!(waiter, ended);
}

#[test]
fn an_event_that_comes_before_the_timeout_is_told_replaces_it() {
    let mut waiter = waiter(WaitOptions {
        max_failures: 0,
        ..WaitOptions::default()
    });
    step(&mut waiter, at(0), |_| Script::Reset).unwrap();
    assert_eq!(waiter.on_event(at(0), &told("completed")), EventEffect::Ended);
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
            waiter.handle(now, slot.reply_ref(&answer));
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
    assert_eq!(waiter.on_event(at(1), &told("in_progress")), EventEffect::Nothing);
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
        assert_eq!(waiter.on_event(at(1), &told("in_progress")), EventEffect::Nothing);
        assert_eq!(waiter.on_event(at(1), &told("completed")), EventEffect::Ended);
        assert_eq!(waiter.on_event(at(1), &told("completed")), EventEffect::Nothing);
        let conflict = EventEffect::Conflict(Status::Failed);
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
            (ended.end_source, &ended.conflict),
            (EndSource::Event, &Some(Status::Failed))
        );
        ended
    };
    let at_once = ended(options);
    assert_eq!(
        (at_once.call.summary(), at_once.counts.polls),
        (Some("From the event."), 1)
    );
    let on_terminal_event = OnTerminalEvent::Refetch;
    let then_get = ended(WaitOptions {
        on_terminal_event,
        ..options
    });
    assert_eq!(
        (then_get.call.summary(), then_get.counts.polls),
        (Some("From the record."), 2)
    );
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
fn an_event_without_an_end_does_not_replace_a_failure_that_is_not_told_yet() {
    let mut waiter = waiter(WaitOptions {
        max_failures: 0,
        ..WaitOptions::default()
    });
    step(&mut waiter, at(0), |_| Script::Reset).unwrap();
    assert_eq!(waiter.on_event(at(0), &told("in_progress")), EventEffect::Changed);
    assert!(matches!(waiter.poll(at(0)), Action::Done(Err(_))));
}

#[test]
fn at_the_deadline_an_event_ends_the_wait_although_a_get_is_out() {
    let mut waiter = waiter(THEN_GET());
    let just_before = Monotonic::new(Duration::from_millis(179_500));
    step(&mut waiter, just_before, |_| Script::Silence).unwrap();
    assert_eq!(waiter.on_event(at(180), &told("completed")), EventEffect::Ended);
    let Action::Done(Ok(ended)) = waiter.poll(at(180)) else {
        panic!()
    };
    assert_eq!(ended.call.summary(), Some("From the event."));
}

#[test]
fn once_the_end_is_told_only_another_end_contradicts_it() {
    let mut waiter = waiter(WaitOptions::default());
    run(&mut waiter, at(0), |_| record("declined")).0.unwrap();
    assert_eq!(waiter.on_event(at(1), &told("declined")), EventEffect::Nothing);
    assert_eq!(waiter.on_event(at(1), &told("in_progress")), EventEffect::Nothing);
    assert_eq!(
        waiter.on_event(at(1), &told("failed")),
        EventEffect::Conflict(Status::Failed)
    );
}

#[test]
fn after_a_timeout_was_told_the_beginning_of_the_call_is_no_change() {
    let mut waiter = waiter(WaitOptions {
        timeout: Duration::ZERO,
        ..WaitOptions::default()
    });
    run(&mut waiter, at(0), |_| record("queued")).0.unwrap_err();
    assert_eq!(waiter.take_change(), Some(Status::Queued));
    assert_eq!(waiter.on_event(at(1), &told("in_progress")), EventEffect::Nothing);
    assert_eq!(waiter.take_change(), None);
}
