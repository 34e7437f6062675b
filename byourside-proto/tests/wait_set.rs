//! Waiting for many calls at once, against a faulty service.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod support;
mod wait_set_events;
mod wait_set_service;

use byourside_proto::{
    Machine, Monotonic,
    machine::wait_set::{WaitSet, WaitSetOptions},
};
use proptest::prelude::*;
use std::time::Duration;
use support::{Answer, SentRequest, api, at, ok, status, text_of};
use wait_set_service::{Driver, all_completed, driver, filled, honest, limited, lists, results, run};

fn with_timeout(seconds: u64) -> WaitSetOptions {
    WaitSetOptions {
        timeout: Duration::from_secs(seconds),
        ..WaitSetOptions::default()
    }
}

#[test]
fn set_of_a_hundred_takes_one_list_each_interval_and_one_get_each() {
    let ends = (0..100).map(|call| 30 + call % 60).collect();
    let driver = run(WaitSetOptions::default(), 100, honest(ends));
    assert!(all_completed(&driver));
    // The first call joined alone, so it got a GET of its own at once.
    assert_eq!(driver.sent.len() - lists(&driver), 101);
    assert!(lists(&driver) <= 91_000 / 2_750 + 1, "{} lists", lists(&driver));
}

#[test]
fn calls_that_the_list_does_not_show_are_read_by_themselves() {
    let driver = run(WaitSetOptions::default(), 150, honest(vec![20; 150]));
    let results = results(&driver);
    assert_eq!(results.len(), 150);
    for call in 0..150 {
        let (when, result) = &results[&*format!("c{call}")];
        assert_eq!(result.as_deref(), Ok("completed"));
        assert!(when.since_origin() <= Duration::from_secs(26), "c{call} at {when:?}");
    }
}

#[test]
fn retry_after_holds_for_all_calls() {
    let mut honest = honest(vec![5; 50]);
    let options = WaitSetOptions {
        max_in_flight: 1,
        ..WaitSetOptions::default()
    };
    let mut first = Some(limited(7));
    let driver = run(options, 50, |request| first.take().unwrap_or_else(|| honest(request)));
    assert_eq!(results(&driver).len(), 50);
    let quiet = driver.sent[1].at.since(driver.sent[0].at);
    assert!(quiet >= Duration::from_secs(7), "{quiet:?}");
}

#[test]
fn set_loses_no_call_where_half_of_all_requests_are_rate_limited() {
    let mut sent = 0;
    let mut honest = honest(vec![40; 100]);
    let driver = run(WaitSetOptions::default(), 100, |request| {
        sent += 1;
        if sent % 2 == 0 { limited(1) } else { honest(request) }
    });
    assert!(all_completed(&driver));
}

#[test]
fn waits_end_at_their_deadline_where_every_request_is_rate_limited() {
    for retry_after in [None, Some(0), Some(7), Some(3600)] {
        let options = with_timeout(100);
        let driver = run(options, 40, |_| {
            retry_after.map_or(status(429).after_millis(10), limited)
        });
        let results = results(&driver);
        assert_eq!(results.len(), 40);
        for (when, result) in results.values() {
            assert_eq!(result, &Err("timeout".into()));
            let late = when.since_origin().saturating_sub(options.timeout);
            assert!(
                *when >= Monotonic::new(options.timeout) && late <= Duration::from_secs(1),
                "{when:?}"
            );
        }
    }
}

#[test]
fn calls_are_read_although_every_list_is_rate_limited() {
    for retry_after in [0, 5, 60] {
        let mut honest = honest(vec![10; 100]);
        let driver = run(WaitSetOptions::default(), 100, |request| {
            if request.is_list() {
                limited(retry_after)
            } else {
                honest(request)
            }
        });
        assert!(all_completed(&driver), "{retry_after} s");
    }
}

