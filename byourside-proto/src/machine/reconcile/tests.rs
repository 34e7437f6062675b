mod events;

use super::*;
use crate::{
    api::PlaceCall,
    machine::{Action, Machine},
    testing::{Script, api, at, event, ok, run, step},
    types::{Call, CallId, Monotonic},
    webhook::Event,
};
use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::time::Duration;
use http::Response;
use serde_json::json;

const TO: &str = "+14155550123";

fn call() -> PlaceCall {
    PlaceCall::new(TO, "Ask.").unwrap()
}

fn with_token() -> PlaceCall {
    let call = call().webhook_url("https://a.example/h").unwrap();
    call.correlation("t1").unwrap()
}

fn reconciler(call: PlaceCall) -> Reconciler {
    Reconciler::new(api(), call, ReconcileOptions::default(), at(0))
}

fn entry(id: &str) -> String {
    format!(r#"{{"callId":"{id}","status":"queued","to":"{TO}","objective":"Ask."}}"#)
}

fn other(id: &str) -> String {
    format!(r#"{{"callId":"{id}","status":"queued","to":"+14155550199","objective":"Ask."}}"#)
}

fn list(entries: &[String]) -> Script {
    ok(format!(r#"{{"calls":[{}]}}"#, entries.join(",")))
}

fn full() -> Vec<String> {
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
fn one_call_of_the_same_number_and_objective_is_found_at_once() {
    let (end, when) = run(&mut reconciler(call()), at(0), |request| {
        assert_eq!(request.uri().query(), Some("limit=100"), "as far back as can be seen");
        list(&[other("a"), entry("b")])
    });
    assert!(found("b")(&end), "{end:?}");
    assert_eq!(when, at(0));
}

#[test]
fn blanks_make_no_other_objective_and_another_caller_or_webhook_does() {
    let mine = || call().caller_id("+14155550100").unwrap();
    let say = |more: &str| list(&[format!(r#"{{"id":"a","to":"{TO}","objective":" Ask.\n"{more}}}"#)]);
    let (end, _) = run(&mut reconciler(mine()), at(0), |_| say(""));
    assert!(found("a")(&end));
    let (end, _) = run(&mut reconciler(mine()), at(0), |_| say(r#","callerId":"+14155550101""#));
    assert_eq!(end, Reconciliation::Absent);
    let (end, _) = run(&mut reconciler(with_token()), at(0), |_| {
        say(r#","webhookUrl":"https://a.example/h?bys_intent=t2""#)
    });
    assert_eq!(end, Reconciliation::Absent);
}

#[test]
fn what_is_spelt_otherwise_cut_short_or_masked_is_no_other_call() {
    let mine = || {
        let call = PlaceCall::new(TO, "Ask when they open.").unwrap();
        let call = call.webhook_url("https://a.example/h%2f1").unwrap();
        call.caller_id("+14155550100").unwrap().correlation("t1-long").unwrap()
    };
    let whole = || json!({"id": "a", "to": TO, "objective": "Ask when they open.", "callerId": "+14155550100"});
    for (name, spelt) in [
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
        record[name] = spelt.into();
        let mut gets = 0;
        let (end, _) = run(&mut reconciler(mine()), at(0), |request| {
            if request.uri().query().is_some() {
                return list(&[record.to_string()]);
            }
            gets += 1;
            ok(record.to_string())
        });
        assert!(matches!(end, Reconciliation::Ambiguous { .. }), "{spelt}: {end:?}");
        assert_eq!(gets, 1, "{spelt}");

        let (end, _) = run(&mut reconciler(mine()), at(0), |request| {
            let asked_for = request.uri().query().is_none();
            let record = if asked_for { whole() } else { record.clone() };
            if asked_for {
                ok(record.to_string())
            } else {
                list(&[record.to_string()])
            }
        });
        assert!(found("a")(&end), "{spelt}: {end:?}");
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
        let (end, _) = run(&mut reconciler(mine()), at(0), |_| list(&[record.to_string()]));
        assert_eq!(end, Reconciliation::Absent, "{other}");
    }
}

#[test]
fn absence_is_said_of_a_second_list_asked_for_once_it_has_settled() {
    let mut asked = Vec::new();
    let options = ReconcileOptions {
        settle: Duration::from_secs(12),
        ..ReconcileOptions::default()
    };
    let mut machine = Reconciler::new(api(), call(), options, at(0));
    let mut now = at(0);
    let end = loop {
        match step(&mut machine, now, |_| {
            asked.push(now);
            list(&[other("a")])
        }) {
            Ok(next) => now = next,
            Err(end) => break end,
        }
    };
    assert_eq!(end, Reconciliation::Absent);
    assert_eq!(asked, [at(0), at(5), at(10), at(15)]);

    let options = ReconcileOptions {
        settle: Duration::ZERO,
        ..options
    };
    let mut machine = Reconciler::new(api(), call(), options, at(0));
    assert_eq!(run(&mut machine, at(0), |_| list(&[])), (Reconciliation::Absent, at(5)));
}

#[test]
fn a_post_that_is_acted_on_late_is_still_found() {
    let mut lists = 0;
    let (end, _) = run(&mut reconciler(call()), at(0), |_| {
        lists += 1;
        list(&if lists < 4 { vec![] } else { vec![entry("late")] })
    });
    assert!(found("late")(&end));
}

#[test]
fn absence_is_never_said_while_the_list_cannot_be_read() {
    for script in [
        Script::Silence,
        Script::Reset,
        Script::Refused,
        Script::Answer(503, String::new()),
        Script::Answer(404, String::new()),
        ok("<html>"),
        ok(r#"{"calls":null}"#),
        ok(r#"{"calls":[{"to":7}]}"#),
    ] {
        let (end, when) = run(&mut reconciler(call()), at(0), |_| script.clone());
        assert_eq!(candidates(&end), [""; 0], "{script:?}");
        assert!(when <= at(135), "{script:?}: {when:?}");
    }
    let mut lists = 0;
    let (end, _) = run(&mut reconciler(call()), at(0), |_| {
        lists += 1;
        if lists == 1 { list(&[]) } else { Script::Reset }
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
fn a_refused_key_ends_it_with_that_failure() {
    for status in [401, 403] {
        let mut sent = 0;
        let (end, when) = run(&mut reconciler(call()), at(0), |_| {
            sent += 1;
            Script::Answer(status, String::new())
        });
        let Reconciliation::Ambiguous { last_failure, .. } = end else {
            panic!()
        };
        assert_eq!((last_failure.unwrap().status(), sent, when), (status, 1, at(0)));
    }
}

#[test]
fn a_key_that_is_refused_at_a_lookup_ends_it_with_that_failure() {
    let (end, when) = run(&mut reconciler(call()), at(0), |request| {
        if request.uri().query().is_some() {
            return list(&[r#"{"callId":"bare"}"#.into(), entry("a")]);
        }
        Script::Answer(401, String::new())
    });
    assert_eq!(candidates(&end), ["a"]);
    assert!(when < at(1), "{when:?}");
}

#[test]
fn one_candidate_beside_an_entry_that_cannot_be_judged_may_not_be_the_call() {
    let nameless = format!(r#"{{"to":"{TO}","objective":"Ask."}}"#);
    let (end, _) = run(&mut reconciler(call()), at(0), |_| {
        list(&[entry("a"), nameless.clone()])
    });
    assert_eq!(candidates(&end), ["a"]);
}

#[test]
fn several_candidates_are_ambiguous_and_known_calls_are_none() {
    let both = || list(&[entry("a"), entry("b")]);
    let (end, when) = run(&mut reconciler(call()), at(0), |_| both());
    assert_eq!((candidates(&end), when), (vec!["a", "b"], at(0)));
    let mut machine = reconciler(call()).known([CallId::new("a").unwrap()]);
    assert!(found("b")(&run(&mut machine, at(0), |_| both()).0));
}

#[test]
fn a_full_list_proves_absence_only_if_it_reaches_a_known_call() {
    let (end, when) = run(&mut reconciler(call()), at(0), |_| list(&full()));
    assert_eq!(candidates(&end), [""; 0]);
    assert!(when >= at(120) && when < at(121), "{when:?}");
    let mut machine = reconciler(call()).known([CallId::new("o99").unwrap()]);
    assert_eq!(run(&mut machine, at(0), |_| list(&full())).0, Reconciliation::Absent);
}

#[test]
fn an_entry_that_does_not_say_what_it_is_is_looked_up_once() {
    let mut gets = 0;
    let mut machine = reconciler(call());
    let (end, _) = run(&mut machine, at(0), |request| {
        if request.uri().path().ends_with("/bare") {
            gets += 1;
            return ok(other("bare"));
        }
        list(&[r#"{"callId":"bare","status":"queued"}"#.into()])
    });
    assert_eq!((end, gets), (Reconciliation::Absent, 1));

    let (end, _) = run(&mut reconciler(call()), at(0), |request| {
        if request.uri().path().ends_with("/bare") {
            return ok(entry("bare"));
        }
        list(&[r#"{"callId":"bare","status":"queued"}"#.into()])
    });
    assert!(found("bare")(&end));
}

#[test]
fn lookups_are_bounded_and_what_is_not_looked_up_forbids_absence() {
    let bare: Vec<String> = (0..50).map(|n| format!(r#"{{"callId":"b{n}"}}"#)).collect();
    let mut gets = 0;
    let (end, _) = run(&mut reconciler(call()), at(0), |request| {
        if request.uri().query().is_some() {
            return list(&bare);
        }
        gets += 1;
        Script::Answer(500, String::new())
    });
    assert_eq!((candidates(&end), gets), (vec![], 20));
    let nameless = || list(&[format!(r#"{{"to":"{TO}","objective":"Ask."}}"#)]);
    let (end, _) = run(&mut reconciler(call()), at(0), |_| nameless());
    assert_eq!(candidates(&end), [""; 0]);
}

#[test]
fn retry_after_is_honoured_and_capped() {
    for (asked, waited) in [(20, 20), (500, 60)] {
        let mut machine = reconciler(call());
        step(&mut machine, at(0), |_| Script::RetryAfter(429, asked)).unwrap();
        assert_eq!(machine.next_wake(), Some(at(waited)));
    }
}

#[test]
fn options_of_nothing_and_of_everything_end_or_wait_without_panic() {
    for duration in [Duration::ZERO, Duration::MAX] {
        let options = ReconcileOptions {
            timeout: duration,
            settle: duration,
            interval: duration,
            attempt_timeout: duration,
            max_retry_after: duration,
            ..ReconcileOptions::default()
        };
        let mut machine = Reconciler::new(api(), call(), options, Monotonic::new(Duration::MAX));
        let (end, _) = run(&mut machine, at(0), |_| list(&[]));
        assert_eq!(candidates(&end), [""; 0]);
    }
}

#[test]
fn what_it_ends_with_is_told_in_words_without_numbers() {
    let (end, _) = run(&mut reconciler(call()), at(0), |_| list(&[entry("a"), entry("b")]));
    assert!(end.to_string().contains("2 candidates"));
    assert!(!format!("{end:?} {end}").contains("555"));
}

#[test]
fn a_lookup_that_is_rate_limited_or_asks_for_a_pause_delays_the_next_one() {
    for (status, retry_after, pause) in [
        (429, Some("7"), 7),
        (429, None, 1),
        (429, Some("900"), 60),
        (503, Some("7"), 7),
        (503, None, 0),
    ] {
        let mut reconciler = reconciler(call());
        let mut lookups = Vec::new();
        let mut now = at(0);
        while lookups.len() < 2 {
            match reconciler.poll(now) {
                Action::Sleep(pause) => now = now.after(pause),
                Action::Done(end) => panic!("{end:?}"),
                Action::Send(request, slot) if request.uri().query().is_some() => {
                    let body = r#"{"calls":[{"callId":"a"},{"callId":"b"}]}"#;
                    reconciler.handle(now, slot.reply_ref(&Response::new(body)));
                }
                Action::Send(_, slot) => {
                    lookups.push(now);
                    let mut refusal = Response::builder().status(status);
                    if let Some(seconds) = retry_after {
                        refusal = refusal.header("retry-after", seconds);
                    }
                    let refusal = refusal.body(r#"{"error":"rate_limited"}"#).unwrap();
                    reconciler.handle(now, slot.reply_ref(&refusal));
                }
            }
        }
        let paused = lookups[1].since(lookups[0]).as_secs();
        assert_eq!(paused, pause, "{status} {retry_after:?}");
    }
}
