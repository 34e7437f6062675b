//! Answers from an intermediary between client and service.
use super::super::harness::KEY;
use super::{
    Check,
    fixture::{Fixture, LATER, NUMBER, OBJECTIVE, clean, contains, get, json_in, list, only, post},
};
use crate::{Fault, Target, dirt::AskedRetryAfter};
use http::{Request, Response};
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};

pub(super) const CHECKS: &[Check] = &[
    (Fault::ProxyBefore, proxy_answers_before_the_service_acts),
    (Fault::ProxyAfter, proxy_answers_after_the_service_acted),
    (Fault::RedirectBefore, redirect_comes_before_the_service_acts),
    (Fault::RedirectAfter, redirect_comes_after_the_service_acted),
    (Fault::CaptivePortal, captive_portal_answers_with_a_page),
    (Fault::RefusedAfter, refusal_comes_after_the_service_acted),
    (Fault::AnswerOfAnother, answer_is_that_to_another_request),
    (Fault::RefusalNamesCall, refusal_names_the_call),
    (Fault::EchoedSecrets, error_echoes_key_and_number),
    (Fault::DisguisedSecrets, page_has_key_and_number_in_a_disguise),
    (Fault::RateLimited, rate_limit_asks_for_the_parameters_seconds),
    (Fault::OddRetryAfter, odd_retry_after_asks_for_20_seconds),
    (Fault::PauseOnSuccess, record_asks_for_20_seconds),
    (Fault::HostileBody, error_has_many_small_members),
    (Fault::EmptySuccess, success_has_no_body),
];

/// The answers at each target of this fault, and whether the service acted: whether a POST placed its call.
fn answers(fault: Fault, parameter: u64) -> Vec<(Response<Vec<u8>>, Option<bool>)> {
    let answer = |target: &Target| {
        let mut fixture = Fixture::with_calls(1);
        let request = request(&fixture, *target);
        let answer = fixture.ask(LATER, &request, &only(fault, parameter));
        let acted = (*target == Target::Post).then(|| fixture.service.placed() == 2);
        // Without the fault the service answers as always, and acts.
        let usual = fixture.ask(LATER, &request, &clean());
        assert!(usual.status().is_success() && !usual.headers().contains_key("retry-after"));
        (answer, acted)
    };
    fault.targets().iter().map(answer).collect()
}

fn request(fixture: &Fixture, target: Target) -> Request<Vec<u8>> {
    match target {
        Target::Post => post(NUMBER, OBJECTIVE),
        Target::Get => get(&fixture.ids[0]),
        _ => list(),
    }
}

fn is_page(answer: &Response<Vec<u8>>) -> bool {
    answer.headers()["content-type"] == "text/html" && answer.body().starts_with(b"<html>")
}

#[track_caller]
fn expect_proxy(fault: Fault, acts: bool) {
    for (parameter, status) in [
        (400, Some(400)),
        (503, Some(503)),
        (599, Some(599)),
        (0, None),
        (7, None),
    ] {
        for (answer, acted) in answers(fault, parameter) {
            assert!(is_page(&answer));
            assert_ne!(acted, Some(!acts));
            let code = answer.status().as_u16();
            assert!(
                (400..600).contains(&code) && status.is_none_or(|status| status == code),
                "{code}"
            );
        }
    }
}

#[test]
fn proxy_answers_before_the_service_acts() {
    expect_proxy(Fault::ProxyBefore, false);
}

#[test]
fn proxy_answers_after_the_service_acted() {
    expect_proxy(Fault::ProxyAfter, true);
}

#[test]
fn proxy_replaces_refusals_as_well() {
    let refused = post("+19005550123", OBJECTIVE);
    let mut fixture = Fixture::with_calls(0);
    assert_eq!(fixture.ask(0, &refused, &clean()).status(), 400);
    let answer = fixture.ask(0, &refused, &only(Fault::ProxyAfter, 503));
    assert!(answer.status() == 503 && is_page(&answer));
}

#[test]
fn proxy_picks_many_statuses() {
    let status = |parameter| answers(Fault::ProxyBefore, parameter)[0].0.status().as_u16();
    let picked: BTreeSet<u16> = (0..14).map(status).collect();
    assert_eq!(picked.len(), 13);
}

#[track_caller]
fn expect_redirect(fault: Fault, acts: bool) {
    for (answer, acted) in answers(fault, 0) {
        assert_eq!(answer.status(), 301);
        assert_eq!(answer.headers()["location"], "https://moved.example.com/v1/agent/calls");
        assert_ne!(acted, Some(!acts));
    }
}

#[test]
fn redirect_comes_before_the_service_acts() {
    expect_redirect(Fault::RedirectBefore, false);
}

#[test]
fn redirect_comes_after_the_service_acted() {
    expect_redirect(Fault::RedirectAfter, true);
}

#[test]
fn captive_portal_answers_with_a_page() {
    for (answer, acted) in answers(Fault::CaptivePortal, 0) {
        assert!(answer.status() == 200 && is_page(&answer));
        assert_ne!(acted, Some(true));
    }
}

#[test]
fn refusal_comes_after_the_service_acted() {
    for (parameter, status) in [(0, 502), (1, 504), (2, 302)] {
        for (answer, acted) in answers(Fault::RefusedAfter, parameter) {
            assert_eq!((answer.status().as_u16(), acted), (status, Some(true)));
            assert_eq!(json_in(&answer), json!({"error": "placement_failed"}));
        }
    }
}

