//! The operations of the API: stateless pairs of a request and a parser for its answer.
//!
//! [`PlaceCall`], [`GetCall`] and [`ListCalls`] each build an [`http::Request`] for an [`Api`], which is a base URL and
//! a key, and read the answer into a typed value or an [`ApiError`].
mod answer;
mod base_url;
mod correlation;
mod error;
mod get_call;
mod key;
mod list_calls;
mod messages;
mod operation;
mod place_call;
mod request;
mod retry_after;

pub use base_url::{BYOURSIDE_BASE_URL, BaseUrl, VOXPLO_BASE_URL};
pub use correlation::correlation_token;
pub use error::{ApiError, ApiErrorKind};
pub use get_call::GetCall;
pub use key::ApiKey;
pub use list_calls::ListCalls;
pub use operation::Operation;
pub use place_call::PlaceCall;
pub use request::Api;

pub(crate) use answer::read;
pub(crate) use correlation::in_url as token_in_url;
