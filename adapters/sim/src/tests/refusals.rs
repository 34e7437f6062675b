//! Every refusal, with its status and token.
use super::harness::{CALLS, KEY, ask, at, json_of, response};
use crate::Service;
use serde_json::json;

fn refusal(key: &str, request: (&str, &str, &str)) -> (u16, serde_json::Value) {
    json_of(ask(&mut Service::new(7), at(0), key, request))
}

#[test]
fn every_invalid_order_has_its_token() {
    for (body, status, token) in [
        (r#"{"objective": "Ask."}"#, 400, "to_required"),
        (r#"{"to": "+14155550123"}"#, 400, "objective_required"),
        (r#"{"to": "555", "objective": "Ask."}"#, 400, "invalid_number"),
        (
            r#"{"to": "+19005550123", "objective": "Ask."}"#,
            400,
            "destination_blocked",
        ),
        (
            r#"{"to": "+14155550123", "objective": "Ask.", "callerId": "+14155550199"}"#,
            400,
            "caller_id_not_owned",
        ),
        ("{", 400, "invalid_request"),
        ("", 400, "invalid_request"),
    ] {
        assert_eq!(
            refusal(KEY, ("POST", CALLS, body)),
            (status, json!({"error": token})),
            "{body}"
        );
    }
}

#[test]
fn invalid_key_is_answered_unauthorized_for_any_request() {
    for key in ["", "sk_live_1", "bys_ak_revoked"] {
        for request in [
            ("POST", CALLS, "{}"),
            ("GET", CALLS, ""),
            ("DELETE", CALLS, ""),
            ("GET", "/v1/agent/calls/x", ""),
        ] {
            assert_eq!(
                refusal(key, request),
                (401, json!({"error": "unauthorized"})),
                "{request:?}"
            );
        }
    }
}

#[test]
fn unknown_path_and_unknown_call_are_not_found() {
    for path in ["/", "/v1/agent/call", "/v1/agent/calls/x", "/v1/agent/calls/a/b"] {
        assert_eq!(
            refusal(KEY, ("GET", path, "")),
            (404, json!({"error": "not_found"})),
            "{path}"
        );
    }
}

#[test]
fn wrong_method_is_answered_with_the_allowed_ones() {
    let answer = ask(&mut Service::new(7), at(0), KEY, ("DELETE", CALLS, ""));
    let response = response(answer);
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET, POST");
}

#[test]
fn body_that_is_too_long_is_refused() {
    let body = std::format!("{}{{", " ".repeat(64 * 1024));
    assert_eq!(
        refusal(KEY, ("POST", CALLS, &body)),
        (413, json!({"error": "invalid_request"}))
    );
}
