//! Answers that a fault puts in place of the service's answer.
use crate::{clock::WallClock, random, refusal::Refusal};
use byourside_proto::Monotonic;
use http::{HeaderValue, Response, StatusCode, header};
use std::time::Duration;

/// A server error: 503 `store_error`, or 500 without a body.
pub(crate) fn error(seed: &mut u64) -> Response<Vec<u8>> {
    if random::below(seed, 2) == 0 {
        return Refusal::StoreError.response();
    }
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// A proxy's HTML page, with an error status or with 200.
pub(crate) fn page(seed: &mut u64) -> Response<Vec<u8>> {
    let status = match random::below(seed, 5) {
        0 => StatusCode::OK,
        1 => StatusCode::REQUEST_TIMEOUT,
        2 => StatusCode::BAD_GATEWAY,
        3 => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::GATEWAY_TIMEOUT,
    };
    let mut response = Response::new(format!("<html><body><h1>{status}</h1></body></html>").into_bytes());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// 429 `rate_limited` with a `Retry-After`, in seconds or as a date. A date comes with the `Date` header that it counts
/// from.
pub(crate) fn rate_limited(seed: &mut u64, max: Duration, wall: WallClock, now: Monotonic) -> Response<Vec<u8>> {
    let asked = random::below(seed, max.as_secs().max(1)) + 1;
    let mut response = Refusal::RateLimited.response();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    if random::below(seed, 2) == 0 {
        set(header::RETRY_AFTER, &asked.to_string());
    } else {
        set(header::RETRY_AFTER, &wall.http(now.after(Duration::from_secs(asked))));
        set(header::DATE, &wall.http(now));
    }
    response
}

/// The answer with its body cut at a random place.
pub(crate) fn cut(seed: &mut u64, mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    let length = u64::try_from(response.body().len()).unwrap_or(u64::MAX);
    let kept = usize::try_from(random::below(seed, length)).unwrap_or(0);
    response.body_mut().truncate(kept);
    response
}
