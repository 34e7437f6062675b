//! Properties of the parsers of answers.
use byourside_proto::{Call, CallId, GetCall, ListCalls, Operation, api::ApiError};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;

/// The most bytes that an error shows: an excerpt of the answer, a code, and our own words.
const MAX_SHOWN: usize = 2048;

/// Any bytes parse to a record or a typed error, and a record keeps every member.
pub(crate) fn record(data: &[u8]) {
    match get().parse(StatusCode::OK, &HeaderMap::new(), data) {
        Ok(call) => {
            round_trips(&call, data);
            look_at(&call);
        }
        Err(error) => {
            check_error(&error);
            assert!(!matches!(serde_json::from_slice(data), Ok(Value::Object(_))));
        }
    }
}

/// Any bytes parse to a list or a typed error.
pub(crate) fn list(data: &[u8]) {
    match ListCalls::default().parse(StatusCode::OK, &HeaderMap::new(), data) {
        Ok(calls) => calls.iter().for_each(look_at),
        Err(error) => check_error(&error),
    }
}

/// Any status with any body parses to an answer or a typed error. The first two bytes are the status.
pub(crate) fn error_body(data: &[u8]) {
    let Some((status, body)) = data.split_first_chunk::<2>() else {
        return;
    };
    let Ok(status) = StatusCode::from_u16(100 + u16::from_le_bytes(*status) % 900) else {
        return;
    };
    if let Err(error) = get().parse(status, &HeaderMap::new(), body) {
        check_error(&error);
        assert_eq!(error.status(), status.as_u16());
    }
}

/// Any value of `Retry-After`, with or without any `Date`, separated by a line feed.
pub(crate) fn retry_after(data: &[u8]) {
    let mut headers = HeaderMap::new();
    let mut lines = data.splitn(2, |byte| *byte == b'\n');
    for name in [header::RETRY_AFTER, header::DATE] {
        if let Some(Ok(value)) = lines.next().map(HeaderValue::from_bytes) {
            headers.insert(name, value);
        }
    }
    let answer = get().parse(StatusCode::TOO_MANY_REQUESTS, &headers, b"");
    let Err(error) = answer else {
        panic!("a 429 is no answer")
    };
    let plain = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    if let Some(seconds) = plain.and_then(|text| text.trim().parse::<u64>().ok())
        && plain.is_some_and(|text| !text.contains('+'))
    {
        assert_eq!(error.retry_after().map(|wait| wait.as_secs()), Some(seconds));
    }
    check_error(&error);
}

fn get() -> GetCall {
    match CallId::new("c1") {
        Ok(id) => GetCall(id),
        Err(error) => panic!("{error}"),
    }
}

fn round_trips(call: &Call, data: &[u8]) {
    let (Ok(came), Ok(kept)) = (serde_json::from_slice::<Value>(data), serde_json::to_value(call)) else {
        panic!("a record is JSON");
    };
    assert_eq!(came, kept);
}

fn look_at(call: &Call) {
    if let Some(status) = call.status() {
        assert_eq!(call.raw()["status"], status.as_str());
    }
    let _ = (call.id(), call.summary(), call.extracted_as::<Value>());
    check_shown(&format!("{call:?}"), usize::MAX);
}

fn check_error(error: &ApiError) {
    for shown in [format!("{error:?}"), error.to_string()] {
        check_shown(&shown, MAX_SHOWN);
    }
    assert!(error.code().len() <= 256 && error.excerpt().len() <= 1024);
}

/// Checks that a text has no key, and no control character that could forge a log line.
fn check_shown(shown: &str, max: usize) {
    assert!(shown.len() <= max, "{} bytes are shown", shown.len());
    assert!(!shown.contains("bys_ak_"), "{shown}");
    assert!(!shown.contains(['\n', '\r', '\x1b']), "{shown}");
}
