//! `GET /v1/agent/calls/{callId}`
use super::{answer, error::ApiError, operation::Operation, request::Api};
use crate::types::{Call, CallId};
use alloc::vec::Vec;
use http::{HeaderMap, Request, StatusCode};
use serde::{Deserialize, Serialize};

/// Reads the record of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetCall(
    /// The call to read.
    pub CallId,
);

impl Operation for GetCall {
    type Answer = Call;

    fn request(&self, api: &Api) -> Request<Vec<u8>> {
        let mut path = api.calls_path();
        path.push('/');
        path.extend(self.0.segment());
        api.get(path)
    }

    fn parse(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Call, ApiError> {
        answer::read(status, headers, body)
    }
}
