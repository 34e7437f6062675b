mod events;

use super::*;
use crate::{
    api::PlaceCall,
    machine::Machine,
    testing::{
        Answer, PHONE, Scenario, TOKEN, VirtualTime, api, at, call, call_with_token, event, id, ok, refusal, status,
    },
    types::{Call, Monotonic},
};
use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::time::Duration;
use serde_json::json;

fn reconciler() -> VirtualTime<Reconciler> {
    Scenario::reconciler(call())
}

/// A reconciler that already knows these calls.
fn knowing(calls: &[&str]) -> VirtualTime<Reconciler> {
    let known = calls.iter().map(|call| id(*call));
    VirtualTime::new(reconciler().machine.known(known))
}

fn entry(id: &str) -> String {
    format!(r#"{{"callId":"{id}","status":"queued","to":"{PHONE}","objective":"Ask."}}"#)
}

fn other(id: &str) -> String {
    format!(r#"{{"callId":"{id}","status":"queued","to":"+14155550199","objective":"Ask."}}"#)
}

fn list(entries: &[String]) -> Answer {
    ok(format!(r#"{{"calls":[{}]}}"#, entries.join(",")))
}

fn full_list() -> Vec<String> {
    (0..100).map(|n| other(&format!("o{n}"))).collect()
}

fn found(id: &str) -> impl Fn(&Reconciliation) -> bool {
    move |end| matches!(end, Reconciliation::Found(call) if call.id() == Some(id))
}

fn candidates(end: &Reconciliation) -> Vec<&str> {
    match end {
        Reconciliation::Ambiguous { candidates, .. } => candidates.iter().filter_map(Call::id).collect(),
        Reconciliation::Found(_) | Reconciliation::Absent => panic!("{end:?}"),
    }
}

#[test]
fn reconciler_finds_one_call_of_its_number_and_objective_at_once() {
    let (end, when) = reconciler().run_timed(|request| {
        assert_eq!(request.uri().query(), Some("limit=100"), "the longest list");
        list(&[other("a"), entry("b")])
    });
    assert!(found("b")(&end), "{end:?}");
    assert_eq!(when, at(0));
}

#[test]
fn reconciler_ignores_blanks_but_not_another_caller_or_webhook() {
    let mine = || call().caller_id("+14155550100").unwrap();
    let say = |more: &str| list(&[format!(r#"{{"id":"a","to":"{PHONE}","objective":" Ask.\n"{more}}}"#)]);
    let end = Scenario::reconciler(mine()).run(|_| say(""));
    assert!(found("a")(&end));
    let end = Scenario::reconciler(mine()).run(|_| say(r#","callerId":"+14155550101""#));
    assert_eq!(end, Reconciliation::Absent);
    let end = Scenario::reconciler(call_with_token(TOKEN))
        .run(|_| say(r#","webhookUrl":"https://a.example/h?bys_intent=t2""#));
    assert_eq!(end, Reconciliation::Absent);
}

#[test]
fn entry_respelled_truncated_or_masked_is_not_ruled_out() {
    let mine = || {
        let call = PlaceCall::new(PHONE, "Ask when they open.").unwrap();
        let call = call.webhook_url("https://a.example/h%2f1").unwrap();
        call.caller_id("+14155550100").unwrap().correlation("t1-long").unwrap()
    };
    let whole = || json!({"id": "a", "to": PHONE, "objective": "Ask when they open.", "callerId": "+14155550100"});
    for (name, spelling) in [
        ("webhookUrl", "https://a.example:443/h%2f1?bys_intent=t1-long"),
        ("webhookUrl", "https://a.example/h%2F1?bys_intent=t1-long"),
        ("webhookUrl", "https://a.example/***"),
        ("webhookUrl", "https://a.example/h%2f1?bys_intent=t1..."),
        ("callerId", "+1 (415) 555-0100"),
        ("to", "+1 (415) 555-0123"),
        ("objective", "Ask when…"),
        ("objective", "Ask when they..."),
        ("objective", "Ask when they"),
        ("objective", "ask when they open"),
        ("objective", "Ask *** open."),
        ("objective", ""),
    ] {
        let mut record = whole();
        record[name] = spelling.into();
        let mut gets = 0;
        let end = Scenario::reconciler(mine()).run(|request| {
            if request.is_list() {
                return list(&[record.to_string()]);
            }
            gets += 1;
            ok(record.to_string())
        });
        assert!(matches!(end, Reconciliation::Ambiguous { .. }), "{spelling}: {end:?}");
        assert_eq!(gets, 1, "{spelling}");

        let end = Scenario::reconciler(mine()).run(|request| {
            let asked_for = !request.is_list();
            let record = if asked_for { whole() } else { record.clone() };
            if asked_for {
                ok(record.to_string())
            } else {
                list(&[record.to_string()])
            }
        });
        assert!(found("a")(&end), "{spelling}: {end:?}");
    }
    for (name, other) in [
        ("webhookUrl", "https://a.example:443/h%2f1?bys_intent=t2-long"),
        ("callerId", "+14155550101"),
        ("to", "+14155550124"),
        ("objective", "Ask when they close."),
        ("objective", "Ask who…"),
        ("objective", "Ask when they open. Twice."),
    ] {
        let mut record = whole();
        record[name] = other.into();
        let end = Scenario::reconciler(mine()).run(|_| list(&[record.to_string()]));
        assert_eq!(end, Reconciliation::Absent, "{other}");
    }
}

#[test]
fn reconciler_says_absent_after_a_second_list_once_it_settled() {
    let settling_for = |seconds| {
        let options = ReconcileOptions {
            settle: Duration::from_secs(seconds),
            ..ReconcileOptions::default()
        };
        Scenario::reconciler_with(options, call())
    };
    let mut machine = settling_for(12);
    let end = machine.run(|_| list(&[other("a")]));
    assert_eq!(end, Reconciliation::Absent);
    assert_eq!(machine.sent_at(), [at(0), at(5), at(10), at(15)]);

    let end = settling_for(0).run_timed(|_| list(&[]));
    assert_eq!(end, (Reconciliation::Absent, at(5)));
}

#[test]
fn reconciler_finds_a_call_that_appears_late() {
    let mut lists = 0;
    let end = reconciler().run(|_| {
        lists += 1;
        list(&if lists < 4 { vec![] } else { vec![entry("late")] })
    });
    assert!(found("late")(&end));
}

#[test]
fn reconciler_never_says_absent_while_the_list_is_unreadable() {
    for answer in [
        Answer::silence(),
        Answer::reset(),
        Answer::not_sent(),
        status(503),
        status(404),
        ok("<html>"),
        ok(r#"{"calls":null}"#),
        ok(r#"{"calls":[{"to":7}]}"#),
    ] {
        let (end, when) = reconciler().run_timed(|_| answer.clone());
        assert_eq!(candidates(&end), [""; 0], "{answer:?}");
        assert!(when <= at(135), "{answer:?}: {when:?}");
    }
    let mut lists = 0;
    let end = reconciler().run(|_| {
        lists += 1;
        if lists == 1 { list(&[]) } else { Answer::reset() }
    });
    assert!(matches!(
        end,
        Reconciliation::Ambiguous {
            last_failure: Some(_),
            ..
        }
    ));
}

#[test]
fn reconciler_ends_with_the_failure_where_the_key_is_refused() {
    for code in [401, 403] {
        let mut machine = reconciler();
        let (end, when) = machine.run_timed(|_| status(code));
        let Reconciliation::Ambiguous { last_failure, .. } = end else {
            panic!()
        };
        let sent = machine.sent.len();
        assert_eq!((last_failure.unwrap().status(), sent, when), (code, 1, at(0)));
    }
}

#[test]
fn lookup_where_the_key_is_refused_ends_it_with_that_failure() {
    let (end, when) = reconciler().run_timed(|request| {
        if request.is_list() {
            return list(&[r#"{"callId":"bare"}"#.into(), entry("a")]);
        }
        status(401)
    });
    assert_eq!(candidates(&end), ["a"]);
    assert!(when < at(1), "{when:?}");
}

#[test]
fn candidate_beside_an_entry_that_cannot_be_judged_is_ambiguous() {
    let nameless = format!(r#"{{"to":"{PHONE}","objective":"Ask."}}"#);
    let end = reconciler().run(|_| list(&[entry("a"), nameless.clone()]));
    assert_eq!(candidates(&end), ["a"]);
}

#[test]
fn several_candidates_are_ambiguous_and_known_calls_do_not_count() {
    let both = || list(&[entry("a"), entry("b")]);
    let (end, when) = reconciler().run_timed(|_| both());
    assert_eq!((candidates(&end), when), (vec!["a", "b"], at(0)));
    assert!(found("b")(&knowing(&["a"]).run(|_| both())));
}

#[test]
fn full_list_proves_absence_only_if_it_reaches_a_known_call() {
    let (end, when) = reconciler().run_timed(|_| list(&full_list()));
    assert_eq!(candidates(&end), [""; 0]);
    assert!(when >= at(120) && when < at(121), "{when:?}");
    let end = knowing(&["o99"]).run(|_| list(&full_list()));
    assert_eq!(end, Reconciliation::Absent);
}

#[test]
fn entry_that_does_not_say_what_it_is_is_looked_up_once() {
    let mut gets = 0;
    let end = reconciler().run(|request| {
        if request.call() == "bare" {
            gets += 1;
            return ok(other("bare"));
        }
        list(&[r#"{"callId":"bare","status":"queued"}"#.into()])
    });
    assert_eq!((end, gets), (Reconciliation::Absent, 1));

    let end = reconciler().run(|request| {
        if request.call() == "bare" {
            return ok(entry("bare"));
        }
        list(&[r#"{"callId":"bare","status":"queued"}"#.into()])
    });
    assert!(found("bare")(&end));
}

#[test]
fn lookups_are_bounded_and_forbid_absence_beyond_the_bound() {
    let bare: Vec<String> = (0..50).map(|n| format!(r#"{{"callId":"b{n}"}}"#)).collect();
    let mut gets = 0;
    let end = reconciler().run(|request| {
        if request.is_list() {
            return list(&bare);
        }
        gets += 1;
        status(500)
    });
    assert_eq!((candidates(&end), gets), (vec![], 20));
    let nameless = || list(&[format!(r#"{{"to":"{PHONE}","objective":"Ask."}}"#)]);
    let end = reconciler().run(|_| nameless());
    assert_eq!(candidates(&end), [""; 0]);
}

#[test]
fn reconciler_honours_and_caps_retry_after() {
    for (asked, waited) in [(20, 20), (500, 60)] {
        let machine = reconciler().rate_limited(asked);
        assert_eq!(machine.next_wake(), Some(at(waited)));
    }
}

#[test]
fn reconciler_accepts_options_of_zero_and_of_the_longest_time() {
    for duration in [Duration::ZERO, Duration::MAX] {
        let options = ReconcileOptions {
            timeout: duration,
            settle: duration,
            interval: duration,
            attempt_timeout: duration,
            max_retry_after: duration,
            ..ReconcileOptions::default()
        };
        let machine = Reconciler::new(api(), call(), options, Monotonic::new(Duration::MAX));
        let end = VirtualTime::new(machine).run(|_| list(&[]));
        assert_eq!(candidates(&end), [""; 0]);
    }
}

#[test]
fn reconciliation_is_displayed_without_phone_numbers() {
    let end = reconciler().run(|_| list(&[entry("a"), entry("b")]));
    assert!(end.to_string().contains("2 candidates"));
    assert!(!format!("{end:?} {end}").contains("555"));
}

#[test]
fn retry_after_of_a_lookup_delays_the_next_one() {
    for (code, retry_after, pause) in [
        (429, Some("7"), 7),
        (429, None, 1),
        (429, Some("900"), 60),
        (503, Some("7"), 7),
        (503, None, 0),
    ] {
        let mut machine = reconciler();
        let mut lookups = Vec::new();
        while lookups.len() < 2 {
            let end = machine.step(|request| {
                if request.is_list() {
                    return ok(r#"{"calls":[{"callId":"a"},{"callId":"b"}]}"#);
                }
                lookups.push(request.at);
                let refusal = refusal(code, "rate_limited");
                retry_after.map_or(refusal.clone(), |seconds| refusal.retry_after(seconds))
            });
            assert_eq!(end, None);
        }
        let paused = lookups[1].since(lookups[0]).as_secs();
        assert_eq!(paused, pause, "{code} {retry_after:?}");
    }
}