#[test]
fn answer_is_that_to_another_request() {
    let [(missing, acted)] = answers(Fault::AnswerOfAnother, 0).try_into().unwrap();
    assert_eq!((missing.status().as_u16(), acted), (404, Some(true)));
    assert_eq!(json_in(&missing), json!({"error": "not_found"}));
    let [(record, acted)] = answers(Fault::AnswerOfAnother, 1).try_into().unwrap();
    assert_eq!((record.status().as_u16(), acted), (200, Some(true)));
    let record = json_in(&record);
    assert!(record["id"].is_string() && record["status"] == "completed");
    assert!(record["to"] != NUMBER && record["objective"] != OBJECTIVE);
}

#[test]
fn refusal_names_the_call() {
    for (parameter, status) in [(0, 400), (1, 422), (2, 409)] {
        let mut fixture = Fixture::with_calls(1);
        let answer = fixture.place(
            LATER,
            &post(NUMBER, OBJECTIVE),
            &only(Fault::RefusalNamesCall, parameter),
        );
        assert_eq!(answer.status(), status);
        assert_eq!(json_in(&answer)["callId"], json!(fixture.ids[1]));
        assert_eq!(fixture.service.placed(), 2);
    }
}

/// The answer to each request, and the phone number that the request is about.
fn answers_with_numbers(fault: Fault) -> Vec<(Response<Vec<u8>>, &'static str)> {
    let own = |target: &Target| {
        if *target == Target::Post {
            NUMBER
        } else {
            "+14155560000"
        }
    };
    let numbers = fault.targets().iter().map(own);
    answers(fault, 0)
        .into_iter()
        .map(|(answer, acted)| {
            assert_ne!(acted, Some(true));
            answer
        })
        .zip(numbers)
        .collect()
}

#[test]
fn error_echoes_key_and_number() {
    for (answer, number) in answers_with_numbers(Fault::EchoedSecrets) {
        assert_eq!(answer.status(), 503);
        let error = json_in(&answer)["error"].as_str().unwrap().to_owned();
        assert!(error.contains(KEY) && error.contains(number), "{error}");
    }
}

#[test]
fn number_that_is_echoed_is_that_of_the_call() {
    let mut fixture = Fixture::with_calls(3);
    let error = |answer: &Response<Vec<u8>>| json_in(answer)["error"].as_str().unwrap().to_owned();
    let record = fixture.record(1, &only(Fault::EchoedSecrets, 0));
    assert!(error(&record).contains("+14155560001"));
    let list = fixture.list(&only(Fault::EchoedSecrets, 0));
    assert!(error(&list).contains("+14155560002"), "of the most recent call");
}

#[test]
fn page_has_key_and_number_in_a_disguise() {
    for (answer, number) in answers_with_numbers(Fault::DisguisedSecrets) {
        assert_eq!(answer.headers()["content-type"], "text/html");
        let page = answer.body();
        assert!(!contains(page, KEY.as_bytes()) && !contains(page, number.as_bytes()));
        for disguise in ["bys%5Fak%5Ftest", "bys&#95;ak&#95;test", "bys\\u005fak\\u005ftest"] {
            assert!(contains(page, disguise.as_bytes()), "{disguise}");
        }
        let digits: String = number.chars().flat_map(|digit| [digit, '_']).collect();
        assert!(contains(page, digits.as_bytes()));
    }
}

#[track_caller]
fn expect_pause(answer: &Response<Vec<u8>>, text: &str, seconds: u64) {
    assert_eq!(answer.headers()["retry-after"], text);
    let asked = answer.extensions().get::<AskedRetryAfter>().unwrap();
    assert_eq!(asked.0, Duration::from_secs(seconds));
}

#[test]
fn rate_limit_asks_for_the_parameters_seconds() {
    for (parameter, text, seconds) in [(0, "0", 0), (5, "5", 5), (7, "1", 1)] {
        for (answer, acted) in answers(Fault::RateLimited, parameter) {
            assert_eq!(answer.status(), 429);
            assert_ne!(acted, Some(true));
            expect_pause(&answer, text, seconds);
        }
    }
}

#[test]
fn odd_retry_after_asks_for_20_seconds() {
    // A fraction, a doubled value, a unit, a sign, and a date as it was written long ago: 2000 seconds into 2026.
    let forms = ["20.5", "20, 20", "20s", "+20", "Thursday, 01-Jan-26 00:33:40 GMT"];
    for (parameter, text) in (0..).zip(forms) {
        for (answer, acted) in answers(Fault::OddRetryAfter, parameter) {
            assert_eq!(answer.status(), 429);
            assert_ne!(acted, Some(true));
            expect_pause(&answer, text, 20);
            assert_eq!(answer.headers()["date"], "Thu, 01 Jan 2026 00:33:20 GMT");
        }
    }
}

#[test]
fn record_asks_for_20_seconds() {
    for (answer, _) in answers(Fault::PauseOnSuccess, 0) {
        assert_eq!(
            (answer.status().as_u16(), &json_in(&answer)["objective"]),
            (200, &json!("Call 0."))
        );
        expect_pause(&answer, "20", 20);
    }
}

#[test]
fn error_has_many_small_members() {
    for (answer, acted) in answers(Fault::HostileBody, 0) {
        assert_eq!(answer.status(), 503);
        assert_ne!(acted, Some(true));
        assert_eq!(answer.body().len() / 1024, 128);
        let error = json_in(&answer)["error"].take();
        assert!(error.as_array().unwrap().len() > 18_000);
    }
}

#[test]
fn success_has_no_body() {
    for (answer, _) in answers(Fault::EmptySuccess, 0) {
        assert!(answer.status().is_success() && answer.body().is_empty());
    }
}
