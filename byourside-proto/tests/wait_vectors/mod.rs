//! Waits of the official client on a virtual clock. Ours may differ only by a rule.
use super::{
    Tally, cases,
    support::{self, Answer, Scenario},
    text,
};
use byourside_proto::{Status, machine::wait::WaitOptions};
use core::time::Duration;
use serde_json::Value;

/// The official client gives up before the deadline; ours makes a last GET at the deadline.
const LAST_GET: &str = "the deadline passes: ours makes a last GET then, and accepts its answer";
/// One transient failure (a 5xx, a 429, a proxy's timeout, a redirect, a lost connection) ends the official wait; ours
/// retries.
const TRANSIENT: &str = "a transient failure mid-wait: ours continues with the next answer";

#[test]
fn wait_differs_from_the_official_client_only_by_a_rule() {
    let mut tally = Tally::new("wait.json", &[LAST_GET, TRANSIENT]);
    for case in cases("wait.json") {
        let name = text(&case, "name").unwrap();
        let (ours, official) = (run(&case), &case["result"]);
        let gets = usize::try_from(case["gets"].as_u64().unwrap()).unwrap();
        let script = case["script"].as_array().unwrap();
        let next = |nth: usize| &script[nth.min(script.len() - 1)];
        if is_transient(next(gets - 1)) {
            tally.uses(TRANSIENT);
            let decisive = (gets..script.len())
                .map(next)
                .find(|answer| !is_transient(answer) && ends(answer));
            assert!(ours.gets > gets, "{name}: {ours:?}");
            match decisive {
                Some(answer) => assert_eq!(Some(ours.result.as_str()), word(answer), "{name}"),
                None => undecided(&case, &ours, next),
            }
        } else if text(official, "code") == Some("timeout") {
            tally.uses(LAST_GET);
            let timeout = case["timeout"].as_f64().unwrap();
            assert!((timeout..=timeout + 2.0).contains(&ours.elapsed), "{name}: {ours:?}");
            assert!((gets..=gets + 1).contains(&ours.gets), "{name}: {ours:?}");
            let last = next(ours.gets - 1);
            let expected = if ends(last) { word(last) } else { Some("timeout") };
            assert_eq!(Some(ours.result.as_str()), expected, "{name}");
        } else {
            let expected = text(official, "status").or_else(|| text(official, "code"));
            assert_eq!((Some(ours.result.as_str()), ours.gets), (expected, gets), "{name}");
            assert!(
                (ours.elapsed - case["elapsed"].as_f64().unwrap()).abs() < 1e-6,
                "{name}: {ours:?}"
            );
        }
    }
    tally.check();
}

/// Checks a wait whose script has no decisive answer: it ends at the deadline, or after too many failures in a row.
fn undecided<'a>(case: &Value, ours: &Run, next: impl Fn(usize) -> &'a Value) {
    let tolerated = usize::try_from(WaitOptions::default().max_failures).unwrap();
    let in_a_row = (0..ours.gets).rev().take_while(|nth| is_transient(next(*nth))).count();
    if in_a_row > tolerated {
        assert_eq!(in_a_row, tolerated + 1, "{case}: {ours:?}");
        let last = next(ours.gets - 1);
        let code = if status(last).is_some() {
            word(last)
        } else {
            Some("network_error")
        };
        assert_eq!(Some(ours.result.as_str()), code, "{case}");
    } else {
        let timeout = case["timeout"].as_f64().unwrap();
        assert_eq!(ours.result, "timeout", "{case}: {ours:?}");
        assert!((timeout..=timeout + 2.0).contains(&ours.elapsed), "{case}: {ours:?}");
    }
}

/// A finished wait. The result is a terminal status or an error code.
#[derive(Debug)]
struct Run {
    result: String,
    gets: usize,
    elapsed: f64,
}

fn run(case: &Value) -> Run {
    let seconds = |name: &str| Duration::from_secs_f64(case[name].as_f64().unwrap());
    let options = WaitOptions {
        timeout: seconds("timeout"),
        interval: seconds("interval"),
        // The official client has neither option.
        not_found_grace: Duration::ZERO,
        max_interval: Duration::ZERO,
        ..WaitOptions::default()
    };
    let mut waiter = Scenario::waiter_with(options);
    let script = case["script"].as_array().unwrap();
    let (mut answers, last) = (script.iter(), script.last().unwrap());
    let result = waiter.run(|request| {
        let answer = given(answers.next().unwrap_or(last)).after(seconds("latency"));
        if request.timeout < answer.after {
            return Answer::timed_out().after(request.timeout);
        }
        answer
    });
    let result = match result {
        Ok(ended) => ended.call.status().unwrap().as_str().into(),
        Err(error) => error.code().into(),
    };
    Run {
        result,
        gets: waiter.sent.len(),
        elapsed: waiter.now.since_origin().as_secs_f64(),
    }
}

fn given(answer: &Value) -> Answer {
    match status(answer) {
        None => Answer::reset(),
        Some(status) if answer[1].is_null() => support::status(status),
        Some(status) => Answer::new(status, answer[1].to_string()),
    }
}

/// `None` for a broken connection.
fn status(answer: &Value) -> Option<u16> {
    answer
        .get(0)
        .and_then(Value::as_u64)
        .map(|status| u16::try_from(status).unwrap())
}

fn is_transient(answer: &Value) -> bool {
    status(answer).is_none_or(|status| matches!(status, 300..400 | 408 | 425 | 429 | 499 | 500..))
}

/// A terminal record, or a refusal that will not change.
fn ends(answer: &Value) -> bool {
    match status(answer) {
        Some(200..300) => text(&answer[1], "status").is_some_and(|word| Status::from(word).is_terminal()),
        Some(_) => !is_transient(answer),
        None => false,
    }
}

fn word(answer: &Value) -> Option<&str> {
    text(&answer[1], "status")
        .or_else(|| text(&answer[1], "error"))
        .or(Some("error"))
}
