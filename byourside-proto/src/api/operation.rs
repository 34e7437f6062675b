//! What every operation is: a request and a parser for its answer.
use super::{error::ApiError, request::Api};
use alloc::vec::Vec;
use core::fmt;
use http::{HeaderMap, Request, StatusCode};

/// A stateless pair of a request and a parser.
pub trait Operation {
    /// What a successful answer holds.
    type Answer: Clone + fmt::Debug + PartialEq;

    /// The request that asks for this.
    ///
    /// ```
    /// # use byourside_proto::{Api, ListCalls, Operation};
    /// let api = Api::with_key("bys_ak_example")?;
    /// let request = ListCalls::default().request(&api);
    /// assert_eq!(request.uri(), "https://api.byourside.ai/v1/agent/calls?limit=20");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    fn request(&self, api: &Api) -> Request<Vec<u8>>;

    /// Reads the answer: status, headers and body, always all three.
    ///
    /// # Errors
    /// [`Refused`](crate::api::ApiErrorKind::Refused) for any status but 2xx,
    /// [`Unreadable`](crate::api::ApiErrorKind::Unreadable) for a 2xx that is not an answer.
    ///
    /// ```
    /// # use {byourside_proto::{ListCalls, Operation}, http::{HeaderMap, StatusCode}};
    /// let answer = ListCalls::default().parse(StatusCode::OK, &HeaderMap::new(), br#"{"calls": []}"#);
    /// assert_eq!(answer, Ok(vec![]));
    /// ```
    fn parse(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Self::Answer, ApiError>;
}
