//! Webhook events and a reconciliation.
use super::*;
use crate::webhook::Event;

fn event_of(id: &str) -> Event {
    event(&format!(
        r#"{{"event":"call.in_progress","callId":"{id}","to":"{PHONE}","objective":"Ask."}}"#
    ))
}

fn with_token() -> VirtualTime<Reconciler> {
    Scenario::reconciler(call_with_token(TOKEN))
}

#[test]
fn event_with_the_token_is_proof_and_with_another_rules_it_out() {
    let mine = event(r#"{"event":"call.in_progress","callId":"c1","id":"evt"}"#);
    let mut machine = with_token().in_flight().at(1);
    assert!(machine.on_event(at(1), &mine, Some(TOKEN)));
    assert!(found("c1")(&machine.output()));

    let mut machine = with_token();
    assert!(!machine.on_event(at(0), &event_of("a"), Some("t2")));
    let end = machine.run(|_| list(&[entry("a"), entry("b")]));
    assert!(found("b")(&end));
    let mut machine = machine.at(500);
    let end_before = machine.poll_now();
    assert!(
        machine.on_event(at(500), &mine, Some(TOKEN)),
        "the event is proof, but the end was observed"
    );
    assert_eq!(format!("{end_before:?}"), format!("{:?}", machine.poll_now()));
}

#[test]
fn event_without_a_token_counts_like_an_entry() {
    let event = event_of("c9");
    let mut machine = reconciler().answered(list(&[]));
    assert!(machine.sleeps());
    assert!(!machine.on_event(at(1), &event, None));
    let (end, when) = machine.at(1).run_timed(|_| list(&[]));
    assert!(found("c9")(&end));
    assert_eq!(when, at(1));

    let mut machine = knowing(&["c9"]);
    machine.on_event(at(0), &event, None);
    assert_eq!(machine.run(|_| list(&[])), Reconciliation::Absent);

    let mut machine = reconciler();
    machine.on_event(at(0), &event, None);
    let end = machine.run(|_| Answer::reset());
    assert_eq!(candidates(&end), ["c9"]);
}

#[test]
fn event_of_another_number_without_a_token_changes_nothing() {
    let theirs = event(r#"{"event":"call.in_progress","callId":"c9","to":"+14155550199","objective":"Ask."}"#);
    let mut machine = reconciler().answered(list(&[])).machine;
    let before = machine.clone();
    assert!(!machine.on_event(at(0), &theirs, None));
    assert_eq!(machine, before);
}

#[test]
fn event_with_another_token_rules_its_own_candidate_out() {
    let mut machine = with_token().answered(list(&[entry("a"), entry("b")])).at(1);
    let theirs = event(r#"{"event":"call.in_progress","callId":"a"}"#);
    assert!(!machine.on_event(at(1), &theirs, Some("t2")));
    let end = machine.run(|_| Answer::reset());
    assert_eq!(candidates(&end), ["b"]);
}

#[test]
fn candidate_in_an_event_and_in_the_list_counts_once() {
    let nameless = format!(r#"{{"to":"{PHONE}","objective":"Ask."}}"#);
    let entries = list(&[entry("a"), nameless]);
    let mut machine = reconciler().answered(entries).at(1);
    for id in ["a", "b"] {
        machine.on_event(at(1), &event_of(id), None);
    }
    let end = machine.run(|_| Answer::reset());
    assert_eq!(candidates(&end), ["a", "b"]);
}

#[test]
fn storm_of_events_does_not_fill_the_memory() {
    for token in [None, Some("t2")] {
        let mut machine = with_token().machine;
        for n in 0..256 {
            machine.on_event(at(0), &event_of(&format!("c{n}")), token);
        }
        let before = machine.clone();
        machine.on_event(at(0), &event_of("one more"), token);
        assert_eq!(machine, before, "{token:?}");
    }
}
