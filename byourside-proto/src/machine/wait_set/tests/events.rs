//! Webhook events and a wait set.
use super::*;

#[test]
fn event_that_is_terminal_ends_its_call_at_once() {
    let mut set = set(without_list(), &["c1", "c2"]);
    assert_eq!((set.len(), set.is_empty()), (2, false));
    set.on_event(at(0), &status_event("completed"));
    assert_eq!(set.len(), 1);
    let ended = only(&mut set).unwrap();
    assert_eq!((ended.end_source, ended.conflict), (EndSource::Event, None));
    assert_eq!(ended.call.summary(), Some("From the event."));
}

#[test]
fn event_of_another_call_changes_nothing() {
    let set = set(without_list(), &["c1"]);
    let before = set.machine.clone();
    let set = set.received(&event(
        r#"{"event":"call.completed","callId":"c2","status":"completed"}"#,
    ));
    assert_eq!(set.machine, before);
}

#[test]
fn event_that_is_not_terminal_puts_the_next_get_off_and_no_more() {
    let mut set = set(without_list(), &["c1"]);
    set.on_event(at(0), &status_event("in_progress"));
    assert_eq!((set.take_result(), set.next_wake()), (None, Some(at(120))));
}

#[test]
fn event_that_disagrees_with_itself_is_followed_by_a_get_at_once() {
    let mut set = set(without_list(), &["c1"]).answered(record("queued"));
    assert!(set.sleeps());
    let contradictory = event(r#"{"event":"call.completed","callId":"c1","status":"failed"}"#);
    let mut set = set.at(1).received(&contradictory);
    assert_eq!((set.take_result(), set.next_wake()), (None, Some(at(1))));
    let set = set.in_flight();
    assert_eq!(set.sent_at(), [at(0), at(1)]);
    assert_eq!(
        set.next_wake(),
        Some(at(16)),
        "there is no other GET while that one is in flight"
    );
}

fn fetching() -> WaitSetOptions {
    WaitSetOptions {
        fetch_after_event: true,
        ..without_list()
    }
}

/// Receives a `completed` event, and answers all later requests like this.
fn after_completed_event(options: WaitSetOptions, answer: impl FnMut(&SentRequest) -> Answer) -> FinishedCall {
    let mut set = set(options, &["c1"]).received(&status_event("completed"));
    set.run(answer);
    only(&mut set).unwrap()
}

#[test]
fn event_can_be_followed_by_one_get_for_the_record() {
    let ended = after_completed_event(fetching(), |_| record("completed"));
    assert_eq!(ended.call.summary(), Some("From the record."));
    assert_eq!(
        (ended.end_source, ended.conflict, ended.counts.polls),
        (EndSource::Event, None, 1)
    );
}

#[test]
fn event_is_not_taken_back_by_the_record_or_another_event() {
    let ended = after_completed_event(fetching(), |_| record("failed"));
    assert_eq!(
        (ended.call.status(), ended.conflict),
        (Some(Status::Completed), Some(Status::Failed))
    );

    for (word, conflict) in [("completed", None), ("declined", Some(Status::Declined))] {
        let twice = set(fetching(), &["c1"]).received(&status_event("completed"));
        let mut set = twice.received(&status_event(word));
        set.run(|_| record("completed"));
        let ended = only(&mut set).unwrap();
        assert_eq!(
            (ended.call.status(), ended.conflict),
            (Some(Status::Completed), conflict)
        );
    }
}

#[test]
fn event_is_the_record_if_no_record_can_be_read() {
    let once = WaitSetOptions {
        max_failures: 0,
        ..fetching()
    };
    let late = WaitSetOptions {
        timeout: Duration::ZERO,
        ..fetching()
    };
    for (options, answer) in [
        (fetching(), refusal(403, "unauthorized")),
        (once, Answer::reset()),
        (late, Answer::reset()),
    ] {
        let ended = after_completed_event(options, |_| answer.clone());
        assert_eq!((ended.call.summary(), ended.counts.polls), (Some("From the event."), 1));
    }
    let ended = after_completed_event(fetching(), in_turn([Answer::reset(), record("completed")]));
    assert_eq!(
        (ended.call.summary(), ended.counts.polls),
        (Some("From the record."), 2)
    );
}
