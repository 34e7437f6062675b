//! What events tell a reconciliation.
use super::*;

fn heard(id: &str) -> Event {
    event(&format!(
        r#"{{"event":"call.in_progress","callId":"{id}","to":"{TO}","objective":"Ask."}}"#
    ))
}

#[test]
fn an_event_with_the_token_is_proof_at_any_time_and_another_token_rules_its_call_out() {
    let mine = event(r#"{"event":"call.in_progress","callId":"c1","id":"evt"}"#);
    let mut machine = reconciler(with_token());
    let _out = machine.poll(at(0));
    assert!(machine.on_event(at(1), &mine, Some("t1")));
    let Action::Done(end) = machine.poll(at(1)) else {
        panic!()
    };
    assert!(found("c1")(&end));

    let mut machine = reconciler(with_token());
    assert!(!machine.on_event(at(0), &heard("a"), Some("t2")));
    let (end, _) = run(&mut machine, at(0), |_| list(&[entry("a"), entry("b")]));
    assert!(found("b")(&end));
    let end_before = machine.poll(at(500));
    assert!(
        machine.on_event(at(500), &mine, Some("t1")),
        "it is proof, but the end was told"
    );
    assert_eq!(format!("{end_before:?}"), format!("{:?}", machine.poll(at(500))));
}

#[test]
fn an_event_without_a_token_counts_like_an_entry() {
    let heard = heard("c9");
    let mut machine = reconciler(call());
    let next = step(&mut machine, at(0), |_| list(&[])).unwrap();
    assert!(matches!(machine.poll(next), Action::Sleep(_)));
    assert!(!machine.on_event(at(1), &heard, None));
    let (end, when) = run(&mut machine, at(1), |_| list(&[]));
    assert!(found("c9")(&end));
    assert_eq!(when, at(1));

    let mut machine = reconciler(call()).known([CallId::new("c9").unwrap()]);
    machine.on_event(at(0), &heard, None);
    assert_eq!(run(&mut machine, at(0), |_| list(&[])).0, Reconciliation::Absent);

    let mut machine = reconciler(call());
    machine.on_event(at(0), &heard, None);
    let (end, _) = run(&mut machine, at(0), |_| Script::Reset);
    assert_eq!(candidates(&end), ["c9"]);
}

#[test]
fn an_event_of_another_number_without_a_token_changes_nothing() {
    let theirs = event(r#"{"event":"call.in_progress","callId":"c9","to":"+14155550199","objective":"Ask."}"#);
    let mut machine = reconciler(call());
    step(&mut machine, at(0), |_| list(&[])).unwrap();
    let before = machine.clone();
    assert!(!machine.on_event(at(0), &theirs, None));
    assert_eq!(machine, before);
}

#[test]
fn of_several_candidates_the_event_of_another_token_rules_its_own_out() {
    let mut machine = reconciler(with_token());
    step(&mut machine, at(0), |_| list(&[entry("a"), entry("b")])).unwrap();
    let theirs = event(r#"{"event":"call.in_progress","callId":"a"}"#);
    assert!(!machine.on_event(at(1), &theirs, Some("t2")));
    let (end, _) = run(&mut machine, at(1), |_| Script::Reset);
    assert_eq!(candidates(&end), ["b"]);
}

#[test]
fn what_was_heard_and_what_was_read_is_each_a_candidate_once() {
    let nameless = format!(r#"{{"to":"{TO}","objective":"Ask."}}"#);
    let mut machine = reconciler(call());
    step(&mut machine, at(0), |_| list(&[entry("a"), nameless.clone()])).unwrap();
    for id in ["a", "b"] {
        machine.on_event(at(1), &heard(id), None);
    }
    let (end, _) = run(&mut machine, at(1), |_| Script::Reset);
    assert_eq!(candidates(&end), ["a", "b"]);
}

#[test]
fn no_storm_of_events_fills_the_memory() {
    for token in [None, Some("t2")] {
        let mut machine = reconciler(with_token());
        for n in 0..256 {
            machine.on_event(at(0), &heard(&format!("c{n}")), token);
        }
        let before = machine.clone();
        machine.on_event(at(0), &heard("one more"), token);
        assert_eq!(machine, before, "{token:?}");
    }
}
