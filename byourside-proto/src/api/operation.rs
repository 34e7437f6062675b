//! The trait of all operations.
use super::{error::ApiError, request::Api};
use alloc::vec::Vec;
use core::fmt;
use http::{HeaderMap, Request, StatusCode};

/// An operation of the API: builds its HTTP request, and parses the answer to it. It does no I/O.
///
/// ```
/// use byourside_proto::{Api, ListCalls, Operation};
/// use http::{HeaderMap, StatusCode};
///
/// let list = ListCalls::default();
/// let request = list.request(&Api::with_key("bys_ak_example")?);
/// assert_eq!(request.uri(), "https://api.byourside.ai/v1/agent/calls?limit=20");
///
/// let answer = list.parse(StatusCode::OK, &HeaderMap::new(), br#"{"calls": []}"#)?;
/// assert_eq!(answer, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Operation {
    /// The value that a successful answer is parsed into.
    type Answer: Clone + fmt::Debug + PartialEq;

    /// Builds the request, complete with absolute URI, headers and body.
    fn request(&self, api: &Api) -> Request<Vec<u8>>;

    /// Parses the answer from its status, headers and body. Pass every answer, not only those with a 2xx status.
    ///
    /// # Errors
    /// An [`ApiError`] of the kind [`Refused`](crate::api::ApiErrorKind::Refused) if the status is not 2xx, or
    /// [`Unreadable`](crate::api::ApiErrorKind::Unreadable) if it is 2xx and the body is not the expected JSON.
    fn parse(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Self::Answer, ApiError>;
}
