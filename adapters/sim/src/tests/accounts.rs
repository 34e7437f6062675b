//! Which account sees which calls.
use super::harness::{CALLS, KEY, ask, at, json_of, placed, record};
use crate::Service;
use serde_json::json;

#[test]
fn call_is_seen_only_with_the_key_that_placed_it() {
    let mut service = Service::new(7);
    let id = placed(&mut service, at(0), "+14155550123");
    assert_eq!(record(&mut service, at(1), &id)["id"], json!(id));
    let get = format!("{CALLS}/{id}");
    let stranger = json_of(ask(&mut service, at(1), "bys_ak_other", ("GET", &get, "")));
    assert_eq!(stranger, (404, json!({"error": "not_found"})));
    let (_, list) = json_of(ask(&mut service, at(1), "bys_ak_other", ("GET", CALLS, "")));
    assert_eq!(list, json!({"calls": []}));
    let (_, list) = json_of(ask(&mut service, at(1), KEY, ("GET", CALLS, "")));
    assert_eq!(list["calls"].as_array().map(std::vec::Vec::len), Some(1));
}

#[test]
fn debug_output_has_no_key_and_no_phone_number() {
    let mut service = Service::new(7);
    placed(&mut service, at(0), "+14155550123");
    let answer = ask(&mut service, at(1), KEY, ("GET", CALLS, ""));
    let calls: std::vec::Vec<_> = service.calls().collect();
    let debug = format!("{service:?} {calls:?} {answer:?}");
    assert!(!debug.contains(KEY) && !debug.contains("5550123"), "{debug}");
}
