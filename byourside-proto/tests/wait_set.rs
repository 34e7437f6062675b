//! Waiting for many calls at once, against a service that misbehaves.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod wait_set_driver;
mod wait_set_events;

use byourside_proto::{
    Machine, Monotonic, TransportFailure,
    machine::wait_set::{WaitSet, WaitSetOptions},
};
use http::{Request, Response};
use proptest::prelude::*;
use std::time::Duration;
use wait_set_driver::{Answer, Driver, api, filled, honest, ok, status};

#[test]
fn a_hundred_calls_take_one_list_each_interval_and_one_get_each() {
    let ends = (0..100).map(|call| 30 + call % 60).collect();
    let driver = Driver::new(filled(WaitSetOptions::default(), 100), honest(ends)).run();
    assert!(
        driver
            .results
            .values()
            .all(|(_, result)| result.as_deref() == Ok("completed"))
    );
    // The first joined alone, so that it was asked for at once.
    assert_eq!(driver.sent.len() - driver.lists(), 101);
    assert!(driver.lists() <= 91_000 / 2_750 + 1, "{} lists", driver.lists());
}

#[test]
fn calls_that_the_list_does_not_show_are_read_by_themselves() {
    let ends = vec![20; 150];
    let driver = Driver::new(filled(WaitSetOptions::default(), 150), honest(ends)).run();
    assert_eq!(driver.results.len(), 150);
    for call in 0..150 {
        let (when, result) = &driver.results[&format!("c{call}")];
        assert_eq!(result.as_deref(), Ok("completed"));
        assert!(when.since_origin() <= Duration::from_secs(26), "c{call} at {when:?}");
    }
}

#[test]
fn one_pause_holds_for_all() {
    let mut limited = false;
    let mut honest = honest(vec![5; 50]);
    let service = move |now: Monotonic, request: &Request<Vec<u8>>| {
        if !limited {
            limited = true;
            let mut answer = status(429);
            answer.headers_mut().insert("retry-after", "7".parse().unwrap());
            return Some((10, Ok(answer)));
        }
        honest(now, request)
    };
    let options = WaitSetOptions {
        max_in_flight: 1,
        ..WaitSetOptions::default()
    };
    let driver = Driver::new(filled(options, 50), service).run();
    assert_eq!(driver.results.len(), 50);
    let quiet = driver.sent[1].0.since(driver.sent[0].0);
    assert!(quiet >= Duration::from_secs(7), "{quiet:?}");
}

#[test]
fn half_of_all_requests_rate_limited_loses_no_call() {
    let mut sent = 0;
    let mut honest = honest(vec![40; 100]);
    let service = move |now: Monotonic, request: &Request<Vec<u8>>| {
        sent += 1;
        if sent % 2 == 0 {
            let mut answer = status(429);
            answer.headers_mut().insert("retry-after", "1".parse().unwrap());
            return Some((10, Ok(answer)));
        }
        honest(now, request)
    };
    let driver = Driver::new(filled(WaitSetOptions::default(), 100), service).run();
    assert!(
        driver
            .results
            .values()
            .all(|(_, result)| result.as_deref() == Ok("completed"))
    );
}

