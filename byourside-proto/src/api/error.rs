//! The error of an answer.
use super::{messages, retry_after::retry_after};
use crate::types::redact;
use alloc::{borrow::ToOwned, boxed::Box, string::String, vec::Vec};
use core::{fmt, time::Duration};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

/// The longest request id that is returned, in bytes.
const MAX_REQUEST_ID: usize = 128;

/// The error of an answer: the service refused the request, or the answer could not be parsed.
///
/// The answer may also come from a proxy before the service, so its body can be anything. `Display` of a refusal is the
/// official clients' message for the error token. An `ApiError` serialises without the answer's headers, except for
/// those that its methods read.
///
/// ```
/// use byourside_proto::{ListCalls, Operation, api::ApiErrorKind};
/// use http::{HeaderMap, HeaderValue, StatusCode, header};
///
/// let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static("2"))]);
/// let body = br#"{"error": "rate_limited"}"#;
/// let error = ListCalls::default().parse(StatusCode::TOO_MANY_REQUESTS, &headers, body).unwrap_err();
///
/// assert_eq!(error.kind(), ApiErrorKind::Refused);
/// assert_eq!((error.code(), error.status()), ("rate_limited", 429));
/// assert_eq!(error.retry_after().map(|delay| delay.as_secs()), Some(2));
/// assert!(error.is_transient());
/// assert_eq!(error.to_string(), "Rate limit reached. Try again shortly.");
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct ApiError(Box<Inner>);

#[derive(Clone, PartialEq)]
struct Inner {
    kind: ApiErrorKind,
    code: String,
    /// Whether the body named the code, as a string.
    named: bool,
    status: u16,
    headers: HeaderMap,
    excerpt: String,
}

/// The two kinds of [`ApiError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ApiErrorKind {
    /// The status is not 2xx: the service, or a proxy before it, refused the request.
    Refused,
    /// The status is 2xx, but the body is not the expected JSON.
    Unreadable,
}

impl ApiError {
    /// Whether the request was refused or the answer could not be parsed.
    #[must_use]
    pub fn kind(&self) -> ApiErrorKind {
        self.0.kind
    }

    /// The error token that the body names, known or not, cut to 256 bytes; `error` if the body names none.
    ///
    /// The service documents `destination_blocked`, `invalid_number`, `to_required`, `objective_required`,
    /// `caller_id_not_owned`, `rate_limited`, `over_minute_cap`, `unauthorized`, `not_found`, `placement_failed` and
    /// `store_error`. Source: the vendor's SDK page, and the official Python client.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The HTTP status of the answer, e.g. 404.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The `Retry-After` delay, in whole seconds.
    ///
    /// The header may be a number of seconds or an HTTP date; the delay until a date counts from the answer's `Date`.
    /// The vendor does not document the header.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.0.headers)
    }

    /// The id of the request, for a question to the vendor's support, from the header `x-request-id` or `request-id`.
    /// `None` if it is over 128 bytes. The vendor documents neither header.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        ["x-request-id", "request-id"]
            .iter()
            .find_map(|name| self.0.headers.get(*name))
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .filter(|id| id.len() <= MAX_REQUEST_ID)
    }

    /// The headers of the answer. `Debug` and `Display` do not show them, since they may hold secrets such as cookies.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The first 200 bytes of the body on one line, with `[redacted]` and `#` for what looks like a key or a phone
    /// number.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        &self.0.excerpt
    }

    /// Whether the error is transient, so that the same request may succeed later: 429, any status outside 400..=499,
    /// and 408, 425 and 499 without an error token.
    ///
    /// This says nothing about whether a call was placed: use a [`Placer`](crate::machine::place::Placer) for that.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.0.status {
            429 => true,
            // From a proxy: the service would name an error token.
            408 | 425 | 499 => !self.0.named,
            status => !(400..500).contains(&status),
        }
    }

    /// Whether the body names an error token that the service documents: then the error is from the service, not a
    /// proxy.
    pub(crate) fn is_documented(&self) -> bool {
        self.0.named && messages::is_documented(self.code())
    }

    /// An answer that is 2xx and could not be parsed.
    pub(crate) fn unreadable(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        Self::new(ApiErrorKind::Unreadable, ("error".into(), false), status, headers, body)
    }

    /// `named` says whether the body names the code, as a string.
    pub(super) fn refused((code, named): (String, bool), status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        Self::new(ApiErrorKind::Refused, (code, named), status, headers, body)
    }

    fn new(
        kind: ApiErrorKind,
        (code, named): (String, bool),
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Self {
        Self(Box::new(Inner {
            kind,
            code,
            named,
            status: status.as_u16(),
            headers: headers.clone(),
            excerpt: redact(body),
        }))
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("kind", &self.0.kind)
            .field("code", &redact(self.code().as_bytes()))
            .field("status", &self.0.status)
            .field("retry_after", &self.retry_after())
            .field("excerpt", &self.0.excerpt)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind {
            ApiErrorKind::Refused => f.write_str(&messages::message(self.code(), self.status())),
            ApiErrorKind::Unreadable => write!(
                f,
                "The answer (status {}) is not the expected JSON: `{}`. Check the base URL.",
                self.0.status, self.0.excerpt
            ),
        }
    }
}

