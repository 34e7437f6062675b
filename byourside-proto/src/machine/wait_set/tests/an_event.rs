//! What events tell a set.
use super::*;

#[test]
fn that_is_terminal_ends_its_call_at_once() {
    let mut set = set(NO_LIST(), &["c1", "c2"]);
    assert_eq!((set.len(), set.is_empty()), (2, false));
    set.on_event(at(0), &told("completed"));
    assert_eq!(set.len(), 1);
    let ended = only(&mut set).unwrap();
    assert_eq!((ended.end_source, ended.conflict), (EndSource::Event, None));
    assert_eq!(ended.call.summary(), Some("From the event."));
}

#[test]
fn that_is_of_another_call_changes_nothing() {
    let mut set = set(NO_LIST(), &["c1"]);
    let before = set.clone();
    set.on_event(
        at(0),
        &event(r#"{"event":"call.completed","callId":"c2","status":"completed"}"#),
    );
    assert_eq!(set, before);
}

#[test]
fn that_is_not_terminal_puts_a_look_at_its_call_off_and_no_more() {
    let mut set = set(NO_LIST(), &["c1"]);
    set.on_event(at(0), &told("in_progress"));
    assert_eq!((set.take_result(), set.next_wake()), (None, Some(at(120))));
}

#[test]
fn that_disagrees_with_itself_is_followed_by_a_get_at_once() {
    let mut set = set(NO_LIST(), &["c1"]);
    let next = step(&mut set, at(0), |_| record("queued")).unwrap();
    assert!(matches!(set.poll(next), Action::Sleep(_)));
    set.on_event(
        at(1),
        &event(r#"{"event":"call.completed","callId":"c1","status":"failed"}"#),
    );
    assert_eq!((set.take_result(), set.next_wake()), (None, Some(at(1))));
    step(&mut set, at(1), |_| Script::Silence).unwrap();
    assert_eq!(set.next_wake(), Some(at(16)), "and by no other while that one is out");
}

const THEN_GET: fn() -> WaitSetOptions = || WaitSetOptions {
    fetch_after_event: true,
    ..NO_LIST()
};

fn then(options: WaitSetOptions, answer: impl Fn() -> Script) -> FinishedCall {
    let mut set = set(options, &["c1"]);
    set.on_event(at(0), &told("completed"));
    run(&mut set, at(0), |_| answer());
    only(&mut set).unwrap()
}

#[test]
fn can_be_followed_by_one_get_for_the_record() {
    let ended = then(THEN_GET(), || record("completed"));
    assert_eq!(ended.call.summary(), Some("From the record."));
    assert_eq!(
        (ended.end_source, ended.conflict, ended.counts.polls),
        (EndSource::Event, None, 1)
    );
}

#[test]
fn is_not_taken_back_by_the_record_or_another_event() {
    let ended = then(THEN_GET(), || record("failed"));
    assert_eq!(
        (ended.call.status(), ended.conflict),
        (Some(Status::Completed), Some(Status::Failed))
    );

    for (word, conflict) in [("completed", None), ("declined", Some(Status::Declined))] {
        let mut set = set(THEN_GET(), &["c1"]);
        set.on_event(at(0), &told("completed"));
        set.on_event(at(0), &told(word));
        run(&mut set, at(0), |_| record("completed"));
        let ended = only(&mut set).unwrap();
        assert_eq!(
            (ended.call.status(), ended.conflict),
            (Some(Status::Completed), conflict)
        );
    }
}

#[test]
fn is_the_record_where_there_is_none_to_be_had() {
    let once = WaitSetOptions {
        max_failures: 0,
        ..THEN_GET()
    };
    let late = WaitSetOptions {
        timeout: Duration::ZERO,
        ..THEN_GET()
    };
    for (options, answer) in [
        (THEN_GET(), refused(403, "unauthorized")),
        (once, Script::Reset),
        (late, Script::Reset),
    ] {
        let ended = then(options, || answer.clone());
        assert_eq!((ended.call.summary(), ended.counts.polls), (Some("From the event."), 1));
    }
    let mut answers = [Script::Reset, record("completed")].into_iter();
    let mut set = set(THEN_GET(), &["c1"]);
    set.on_event(at(0), &told("completed"));
    run(&mut set, at(0), |_| answers.next().unwrap());
    let ended = only(&mut set).unwrap();
    assert_eq!(
        (ended.call.summary(), ended.counts.polls),
        (Some("From the record."), 2)
    );
}
