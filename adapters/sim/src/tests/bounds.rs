//! Bounds: any requests, for any time.
use super::harness::{CALLS, KEY, ask, at, json_of, place, placed, record};
use crate::{Answer, Service, ServiceOptions};
use http::{Method, Request};
use proptest::prelude::*;
use serde_json::json;

fn small(max_calls: usize) -> Service {
    let options = ServiceOptions {
        max_calls,
        ..ServiceOptions::default()
    };
    Service::with_options(7, options)
}

#[test]
fn calls_that_ended_first_are_forgotten() {
    let mut service = small(2);
    let long = placed(&mut service, at(0), "+14155550105");
    let short = placed(&mut service, at(1), "+14155550101");
    let next = placed(&mut service, at(20), "+14155550101");
    assert_eq!(service.calls().count(), 2);
    record(&mut service, at(20), &long);
    record(&mut service, at(20), &next);
    let (status, _) = json_of(ask(&mut service, at(20), KEY, ("GET", &format!("{CALLS}/{short}"), "")));
    assert_eq!(status, 404);
    let (_, list) = json_of(ask(&mut service, at(20), KEY, ("GET", CALLS, "")));
    assert_eq!(list["calls"].as_array().unwrap().len(), 2);
}

#[test]
fn full_service_refuses_a_call_while_none_has_ended() {
    let mut service = small(0);
    placed(&mut service, at(0), "+14155550106");
    let refused = json_of(place(&mut service, at(1_000_000), "+14155550123"));
    assert_eq!(refused, (429, json!({"error": "over_minute_cap"})));
}

#[test]
fn service_clock_never_goes_backwards() {
    let mut service = Service::new(7);
    let id = placed(&mut service, at(0), "+14155550101");
    assert_eq!(record(&mut service, at(20), &id)["status"], "no_answer");
    assert_eq!(record(&mut service, at(1), &id)["status"], "no_answer");
}

proptest! {
    #[test]
    fn service_answers_any_request_with_json(
        method in "[A-Z]{1,8}|GET|POST",
        path in "/[!-~]{0,20}|/v1/agent/calls[/?]?[!-~]{0,40}",
        authorization in "[ -~]{0,20}|Bearer bys_ak_[a-z]",
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let Ok(request) = Request::builder().method(method).uri(path).header("authorization", authorization).body(body)
        else {
            return Ok(());
        };
        let Answer::Response(response) = Service::new(7).handle(at(0), &request) else {
            return Err(TestCaseError::fail("the answer is lost"));
        };
        prop_assert!(serde_json::from_slice::<serde_json::Value>(response.body()).is_ok());
    }

    #[test]
    fn service_keeps_no_more_calls_than_allowed_of_any_orders(
        orders in proptest::collection::vec(("\\+141555501[0-9]{2}|\\+1900555|.{0,5}", ".{0,8}", 0_u64..9), 0..40),
    ) {
        let options = ServiceOptions { max_calls: 5, count_placements: true, ..ServiceOptions::default() };
        let mut service = Service::with_options(7, options);
        let mut now = 0;
        let mut accepted: Vec<(String, String)> = Vec::new();
        for (to, objective, pause) in orders {
            now += pause;
            let body = json!({"to": to, "objective": objective});
            let answer = ask(&mut service, at(now), KEY, ("POST", CALLS, &format!("{body}")));
            if matches!(&answer, Answer::Response(response) if response.status() != 202) {
                continue;
            }
            accepted.push((to, objective));
            prop_assert!(service.calls().count() <= 5);
        }
        for (to, objective) in &accepted {
            let times = accepted.iter().filter(|other| (&other.0, &other.1) == (to, objective)).count();
            prop_assert_eq!(usize::try_from(service.placements(to, objective).calls).unwrap(), times);
        }
    }
}