impl core::error::Error for ApiError {}

/// The headers that are serialised: those that the methods read. Any other may hold a secret.
const KEPT: [&str; 4] = ["retry-after", "date", "x-request-id", "request-id"];

/// The serialised form.
#[derive(Serialize, Deserialize)]
struct Stored {
    kind: ApiErrorKind,
    code: String,
    named: bool,
    status: u16,
    headers: Vec<(String, String)>,
    excerpt: String,
}

impl From<ApiError> for Stored {
    fn from(error: ApiError) -> Self {
        let text = |name: &str| Some((name.to_owned(), error.0.headers.get(name)?.to_str().ok()?.to_owned()));
        Self {
            kind: error.0.kind,
            headers: KEPT.iter().filter_map(|name| text(name)).collect(),
            code: error.0.code,
            named: error.0.named,
            status: error.0.status,
            excerpt: error.0.excerpt,
        }
    }
}

impl From<Stored> for ApiError {
    fn from(stored: Stored) -> Self {
        let header = |(name, value): &(String, String)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value).ok()?))
        };
        Self(Box::new(Inner {
            kind: stored.kind,
            code: stored.code,
            named: stored.named,
            status: stored.status,
            headers: stored.headers.iter().filter_map(header).collect::<HeaderMap>(),
            excerpt: stored.excerpt,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ListCalls, Operation};
    use alloc::string::ToString;

    fn error(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> ApiError {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let headers = headers.iter().map(header).collect();
        let status = StatusCode::from_u16(status).unwrap();
        ListCalls::default()
            .parse(status, &headers, body.as_bytes())
            .unwrap_err()
    }

    #[test]
    fn api_error_of_a_proxy_has_no_token_and_an_excerpt() {
        let error = error(502, &[("x-request-id", "r-1")], "<h1>Bad\nGateway</h1>");
        assert_eq!(
            (error.kind(), error.code(), error.status()),
            (ApiErrorKind::Refused, "error", 502)
        );
        assert_eq!(
            (error.request_id(), error.excerpt()),
            (Some("r-1"), "<h1>Bad Gateway</h1>")
        );
        assert_eq!((error.headers().len(), error.retry_after()), (1, None));
        assert_eq!(error.to_string(), "Temporary service error. Please retry shortly.");
    }

    #[test]
    fn api_error_that_is_unreadable_shows_what_came() {
        let error = error(200, &[], "<html>");
        assert_eq!(
            (error.kind(), error.code(), error.status()),
            (ApiErrorKind::Unreadable, "error", 200)
        );
        assert_eq!(
            error.to_string(),
            "The answer (status 200) is not the expected JSON: `<html>`. Check the base URL."
        );
    }

    #[test]
    fn api_error_is_transient_by_its_status_and_token() {
        for (status, without_token, with_token) in [
            (200, true, true),
            (301, true, true),
            (400, false, false),
            (401, false, false),
            (408, true, false),
            (425, true, false),
            (429, true, true),
            (499, true, false),
            (500, true, true),
            (503, true, true),
        ] {
            assert_eq!(error(status, &[], "").is_transient(), without_token, "{status}");
            assert_eq!(
                error(status, &[], r#"{"error":"x"}"#).is_transient(),
                with_token,
                "{status}"
            );
        }
    }

    #[test]
    fn api_error_is_stored_without_its_cookies() {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", HeaderValue::from_static("2"));
        headers.insert("set-cookie", HeaderValue::from_static("session=1"));
        let refused =
            ListCalls::default().parse(StatusCode::TOO_MANY_REQUESTS, &headers, br#"{"error":"rate_limited"}"#);
        let error = refused.unwrap_err();
        let text = serde_json::to_string(&error).unwrap();
        assert!(!text.contains("session"));
        let again: ApiError = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (again.code(), again.status(), again.retry_after()),
            (error.code(), error.status(), error.retry_after())
        );
    }
}