#[test]
fn list_that_failed_is_tried_again_however_many_calls_are_due() {
    let mut honest = honest(vec![170; 1000]);
    let driver = run(WaitSetOptions::default(), 1000, |request| {
        if request.is_list() && request.second() < 5 {
            status(500).after_millis(10)
        } else {
            honest(request)
        }
    });
    assert!(lists(&driver) > 20, "{} lists", lists(&driver));
}

#[test]
fn interval_of_zero_is_ten_milliseconds() {
    let options = WaitSetOptions {
        interval: Duration::ZERO,
        max_per_second: 1000,
        ..with_timeout(10)
    };
    let driver = run(options, 1, |_| ok(r#"{"id":"c0","status":"queued"}"#).after_millis(1));
    let plan = options.plan(1);
    assert!(driver.sent.len() as u64 <= plan.requests, "{}", driver.sent.len());
}

#[test]
fn refusal_ends_its_own_call_only() {
    let mut honest = honest(vec![10; 3]);
    let driver = run(WaitSetOptions::default(), 3, |request| match request.uri().path() {
        "/v1/agent/calls/c1" => status(403).after_millis(1),
        "/v1/agent/calls" => status(500).after_millis(1),
        _ => honest(request),
    });
    let words: Vec<_> = results(&driver).into_values().map(|(_, result)| result).collect();
    assert_eq!(
        words,
        [Ok("completed".into()), Err("error".to_owned()), Ok("completed".into())]
    );
}

#[test]
fn terminal_status_of_the_list_is_not_taken_back_by_the_record() {
    let driver = run(WaitSetOptions::default(), 2, |request| {
        let body = if request.is_list() {
            r#"{"calls":[{"id":"c0","status":"declined"}]}"#
        } else {
            r#"{"id":"c0","status":"in_progress"}"#
        };
        ok(body).after_millis(1)
    });
    assert_eq!(results(&driver)["c0"].1.as_deref(), Ok("declined"));
}

#[test]
fn calls_time_out_where_the_service_is_silent() {
    let driver = run(with_timeout(30), 40, |_| Answer::silence());
    let results = results(&driver);
    assert!(results.values().all(|(_, result)| result == &Err("timeout".into())));
    assert_eq!(results.len(), 40);
}

#[test]
fn list_interval_without_end_is_one_list() {
    let options = WaitSetOptions {
        list_interval: Duration::MAX,
        ..WaitSetOptions::default()
    };
    let driver = run(options, 3, |request| {
        let body = if request.is_list() {
            r#"{"calls":[]}"#
        } else {
            r#"{"id":"?","status":"failed"}"#
        };
        ok(body).after_millis(1)
    });
    assert_eq!((lists(&driver), results(&driver).len()), (1, 3));
}

#[test]
fn sets_with_other_calls_or_other_requests_in_flight_are_not_equal() {
    let (one, two) = (
        filled(WaitSetOptions::default(), 1),
        filled(WaitSetOptions::default(), 2),
    );
    assert_ne!(one, two);
    let mut in_flight = two.clone();
    assert_eq!(in_flight, two);
    let _request = in_flight.poll(at(0));
    assert_ne!(in_flight, two);
}

#[test]
fn call_that_left_has_no_result() {
    let mut set = filled(WaitSetOptions::default(), 3);
    assert!(set.remove("c1") && !set.remove("c1"));
    let mut driver = driver(set);
    driver.run(honest(vec![10; 3]));
    assert!(results(&driver).into_keys().eq(["c0", "c2"]));
}

type Hostile = Option<(u64, u16, Option<u16>, String)>;

fn hostile() -> impl Strategy<Value = Hostile> {
    let body = prop_oneof![
        r#"\{"id":"c[0-9]","status":"(queued|in_progress|completed|failed|odd)"\}"#,
        concat!(
            r#"\{"calls":\[(\{"id":"c[0-9]","status":"(queued|completed|failed)"\},){0,4}"#,
            r#"\{"callId":"c[0-9]","status":"no_answer"\}\]\}"#,
        ),
        r#"\{"error":"(not_found|rate_limited|unauthorized)"\}"#,
        "\\PC{0,20}",
    ];
    let code = prop_oneof![6 => Just(200), 1 => Just(429), 1 => Just(503), 1 => 100_u16..600];
    proptest::option::weighted(0.9, (0_u64..20_000, code, proptest::option::of(0_u16..10), body))
}

/// A service that repeats these answers in turn.
fn answering(answers: Vec<Hostile>) -> impl FnMut(&SentRequest) -> Answer + Clone {
    let mut answers = answers.into_iter().cycle();
    move |_| match answers.next().flatten() {
        None => Answer::silence(),
        Some((after, code, retry_after, body)) => {
            let answer = Answer::new(code, body).after_millis(after);
            retry_after.map_or(answer.clone(), |seconds| answer.retry_after(seconds))
        }
    }
}

proptest! {
    #[test]
    fn calls_have_one_result_each_within_the_plan_for_any_answers(
        calls in 1_usize..10,
        answers in proptest::collection::vec(hostile(), 1..50),
        max_in_flight in 1_usize..5,
        max_per_second in 1_u32..50,
        list_from in prop_oneof![Just(2), Just(usize::MAX)],
    ) {
        let options = WaitSetOptions { max_in_flight, max_per_second, list_from, ..with_timeout(60) };
        let driver = run(options, calls, answering(answers));
        prop_assert_eq!(results(&driver).len(), calls);
        prop_assert!(driver.most_in_flight <= max_in_flight);
        let plan = options.plan(calls);
        prop_assert!(driver.sent.len() as u64 <= plan.requests, "{} of {plan:?}", driver.sent.len());
        prop_assert!(lists(&driver) as u64 <= plan.lists);
        prop_assert!(driver.now.since_origin() <= plan.duration);
        let apart = Duration::from_secs(1) / max_per_second;
        prop_assert!(driver.sent_at().windows(2).all(|pair| pair[1].since(pair[0]) >= apart));
    }

    #[test]
    fn restored_set_continues_as_if_its_requests_had_failed(
        calls in 1_usize..10,
        answers in proptest::collection::vec(hostile(), 1..50),
        max_in_flight in 1_usize..5,
        // The pace is a whole number of milliseconds, like the times in a snapshot.
        max_per_second in prop_oneof![Just(2_u32), Just(10), Just(50)],
        stop in 0_usize..100,
        origin in 100_u64..10_000,
    ) {
        let options = WaitSetOptions { max_in_flight, max_per_second, ..with_timeout(60) };
        let mut service = answering(answers);
        let mut straight = driver(filled(options, calls));
        for _ in 0..stop {
            if straight.step(&mut service).is_some() {
                break;
            }
        }
        let text = text_of(&straight.set.snapshot(straight.now));
        let origin = at(origin);
        let mut restored = driver(WaitSet::restore(api(), serde_json::from_str(&text).unwrap(), origin).unwrap());
        restored.now = origin;
        while !straight.unanswered.is_empty() {
            straight.reply_oldest(Answer::reset());
        }
        let (began, sent, ended) = (straight.now, straight.sent.len(), straight.results.len());
        straight.run(service.clone());
        restored.run(service);
        let requests = |driver: &Driver, before: usize, origin| -> Vec<_> {
            let after = driver.sent[before..].iter();
            after.map(|request| (request.at.since(origin), request.uri().to_string())).collect()
        };
        prop_assert_eq!(requests(&straight, sent, began), requests(&restored, 0, origin));
        prop_assert_eq!(straight.results.len() - ended, restored.results.len());
        let straight = results(&straight);
        for (id, (at, result)) in results(&restored) {
            prop_assert_eq!(&straight[id].1, &result);
            prop_assert_eq!(straight[id].0.since(began), at.since(origin));
        }
    }
}
