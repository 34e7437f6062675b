//! Webhook events and a wait.
use super::*;

fn refetching() -> WaitOptions {
    WaitOptions {
        on_terminal_event: OnTerminalEvent::Refetch,
        ..WaitOptions::default()
    }
}

fn giving_up_at_once() -> WaitOptions {
    WaitOptions {
        max_failures: 0,
        ..WaitOptions::default()
    }
}

#[test]
fn terminal_event_ends_the_wait_before_during_and_after_a_get() {
    let waiters = [
        Scenario::waiter(),
        Scenario::waiter().in_flight(),
        Scenario::waiter().answered(record("in_progress")),
    ];
    for (steps, waiter) in waiters.into_iter().enumerate() {
        let mut waiter = waiter.at(1);
        assert_eq!(waiter.on_event(at(1), &status_event("declined")), EventEffect::Ended);
        assert_eq!(waiter.take_change(), Some(Status::Declined));
        let Polled::Done(Ok(ended)) = waiter.poll_now() else {
            panic!("{steps}")
        };
        assert_eq!((ended.end_source, ended.conflict), (EndSource::Event, None));
        assert_eq!(ended.call.summary(), Some("From the event."));
        assert_eq!(waiter.next_wake(), None);
    }
}

#[test]
fn terminal_event_can_be_followed_by_one_get_for_the_record() {
    let mut waiter = Scenario::waiter_with(refetching())
        .answered(record("in_progress"))
        .at(1);
    assert_eq!(waiter.on_event(at(1), &status_event("completed")), EventEffect::Ended);
    let (end, when) = waiter.run_timed(|_| record("completed"));
    let ended = end.unwrap();
    assert_eq!(ended.call.summary(), Some("From the record."));
    assert_eq!(
        (ended.end_source, ended.counts.polls, when),
        (EndSource::Event, 2, at(1))
    );
}

#[test]
fn terminal_event_is_the_record_if_the_get_after_it_fails() {
    for answer in [
        Answer::silence(),
        Answer::reset(),
        status(503),
        status(401),
        status(429).retry_after(30),
    ] {
        let mut waiter = Scenario::waiter_with(refetching()).received(&status_event("completed"));
        let ended = waiter.run(|_| answer.clone()).unwrap();
        assert_eq!((ended.call.summary(), ended.counts.polls), (Some("From the event."), 1));
    }
}