#[test]
fn where_every_request_is_rate_limited_each_wait_ends_at_its_deadline() {
    for retry_after in [None, Some("0"), Some("7"), Some("3600")] {
        let options = WaitSetOptions {
            timeout: Duration::from_secs(100),
            ..WaitSetOptions::default()
        };
        let service = move |_: Monotonic, _: &Request<Vec<u8>>| {
            let mut answer = status(429);
            if let Some(seconds) = retry_after {
                answer.headers_mut().insert("retry-after", seconds.parse().unwrap());
            }
            Some((10, Ok(answer)))
        };
        let driver = Driver::new(filled(options, 40), service).run();
        assert_eq!(driver.results.len(), 40);
        for (when, result) in driver.results.values() {
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
    for retry_after in ["0", "5", "60"] {
        let mut honest = honest(vec![10; 100]);
        let service = move |now: Monotonic, request: &Request<Vec<u8>>| match request.uri().query() {
            Some(_) => {
                let mut answer = status(429);
                answer.headers_mut().insert("retry-after", retry_after.parse().unwrap());
                Some((10, Ok(answer)))
            }
            None => honest(now, request),
        };
        let driver = Driver::new(filled(WaitSetOptions::default(), 100), service).run();
        let mut results = driver.results.values();
        assert!(
            results.all(|(_, result)| result.as_deref() == Ok("completed")),
            "{retry_after} s"
        );
    }
}

#[test]
fn a_list_that_failed_is_tried_again_however_many_calls_are_due() {
    let mut honest = honest(vec![170; 1000]);
    let service = move |now: Monotonic, request: &Request<Vec<u8>>| match request.uri().query() {
        Some(_) if now.since_origin().as_secs() < 5 => Some((10, Ok(status(500)))),
        _ => honest(now, request),
    };
    let driver = Driver::new(filled(WaitSetOptions::default(), 1000), service).run();
    assert!(driver.lists() > 20, "{} lists", driver.lists());
}

#[test]
fn an_interval_of_nothing_is_ten_milliseconds() {
    let options = WaitSetOptions {
        interval: Duration::ZERO,
        max_per_second: 1000,
        timeout: Duration::from_secs(10),
        ..WaitSetOptions::default()
    };
    let driver = Driver::new(filled(options, 1), |_: Monotonic, _: &Request<Vec<u8>>| {
        Some((1, ok(r#"{"id":"c0","status":"queued"}"#.into())))
    })
    .run();
    let plan = options.plan(1);
    assert!(driver.sent.len() as u64 <= plan.requests, "{}", driver.sent.len());
}

#[test]
fn a_refusal_ends_its_own_call_only() {
    let mut honest = honest(vec![10; 3]);
    let service = move |now: Monotonic, request: &Request<Vec<u8>>| match request.uri().path() {
        "/v1/agent/calls/c1" => Some((1, Ok(status(403)))),
        "/v1/agent/calls" => Some((1, Ok(status(500)))),
        _ => honest(now, request),
    };
    let driver = Driver::new(filled(WaitSetOptions::default(), 3), service).run();
    let words: Vec<_> = driver.results.values().map(|(_, result)| result.as_deref()).collect();
    assert_eq!(words, [Ok("completed"), Err(&"error".to_owned()), Ok("completed")]);
}

#[test]
fn a_terminal_status_from_the_list_is_not_taken_back_by_the_record() {
    let service = |_: Monotonic, request: &Request<Vec<u8>>| {
        let body = match request.uri().query() {
            Some(_) => r#"{"calls":[{"id":"c0","status":"declined"}]}"#,
            None => r#"{"id":"c0","status":"in_progress"}"#,
        };
        Some((1, ok(body.into())))
    };
    let driver = Driver::new(filled(WaitSetOptions::default(), 2), service).run();
    assert_eq!(driver.results["c0"].1.as_deref(), Ok("declined"));
}

#[test]
fn where_the_service_says_nothing_every_call_times_out() {
    let options = WaitSetOptions {
        timeout: Duration::from_secs(30),
        ..WaitSetOptions::default()
    };
    let driver = Driver::new(filled(options, 40), |_: Monotonic, _: &Request<Vec<u8>>| None).run();
    assert!(
        driver
            .results
            .values()
            .all(|(_, result)| result == &Err("timeout".into()))
    );
    assert_eq!(driver.results.len(), 40);
}

#[test]
fn a_list_once_in_an_eternity_is_a_list_once() {
    let options = WaitSetOptions {
        list_interval: Duration::MAX,
        ..WaitSetOptions::default()
    };
    let driver = Driver::new(filled(options, 3), |_, request: &Request<Vec<u8>>| {
        let list = request.uri().query().is_some();
        let body = if list {
            r#"{"calls":[]}"#
        } else {
            r#"{"id":"?","status":"failed"}"#
        };
        Some((1, ok(body.into())))
    })
    .run();
    assert_eq!((driver.lists(), driver.results.len()), (1, 3));
}

#[test]
fn sets_with_other_calls_or_other_requests_out_are_not_equal() {
    let (one, two) = (
        filled(WaitSetOptions::default(), 1),
        filled(WaitSetOptions::default(), 2),
    );
    assert_ne!(one, two);
    let mut out = two.clone();
    assert_eq!(out, two);
    let _request = out.poll(Monotonic::ORIGIN);
    assert_ne!(out, two);
}

#[test]
fn a_call_that_left_has_no_result() {
    let mut set = filled(WaitSetOptions::default(), 3);
    assert!(set.remove("c1") && !set.remove("c1"));
    let driver = Driver::new(set, honest(vec![10; 3])).run();
    assert_eq!(driver.results.keys().collect::<Vec<_>>(), ["c0", "c2"]);
}

type Hostile = Option<(u64, u16, Option<u16>, String)>;

fn hostile() -> impl Strategy<Value = Hostile> {
    let body = prop_oneof![
        r#"\{"id":"c[0-9]","status":"(queued|in_progress|completed|failed|odd)"\}"#,
        r#"\{"calls":\[(\{"id":"c[0-9]","status":"(queued|completed|failed)"\},){0,4}\{"callId":"c[0-9]","status":"no_answer"\}\]\}"#,
        r#"\{"error":"(not_found|rate_limited|unauthorized)"\}"#,
        "\\PC{0,20}",
    ];
    let code = prop_oneof![6 => Just(200), 1 => Just(429), 1 => Just(503), 1 => 100_u16..600];
    proptest::option::weighted(0.9, (0_u64..20_000, code, proptest::option::of(0_u16..10), body))
}

/// Gives these answers in turn, again and again.
fn answering(answers: Vec<Hostile>) -> impl FnMut(Monotonic, &Request<Vec<u8>>) -> Option<Answer> + Clone {
    let mut answers = answers.into_iter().cycle();
    move |_, _| {
        let (after, code, retry_after, body) = answers.next()??;
        let mut response = Response::builder().status(code).body(body).unwrap();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert("retry-after", seconds.into());
        }
        Some((after, Ok(response)))
    }
}

proptest! {
    #[test]
    fn whatever_comes_each_call_has_one_result_within_the_plan(
        calls in 1_usize..10,
        answers in proptest::collection::vec(hostile(), 1..50),
        max_in_flight in 1_usize..5,
        max_per_second in 1_u32..50,
        list_from in prop_oneof![Just(2), Just(usize::MAX)],
    ) {
        let options = WaitSetOptions {
            timeout: Duration::from_secs(60),
            max_in_flight,
            max_per_second,
            list_from,
            ..WaitSetOptions::default()
        };
        let service = answering(answers);
        let driver = Driver::new(filled(options, calls), service).run();
        prop_assert_eq!(driver.results.len(), calls);
        prop_assert!(driver.most_out <= max_in_flight);
        let plan = options.plan(calls);
        prop_assert!(driver.sent.len() as u64 <= plan.requests, "{} of {plan:?}", driver.sent.len());
        prop_assert!(driver.lists() as u64 <= plan.lists);
        prop_assert!(driver.now.since_origin() <= plan.duration);
        let apart = Duration::from_secs(1) / max_per_second;
        prop_assert!(driver.sent.windows(2).all(|pair| pair[1].0.since(pair[0].0) >= apart));
    }

    #[test]
    fn a_set_that_is_written_down_and_restored_goes_on_as_if_its_requests_had_failed(
        calls in 1_usize..10,
        answers in proptest::collection::vec(hostile(), 1..50),
        max_in_flight in 1_usize..5,
        // A pace of whole milliseconds, as the moments of calls are.
        max_per_second in prop_oneof![Just(2_u32), Just(10), Just(50)],
        stop in 0_usize..100,
        origin in 100_u64..10_000,
    ) {
        let options = WaitSetOptions { timeout: Duration::from_secs(60), max_in_flight, max_per_second, ..WaitSetOptions::default() };
        let mut straight = Driver::new(filled(options, calls), answering(answers));
        for _ in 0..stop {
            if straight.step() {
                break;
            }
        }
        let text = serde_json::to_string(&straight.set.snapshot(straight.now)).unwrap();
        prop_assert!(!text.contains("bys_ak_"));
        let origin = Monotonic::new(Duration::from_secs(origin));
        let mut restored = Driver::new(
            WaitSet::restore(api(), serde_json::from_str(&text).unwrap(), origin).unwrap(),
            straight.service.clone(),
        );
        restored.now = origin;
        let out = std::mem::take(&mut straight.out).into_iter().map(|(_, slot, _)| slot);
        for slot in out.chain(std::mem::take(&mut straight.unanswered)) {
            straight.set.handle(straight.now, slot.reply(Err(TransportFailure::maybe_sent("reset"))));
        }
        let before = (straight.now, straight.sent.len(), straight.results.len());
        let (straight, restored) = (straight.run(), restored.run());
        let sent = |driver: &[(Monotonic, String)], origin| -> Vec<_> {
            driver.iter().map(|(at, uri)| (at.since(origin), uri.clone())).collect()
        };
        prop_assert_eq!(sent(&straight.sent[before.1..], before.0), sent(&restored.sent, origin));
        prop_assert_eq!(straight.results.len() - before.2, restored.results.len());
        for (id, (at, result)) in &restored.results {
            prop_assert_eq!(&straight.results[id].1, result);
            prop_assert_eq!(straight.results[id].0.since(before.0), at.since(origin));
        }
    }
}
