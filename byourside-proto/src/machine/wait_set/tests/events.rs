//! What events tell a set.
use super::*;

#[test]
fn event_that_is_terminal_ends_its_call_at_once() {
    let mut set = set(without_list(), &["c1", "c2"]);
    assert_eq!((set.len(), set.is_empty()), (2, false));
    set.on_event(at(0), &told("completed"));
    assert_eq!(set.len(), 1);
    let ended = only(&mut set).unwrap();
    assert_eq!((ended.end_source, ended.conflict), (EndSource::Event, None));
    assert_eq!(ended.call.summary(), Some("From the event."));
}

#[test]
fn event_of_another_call_changes_nothing() {
    let set = set(without_list(), &["c1"]);
    let before = set.machine.clone();
    let set = set.heard(&event(
        r#"{"event":"call.completed","callId":"c2","status":"completed"}"#,
    ));
    assert_eq!(set.machine, before);
}

#[test]
fn event_that_is_not_terminal_puts_the_next_get_off_and_no_more() {
    let mut set = set(without_list(), &["c1"]);
    set.on_event(at(0), &told("in_progress"));
    assert_eq!((set.take_result(), set.next_wake()), (None, Some(at(120))));
}

#[test]
fn event_that_disagrees_with_itself_is_followed_by_a_get_at_once() {
    let mut set = set(without_list(), &["c1"]).answered(record("queued"));
    assert!(set.sleeps());
    let contradictory = event(r#"{"event":"call.completed","callId":"c1","status":"failed"}"#);
    let mut set = set.at(1).heard(&contradictory);
    assert_eq!((set.take_result(), set.next_wake()), (None, Some(at(1))));
    let set = set.in_flight();
    assert_eq!(set.sent_at(), [at(0), at(1)]);
    assert_eq!(
        set.next_wake(),
        Some(at(16)),
        "and by no other while that one is in flight"
    );
}

fn fetching() -> WaitSetOptions {
    WaitSetOptions {
        fetch_after_event: true,
        ..without_list()
    }
}

/// The call was completed, as an event says, and the service answers so from then on.
fn then(options: WaitSetOptions, answer: impl FnMut(&SentRequest) -> Answer) -> FinishedCall {
    let mut set = set(options, &["c1"]).heard(&told("completed"));
    set.run(answer);
    only(&mut set).unwrap()
}

#[test]
fn event_can_be_followed_by_one_get_for_the_record() {
    let ended = then(fetching(), |_| record("completed"));
    assert_eq!(ended.call.summary(), Some("From the record."));
    assert_eq!(
        (ended.end_source, ended.conflict, ended.counts.polls),
        (EndSource::Event, None, 1)
    );
}

#[test]
fn event_is_not_taken_back_by_the_record_or_another_event() {
    let ended = then(fetching(), |_| record("failed"));
    assert_eq!(
        (ended.call.status(), ended.conflict),
        (Some(Status::Completed), Some(Status::Failed))
    );

    for (word, conflict) in [("completed", None), ("declined", Some(Status::Declined))] {
        let twice = set(fetching(), &["c1"]).heard(&told("completed"));
        let mut set = twice.heard(&told(word));
        set.run(|_| record("completed"));
        let ended = only(&mut set).unwrap();
        assert_eq!(
            (ended.call.status(), ended.conflict),
            (Some(Status::Completed), conflict)
        );
    }
}

#[test]
fn event_is_the_record_where_there_is_none_to_be_had() {
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
        let ended = then(options, |_| answer.clone());
        assert_eq!((ended.call.summary(), ended.counts.polls), (Some("From the event."), 1));
    }
    let ended = then(fetching(), in_turn([Answer::reset(), record("completed")]));
    assert_eq!(
        (ended.call.summary(), ended.counts.polls),
        (Some("From the record."), 2)
    );
}
