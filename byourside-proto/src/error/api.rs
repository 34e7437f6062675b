//! An answer came, and it is not what was asked for.
use super::{redact, stored::Stored};
use crate::retry_after::retry_after;
use alloc::{
    borrow::Cow,
    boxed::Box,
    format,
    string::{String, ToString},
};
use core::{fmt, time::Duration};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The longest token kept, in bytes: a hostile answer must not fill memory or logs through it.
const MAX_CODE: usize = 256;
/// The longest request id kept, in bytes.
const MAX_REQUEST_ID: usize = 128;

/// The service, or something before it, refused, or its answer could not be understood.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct ApiError(pub(super) Box<Inner>);

#[derive(Clone, PartialEq)]
pub(super) struct Inner {
    pub(super) kind: ApiErrorKind,
    pub(super) code: String,
    /// Whether the body itself named the code, as a string.
    pub(super) named: bool,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) excerpt: String,
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
    /// # use {byourside_proto::{ApiErrorKind, CallId, GetCall, Operation}, http::{HeaderMap, StatusCode}};
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
        self.0.named && known_message(self.code()).is_some()
    }

    pub(crate) fn unreadable(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        Self::new(ApiErrorKind::Unreadable, ("error".into(), false), status, headers, body)
    }

    fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        Self::new(ApiErrorKind::Refused, code(body), status, headers, body)
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
            ApiErrorKind::Refused => f.write_str(&message(self.code(), self.status())),
            ApiErrorKind::Unreadable => write!(
                f,
                "The answer (status {}) is not what was asked for: `{}`. Check the base URL.",
                self.0.status, self.0.excerpt
            ),
        }
    }
}

impl core::error::Error for ApiError {}

/// Reads a 2xx as JSON, and anything else as a refusal.
pub(crate) fn read<T: DeserializeOwned>(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<T, ApiError> {
    if !status.is_success() {
        return Err(ApiError::refused(status, headers, body));
    }
    // Looked at once as a whole, the body's text need not be looked at again string by string.
    let text = core::str::from_utf8(body).ok();
    let answer = text.and_then(|text| serde_json::from_str(text).ok());
    answer.ok_or_else(|| ApiError::unreadable(status, headers, body))
}

/// The token that the body names, and whether it is a string; else `error`, as in the official clients.
fn code(body: &[u8]) -> (String, bool) {
    let error = serde_json::from_slice(body)
        .ok()
        .and_then(|mut body: Value| body.get_mut("error").map(Value::take));
    match error {
        Some(Value::String(token)) if !token.is_empty() => (bounded(token), true),
        Some(Value::Number(number)) if number.as_f64() != Some(0.0) => (number.to_string(), false),
        _ => ("error".into(), false),
    }
}

fn bounded(mut token: String) -> String {
    if token.len() > MAX_CODE {
        token.truncate(token.floor_char_boundary(MAX_CODE));
    }
    token
}

/// The official clients' sentences.
fn message(code: &str, status: u16) -> Cow<'static, str> {
    if let Some(known) = known_message(code) {
        return known.into();
    }
    if status >= 500 {
        return "Temporary service error. Please retry shortly.".into();
    }
    if code == "error" {
        return format!("Request failed with status {status}.").into();
    }
    format!("Request failed ({}).", redact(code.as_bytes())).into()
}

fn known_message(code: &str) -> Option<&'static str> {
    Some(match code {
        "destination_blocked" => "That destination is not allowed (premium, IRSF, or unsupported country).",
        "invalid_number" => "The destination number is invalid (use full E.164, e.g. +14155550123).",
        "to_required" => "A destination number (to) is required.",
        "objective_required" => "An objective for the call is required.",
        "caller_id_not_owned" => "That caller ID is not a number on your account.",
        "rate_limited" => "Rate limit reached. Try again shortly.",
        "over_minute_cap" => "Outbound usage limit reached for now.",
        "unauthorized" => "Invalid or missing API key.",
        "not_found" => "No call found with that id (or it does not belong to your account).",
        "placement_failed" => "The call could not be placed (carrier/trunk issue). Try again shortly.",
        "store_error" => "Temporary service error. Please retry shortly.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ListCalls, Operation};
    use alloc::vec::Vec;

    #[test]
    fn what_is_no_text_is_unreadable_where_nobody_looks_as_well() {
        let list = |body: &[u8]| ListCalls::default().parse(StatusCode::OK, &HeaderMap::new(), body);
        assert_eq!(list(br#"{"calls":[],"next":"\u00ff"}"#), Ok(Vec::new()));
        let refused = list(b"{\"calls\":[],\"next\":\"\xff\"}").unwrap_err();
        assert_eq!(refused.code(), list(b"<html>").unwrap_err().code());
    }
}
