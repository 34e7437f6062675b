//! `GET /v1/agent/calls?limit=N`: list recent calls. Source: the official Python client.
use super::{answer, error::ApiError, operation::Operation, request::Api};
use crate::types::Call;
use alloc::vec::Vec;
use core::fmt::Write;
use http::{HeaderMap, Request, StatusCode};
use serde::Deserialize;

/// A request for the account's recent calls, most recent first: `GET /v1/agent/calls?limit=N`.
///
/// Each record in the answer has at least an id and a status. There is no documented way to get calls beyond the limit.
/// Source: the vendor's SDK page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListCalls {
    limit: u32,
}

impl ListCalls {
    /// A list of at most `limit` calls. The limit is clamped to 1..=100. Source: the official Python client.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self {
            limit: limit.clamp(1, 100),
        }
    }
}

impl Default for ListCalls {
    /// A list of at most 20 calls. Source: the official Python client.
    fn default() -> Self {
        Self::new(20)
    }
}

/// The JSON of the answer.
#[derive(Deserialize)]
struct Answer {
    calls: Vec<Call>,
}

impl Operation for ListCalls {
    type Answer = Vec<Call>;

    fn request(&self, api: &Api) -> Request<Vec<u8>> {
        let mut path = api.calls_path();
        // Writing to a string cannot fail.
        let _ = write!(path, "?limit={}", self.limit);
        api.get(path)
    }

    fn parse(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Vec<Call>, ApiError> {
        answer::read(status, headers, body).map(|answer: Answer| answer.calls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::golden, types::Status};
    use serde_json::json;

    const GOLDEN_REQUEST: &str = concat!(
        "GET https://api.byourside.ai/v1/agent/calls?limit=20\n",
        "authorization: Bearer bys_ak_example\n",
        "\n",
    );

    /// The records, most recent first.
    const GOLDEN_ANSWER: &str = r#"{
        "calls": [
            {"callId": "c2", "status": "in_progress", "to": "+14155550124", "summary": null},
            {"callId": "c1", "status": "completed", "to": "+14155550123", "summary": "The appointment is confirmed."}
        ]
    }"#;

    #[test]
    fn list_calls_request_is_golden() {
        let api = Api::with_key("bys_ak_example").unwrap();
        assert_eq!(golden::text(&ListCalls::default().request(&api)), GOLDEN_REQUEST);
    }

    #[test]
    fn list_calls_answer_is_golden() {
        let answer = ListCalls::default().parse(StatusCode::OK, &HeaderMap::new(), GOLDEN_ANSWER.as_bytes());
        let calls = answer.unwrap();
        let told: Vec<_> = calls
            .iter()
            .map(|call| (call.id(), call.status(), call.to(), call.summary()))
            .collect();
        assert_eq!(
            told,
            [
                (Some("c2"), Some(Status::InProgress), Some("+14155550124"), None),
                (
                    Some("c1"),
                    Some(Status::Completed),
                    Some("+14155550123"),
                    Some("The appointment is confirmed.")
                ),
            ]
        );
        let whole: serde_json::Value = serde_json::from_str(GOLDEN_ANSWER).unwrap();
        assert_eq!(json!({"calls": calls}), whole);
    }

    #[test]
    fn list_calls_clamps_its_limit() {
        let api = Api::with_key("bys_ak_example").unwrap();
        let query = |limit| {
            ListCalls::new(limit)
                .request(&api)
                .uri()
                .query()
                .map(alloc::borrow::ToOwned::to_owned)
        };
        for (limit, expected) in [(0, "limit=1"), (1, "limit=1"), (100, "limit=100"), (101, "limit=100")] {
            assert_eq!(query(limit).as_deref(), Some(expected));
        }
    }
}
