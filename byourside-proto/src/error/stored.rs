//! A refusal as a snapshot keeps it.
use super::{ApiError, ApiErrorKind, api::Inner};
use alloc::{borrow::ToOwned, boxed::Box, string::String, vec::Vec};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

/// The headers that are kept: those that are read here. Any other may be a secret.
const KEPT: [&str; 4] = ["retry-after", "date", "x-request-id", "request-id"];

#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
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
    use crate::{ListCalls, Operation};
    use http::StatusCode;

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
