//! Answers from an intermediary between client and service: a proxy, a gateway, a captive portal.
use super::{ActiveFaults, Fault};
use crate::{
    Service,
    refusal::{Refusal, json},
};
use byourside_proto::Monotonic;
use http::{HeaderValue, Request, Response, StatusCode, header};
use std::time::Duration;

/// The statuses a proxy answers with if the fault's parameter is not a status.
const STATUSES: [u16; 14] = [401, 403, 404, 404, 407, 408, 409, 413, 425, 429, 500, 502, 503, 504];

/// The length of a hostile body, in bytes.
const HOSTILE_BODY_LEN: usize = 128 * 1024;

/// The intermediary's answer to a request that never reaches the service, if a fault asks for that.
pub(super) fn before(
    service: &Service,
    now: Monotonic,
    request: &Request<Vec<u8>>,
    active: &ActiveFaults,
) -> Option<Response<Vec<u8>>> {
    if let Some(parameter) = active.get(Fault::ProxyBefore) {
        return Some(page(status(parameter)));
    }
    if active.has(Fault::RedirectBefore) {
        return Some(redirect());
    }
    if active.has(Fault::CaptivePortal) {
        return Some(page(StatusCode::OK));
    }
    if active.has(Fault::EchoedSecrets) {
        return Some(echoed(&secrets(service, request)));
    }
    if active.has(Fault::DisguisedSecrets) {
        return Some(disguised(&secrets(service, request)));
    }
    if active.has(Fault::HostileBody) {
        let members = r#"{"":0},"#.repeat(HOSTILE_BODY_LEN / 7);
        let body = format!(r#"{{"error":[{members}0]}}"#);
        return Some(json(StatusCode::SERVICE_UNAVAILABLE, body.into_bytes()));
    }
    if active.has(Fault::EmptySuccess) {
        return Some(Response::new(Vec::new()));
    }
    if let Some(parameter) = active.get(Fault::OddRetryAfter) {
        return Some(odd_retry_after(service, now, parameter));
    }
    let seconds = active.within(Fault::RateLimited, 0, 5)?;
    Some(rate_limited(HeaderValue::from(seconds), Duration::from_secs(seconds)))
}

/// The intermediary's answer in place of any answer of the service, refusals included, if a fault asks for that.
pub(super) fn instead(active: &ActiveFaults) -> Option<Response<Vec<u8>>> {
    if let Some(parameter) = active.get(Fault::ProxyAfter) {
        return Some(page(status(parameter)));
    }
    active.has(Fault::RedirectAfter).then(redirect)
}

/// The intermediary's answer in place of the service's answer to a POST that placed a call, if a fault asks for that.
/// `id` is the id of the call.
pub(super) fn after(id: Option<&str>, active: &ActiveFaults) -> Option<Response<Vec<u8>>> {
    if let Some(parameter) = active.get(Fault::RefusedAfter) {
        let status = pick(
            parameter,
            [StatusCode::BAD_GATEWAY, StatusCode::GATEWAY_TIMEOUT, StatusCode::FOUND],
        );
        return Some(json(status, br#"{"error":"placement_failed"}"#.to_vec()));
    }
    if let Some(parameter) = active.get(Fault::AnswerOfAnother) {
        let foreign = r#"{"id":"0c0c0c0c-0000-4000-8000-00000000000c","status":"completed","to":"+14155569998","objective":"Other."}"#;
        return Some(match parameter % 2 {
            0 => Refusal::NotFound.response(),
            _ => json(StatusCode::OK, foreign.into()),
        });
    }
    if let (Some(parameter), Some(id)) = (active.get(Fault::RefusalNamesCall), id) {
        let status = pick(
            parameter,
            [
                StatusCode::BAD_REQUEST,
                StatusCode::UNPROCESSABLE_ENTITY,
                StatusCode::CONFLICT,
            ],
        );
        return Some(json(
            status,
            format!(r#"{{"error":"already_placed","callId":"{id}"}}"#).into_bytes(),
        ));
    }
    None
}

/// The delay that an answer's `Retry-After` asks for, for the checks. It travels in the answer's extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedRetryAfter(pub(crate) Duration);

fn odd_retry_after(service: &Service, now: Monotonic, parameter: u64) -> Response<Vec<u8>> {
    let asked = Duration::from_secs(20);
    let date = service.wall().rfc850(now.after(asked));
    let text = pick(parameter, ["20.5", "20, 20", "20s", "+20", &date]);
    let value = HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("20.5"));
    let mut response = rate_limited(value, asked);
    // A date in `Retry-After` counts from the `Date` header.
    if let Ok(date) = HeaderValue::from_str(&service.wall().http(now)) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

fn rate_limited(value: HeaderValue, asked: Duration) -> Response<Vec<u8>> {
    let mut response = Refusal::RateLimited.response();
    response.headers_mut().insert(header::RETRY_AFTER, value);
    response.extensions_mut().insert(AskedRetryAfter(asked));
    response
}

fn status(parameter: u64) -> StatusCode {
    let named = u16::try_from(parameter)
        .ok()
        .filter(|status| (400..600).contains(status));
    let status = named.unwrap_or_else(|| pick(parameter, STATUSES));
    StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY)
}

fn pick<T: Copy, const N: usize>(parameter: u64, from: [T; N]) -> T {
    from[usize::try_from(parameter).unwrap_or(0) % N]
}

fn page(status: StatusCode) -> Response<Vec<u8>> {
    html(status, format!("<html><body><h1>{status}</h1></body></html>"))
}

fn html(status: StatusCode, text: String) -> Response<Vec<u8>> {
    let mut response = Response::new(text.into_bytes());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

fn redirect() -> Response<Vec<u8>> {
    let mut response = page(StatusCode::MOVED_PERMANENTLY);
    response.headers_mut().insert(
        header::LOCATION,
        HeaderValue::from_static("https://moved.example.com/v1/agent/calls"),
    );
    response
}

/// The key of a request, and the number of the call that it is about.
fn secrets(service: &Service, request: &Request<Vec<u8>>) -> (String, String) {
    let key = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let number = body["to"].as_str().map(str::to_owned);
    let number = number.or_else(|| service.number_for_request(request));
    (
        key.unwrap_or_default().replace("Bearer ", ""),
        number.unwrap_or_else(|| "+14155560000".to_owned()),
    )
}

fn echoed((key, number): &(String, String)) -> Response<Vec<u8>> {
    let body = format!(r#"{{"error":"bad Bearer {key} for {number}"}}"#);
    let mut response = json(StatusCode::SERVICE_UNAVAILABLE, body.into_bytes());
    if let Ok(value) = HeaderValue::from_str(key) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

fn disguised((key, number): &(String, String)) -> Response<Vec<u8>> {
    let digits: String = number.chars().flat_map(|digit| [digit, '_']).collect();
    let text = format!(
        "<p>{} {} {} {digits}</p>",
        key.replace('_', "%5F"),
        key.replace('_', "&#95;"),
        key.replace('_', "\\u005f"),
    );
    html(StatusCode::BAD_GATEWAY, text)
}
