//! What the tests of the service share.
use crate::{
    Monotonic,
    sim::{Answer, Service},
};
use alloc::{format, string::String, vec::Vec};
use core::time::Duration;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

pub(super) const KEY: &str = "bys_ak_test";
pub(super) const CALLS: &str = "/v1/agent/calls";

pub(super) fn at(seconds: u64) -> Monotonic {
    Monotonic::new(Duration::from_secs(seconds))
}

pub(super) fn ask(service: &mut Service, now: Monotonic, key: &str, request: (&str, &str, &str)) -> Answer {
    let (method, uri, body) = request;
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("authorization", format!("Bearer {key}"))
        .body(body)
        .unwrap();
    service.handle(now, &request)
}

pub(super) fn response(answer: Answer) -> Response<Vec<u8>> {
    match answer {
        Answer::Response(response) => response,
        Answer::Lost => panic!("the answer is lost"),
    }
}

pub(super) fn json_of(answer: Answer) -> (u16, Value) {
    let response = response(answer);
    assert_eq!(response.headers()["content-type"], "application/json");
    (
        response.status().as_u16(),
        serde_json::from_slice(response.body()).unwrap(),
    )
}

pub(super) fn place(service: &mut Service, now: Monotonic, to: &str) -> Answer {
    let body = json!({"to": to, "objective": "Ask."});
    ask(service, now, KEY, ("POST", CALLS, &format!("{body}")))
}

/// Places a call that must be accepted, and returns its id.
pub(super) fn placed(service: &mut Service, now: Monotonic, to: &str) -> String {
    let (status, body) = json_of(place(service, now, to));
    assert_eq!((status, &body["status"]), (202, &json!("queued")), "{to}");
    body["callId"].as_str().unwrap().into()
}

/// The record at `now`, which must be readable.
pub(super) fn record(service: &mut Service, now: Monotonic, id: &str) -> Value {
    let (status, body) = json_of(ask(service, now, KEY, ("GET", &format!("{CALLS}/{id}"), "")));
    assert_eq!(status, StatusCode::OK.as_u16());
    body
}