/// Waits with a GET in flight, receives a `completed` event at 1 s, and gets a record with this status at 2 s.
fn answered_after_the_event(status: &str) -> FinishedCall {
    let waiter = Scenario::waiter_with(refetching()).in_flight();
    let mut waiter = waiter.at(1).received(&status_event("completed")).at(2);
    waiter.reply_oldest(ok(format!(r#"{{"id":"c1","status":"{status}"}}"#)));
    waiter.run(|_| record("completed")).unwrap()
}

#[test]
fn answer_older_than_the_event_is_no_conflict_if_it_is_not_terminal() {
    let ended = answered_after_the_event("queued");
    assert_eq!((ended.conflict, ended.counts.polls), (None, 2));
}

#[test]
fn answer_older_than_the_event_is_a_conflict_if_it_is_another_end() {
    let ended = answered_after_the_event("failed");
    assert_eq!(ended.conflict, Some(Status::Failed));
}

#[test]
fn conflict_is_reported_and_does_not_change_the_end() {
    for claimed in [Status::Failed, Status::InProgress] {
        let mut after_event = Scenario::waiter_with(refetching()).received(&status_event("completed"));
        let ended = after_event.run(|_| record(claimed.as_str())).unwrap();
        assert_eq!(
            (ended.call.status(), ended.conflict),
            (Some(Status::Completed), Some(claimed))
        );
    }

    let mut unobserved = Scenario::waiter().answered(record("failed"));
    let conflict = EventEffect::Conflict(Status::Completed);
    assert_eq!(unobserved.on_event(at(0), &status_event("completed")), conflict);
    let ended = unobserved.output().unwrap();
    assert_eq!(
        (ended.call.status(), ended.conflict),
        (Some(Status::Failed), Some(Status::Completed))
    );

    let before = unobserved.machine.clone();
    assert_eq!(unobserved.on_event(at(0), &status_event("completed")), conflict);
    assert_eq!(unobserved.machine, before, "an observed outcome does not change");

    let itself = event(r#"{"event":"call.completed","callId":"c1","status":"failed"}"#);
    let mut waiter = Scenario::waiter();
    assert_eq!(waiter.on_event(at(0), &itself), EventEffect::Conflict(Status::Failed));
    let ended = waiter.run(|_| record("voicemail")).unwrap();
    assert!(ended.conflict.is_none());
}

#[test]
fn foreign_late_repeated_and_unknown_events_change_nothing() {
    let mut waiter = Scenario::waiter();
    assert_eq!(
        waiter.on_event(at(0), &status_event("in_progress")),
        EventEffect::Changed
    );
    assert_eq!(waiter.take_change(), Some(Status::InProgress));
    let before = waiter.machine.clone();
    for body in [
        r#"{"event":"call.completed","callId":"c2","status":"completed"}"#,
        r#"{"event":"call.completed","status":"completed"}"#,
        r#"{"event":"call.in_progress","callId":"c1","status":"in_progress"}"#,
        r#"{"event":"call.transferred","callId":"c1"}"#,
    ] {
        assert_eq!(waiter.on_event(at(0), &event(body)), EventEffect::Nothing, "{body}");
    }
    assert_eq!(waiter.machine, before);
    let mut waiter = waiter.answered(record("queued"));
    assert_eq!(waiter.take_change(), None, "a stale record is no change");

    let mut waiter = waiter.at(1).received(&status_event("failed"));
    let ended = waiter.machine.clone();
    assert_eq!(
        waiter.on_event(at(1), &status_event("in_progress")),
        EventEffect::Nothing
    );
    assert_eq!(waiter.on_event(at(1), &status_event("failed")), EventEffect::Nothing);
    assert_eq!(waiter.machine, ended);
}

#[test]
fn terminal_event_replaces_a_failure_that_is_not_observed() {
    let mut waiter = Scenario::waiter_with(giving_up_at_once()).answered(Answer::reset());
    assert_eq!(waiter.on_event(at(0), &status_event("completed")), EventEffect::Ended);
    assert!(waiter.output().is_ok());
}

#[test]
fn storm_of_events_is_no_storm_of_requests() {
    let mut waiter = Scenario::waiter_with(refetching());
    let contradictory = event(r#"{"event":"call.completed","callId":"c1","status":"queued"}"#);
    while waiter.now < at(1) {
        waiter = waiter.received(&contradictory);
        if let Polled::Send(_) = waiter.poll_now() {
            waiter.reply_oldest(ok(r#"{"id":"c1","status":"queued"}"#));
        }
        waiter.now = waiter.now.after(Duration::from_millis(1));
    }
    assert!(waiter.sent.len() <= 2, "{:?}", waiter.sent);
}

#[test]
fn contradictory_event_hurries_one_get_in_each_interval() {
    let contradictory = event(r#"{"event":"call.completed","callId":"c1","status":"queued"}"#);
    let mut waiter = Scenario::waiter().answered(record("queued"));
    for (now, wake) in [(1, 1), (2, 4), (4, 4), (5, 7)] {
        waiter = waiter.at(now).received(&contradictory);
        assert_eq!(waiter.next_wake(), Some(at(wake)), "{now}");
        if now == wake {
            waiter = waiter.answered(record("queued"));
        }
    }
}

#[test]
fn status_does_not_go_back_to_in_progress_for_a_late_event() {
    let mut waiter = Scenario::waiter().answered(record("wrapping_up"));
    assert_eq!(waiter.take_change(), Some(Status::from("wrapping_up")));
    assert_eq!(
        waiter.on_event(at(1), &status_event("in_progress")),
        EventEffect::Nothing
    );
    assert_eq!(waiter.take_change(), None);
}

#[test]
fn event_after_an_observed_timeout_ends_the_wait_once_extended() {
    let ended = |options| {
        let mut waiter = Scenario::waiter_with(options);
        let end = waiter.run(|_| record("in_progress"));
        assert_eq!(end.unwrap_err().code(), "timeout");
        assert_eq!(
            waiter.on_event(at(1), &status_event("in_progress")),
            EventEffect::Nothing
        );
        assert_eq!(waiter.on_event(at(1), &status_event("completed")), EventEffect::Ended);
        assert_eq!(waiter.on_event(at(1), &status_event("completed")), EventEffect::Nothing);
        let conflict = EventEffect::Conflict(Status::Failed);
        assert_eq!(waiter.on_event(at(1), &status_event("failed")), conflict);
        let mut waiter = waiter.at(1);
        assert!(waiter.output().is_err(), "an observed outcome does not change");
        assert!(waiter.extend(at(2), Duration::from_secs(60)));
        let (end, when) = waiter.at(2).run_timed(|_| record("completed"));
        assert_eq!(when, at(2));
        let ended = end.unwrap();
        assert_eq!(
            (ended.end_source, &ended.conflict),
            (EndSource::Event, &Some(Status::Failed))
        );
        ended
    };
    let at_once = ended(with_timeout(0));
    assert_eq!(
        (at_once.call.summary(), at_once.counts.polls),
        (Some("From the event."), 1)
    );
    let then_get = ended(WaitOptions {
        timeout: Duration::ZERO,
        ..refetching()
    });
    assert_eq!(
        (then_get.call.summary(), then_get.counts.polls),
        (Some("From the record."), 2)
    );
}

#[test]
fn event_does_not_shorten_a_retry_after() {
    let contradiction = event(r#"{"event":"call.declined","callId":"c1","status":"completed"}"#);
    for event in [status_event("declined"), contradiction] {
        let limited = Scenario::waiter_with(refetching()).rate_limited(20);
        let waiter = limited.at(5).received(&event);
        assert_eq!(waiter.next_wake(), Some(at(20)));
    }
}

#[test]
fn event_that_is_not_terminal_replaces_no_unobserved_failure() {
    let mut waiter = Scenario::waiter_with(giving_up_at_once()).answered(Answer::reset());
    assert_eq!(
        waiter.on_event(at(0), &status_event("in_progress")),
        EventEffect::Changed
    );
    assert!(waiter.output().is_err());
}

#[test]
fn event_at_the_deadline_ends_the_wait_although_a_get_is_in_flight() {
    let mut waiter = Scenario::waiter_with(refetching());
    waiter.now = Monotonic::new(Duration::from_millis(179_500));
    let mut waiter = waiter.in_flight().at(180);
    assert_eq!(waiter.on_event(at(180), &status_event("completed")), EventEffect::Ended);
    let ended = waiter.output().unwrap();
    assert_eq!(ended.call.summary(), Some("From the event."));
}

#[test]
fn observed_end_is_contradicted_by_another_end_only() {
    let mut waiter = Scenario::waiter().answered(record("declined")).observed();
    assert_eq!(waiter.on_event(at(1), &status_event("declined")), EventEffect::Nothing);
    assert_eq!(
        waiter.on_event(at(1), &status_event("in_progress")),
        EventEffect::Nothing
    );
    assert_eq!(
        waiter.on_event(at(1), &status_event("failed")),
        EventEffect::Conflict(Status::Failed)
    );
}

#[test]
fn beginning_of_the_call_is_no_change_after_an_observed_timeout() {
    let mut waiter = Scenario::waiter_with(with_timeout(0));
    waiter.run(|_| record("queued")).unwrap_err();
    assert_eq!(waiter.take_change(), Some(Status::Queued));
    assert_eq!(
        waiter.on_event(at(1), &status_event("in_progress")),
        EventEffect::Nothing
    );
    assert_eq!(waiter.take_change(), None);
}
