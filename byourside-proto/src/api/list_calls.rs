//! `GET /v1/agent/calls?limit=N`
use super::{answer, error::ApiError, operation::Operation, request::Api};
use crate::types::Call;
use alloc::vec::Vec;
use core::fmt::Write;
use http::{HeaderMap, Request, StatusCode};
use serde::Deserialize;

/// Lists recent calls, most recent first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListCalls {
    limit: u32,
}

impl ListCalls {
    /// Asks for at most this many; clamped to 1..=100.
    ///
    /// ```
    /// # use byourside_proto::{Api, ListCalls, Operation};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// assert_eq!(ListCalls::new(500).request(&api).uri().query(), Some("limit=100"));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self {
            limit: limit.clamp(1, 100),
        }
    }
}

impl Default for ListCalls {
    /// Twenty, as in the official clients.
    fn default() -> Self {
        Self::new(20)
    }
}

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
