//! What went wrong with an answer: the API refused, or the answer could not be understood.
use super::{messages, retry_after::retry_after};
use crate::types::redact;
use alloc::{borrow::ToOwned, boxed::Box, string::String, vec::Vec};
use core::{fmt, time::Duration};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

/// The longest request id kept, in bytes.
const MAX_REQUEST_ID: usize = 128;

/// The service, or something before it, refused, or its answer could not be understood.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct ApiError(Box<Inner>);

#[derive(Clone, PartialEq)]
struct Inner {
    kind: ApiErrorKind,
    code: String,
    /// Whether the body itself named the code, as a string.
    named: bool,
    status: u16,
    headers: HeaderMap,
    excerpt: String,
}

/// Which of the two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ApiErrorKind {
    /// Any status but 2xx.
    Refused,
    /// A 2xx whose body is not the answer.
    Unreadable,
}

impl ApiError {
    /// Which of the two it is.
    ///
    /// ```
    /// # use {byourside_proto::{CallId, GetCall, Operation, api::ApiErrorKind}, http::{HeaderMap, StatusCode}};
    /// let get = GetCall(CallId::new("c1")?);
    /// let error = get.parse(StatusCode::OK, &HeaderMap::new(), b"<html>").unwrap_err();
    /// assert_eq!(error.kind(), ApiErrorKind::Unreadable);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn kind(&self) -> ApiErrorKind {
        self.0.kind
    }

    /// The service's token as it came (256 bytes of it at most), known or not; `error` where the body names none.
    ///
    /// ```
    /// # use {byourside_proto::{CallId, GetCall, Operation}, http::{HeaderMap, StatusCode}};
    /// let get = GetCall(CallId::new("c1")?);
    /// let error = get.parse(StatusCode::NOT_FOUND, &HeaderMap::new(), br#"{"error":"not_found"}"#).unwrap_err();
    /// assert_eq!(error.code(), "not_found");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The HTTP status.
    ///
    /// ```
    /// # use {byourside_proto::{CallId, GetCall, Operation}, http::{HeaderMap, StatusCode}};
    /// let get = GetCall(CallId::new("c1")?);
    /// let error = get.parse(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"").unwrap_err();
    /// assert_eq!((error.code(), error.status()), ("error", 502));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// How long the answer asks to be left alone: `Retry-After` in seconds or as a date, the latter measured against
    /// the answer's `Date`.
    ///
    /// ```
    /// # use {byourside_proto::{ListCalls, Operation}, http::{HeaderMap, HeaderValue, StatusCode, header}};
    /// let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static("2"))]);
    /// let error = ListCalls::default().parse(StatusCode::TOO_MANY_REQUESTS, &headers, b"").unwrap_err();
    /// assert_eq!(error.retry_after().map(|wait| wait.as_secs()), Some(2));
    /// ```
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.0.headers)
    }

    /// The id of the request, to give to support, where the answer names one in `x-request-id` or `request-id`.
    ///
    /// ```
    /// # use {byourside_proto::{ListCalls, Operation}, http::{HeaderMap, HeaderValue, StatusCode}};
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-request-id", HeaderValue::from_static("r-1"));
    /// let error = ListCalls::default().parse(StatusCode::BAD_GATEWAY, &headers, b"").unwrap_err();
    /// assert_eq!(error.request_id(), Some("r-1"));
    /// ```
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        ["x-request-id", "request-id"]
            .iter()
            .find_map(|name| self.0.headers.get(*name))
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .filter(|id| id.len() <= MAX_REQUEST_ID)
    }

    /// The answer's headers. They are in no `Debug` or `Display`: a cookie is a secret too.
    ///
    /// ```
    /// # use {byourside_proto::{ListCalls, Operation}, http::{HeaderMap, StatusCode}};
    /// let error = ListCalls::default().parse(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"").unwrap_err();
    /// assert!(error.headers().is_empty());
    /// ```
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The first 200 bytes of the body on one line, without anything that looks like a key or a phone number.
    ///
    /// ```
    /// # use {byourside_proto::{ListCalls, Operation}, http::{HeaderMap, StatusCode}};
    /// let page = b"<h1>Bad Gateway</h1>";
    /// let error = ListCalls::default().parse(StatusCode::BAD_GATEWAY, &HeaderMap::new(), page).unwrap_err();
    /// assert_eq!(error.excerpt(), "<h1>Bad Gateway</h1>");
    /// ```
    #[must_use]
    pub fn excerpt(&self) -> &str {
        &self.0.excerpt
    }

    /// Whether this can be over in a moment: it says nothing about the call that was asked for.
    ///
    /// ```
    /// # use {byourside_proto::{ListCalls, Operation}, http::{HeaderMap, StatusCode}};
    /// let refuse = |status| ListCalls::default().parse(status, &HeaderMap::new(), b"").unwrap_err();
    /// assert!(refuse(StatusCode::SERVICE_UNAVAILABLE).is_transient());
    /// assert!(!refuse(StatusCode::UNAUTHORIZED).is_transient());
    /// ```
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.0.status {
            429 => true,
            // A proxy's; the service's own would name its token.
            408 | 425 | 499 => !self.0.named,
            status => !(400..500).contains(&status),
        }
    }

    /// Whether the service itself names the code, with a token that it documents.
    pub(crate) fn is_documented(&self) -> bool {
        self.0.named && messages::is_documented(self.code())
    }

    pub(crate) fn unreadable(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        Self::new(ApiErrorKind::Unreadable, ("error".into(), false), status, headers, body)
    }

    /// `named` says whether the body itself names the code, as a string.
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
                "The answer (status {}) is not what was asked for: `{}`. Check the base URL.",
                self.0.status, self.0.excerpt
            ),
        }
    }
}

impl core::error::Error for ApiError {}

/// The headers that are kept: those that are read here. Any other may be a secret.
const KEPT: [&str; 4] = ["retry-after", "date", "x-request-id", "request-id"];

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

    #[test]
    fn a_stored_refusal_says_the_same_and_forgets_cookies() {
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
