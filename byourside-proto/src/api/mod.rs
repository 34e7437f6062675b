//! The operations of the API: each builds an HTTP request and parses its answer, without I/O.
//!
//! | operation | HTTP request | answer |
//! |---|---|---|
//! | [`PlaceCall`] | `POST /v1/agent/calls` | the record of the placed call, with its id |
//! | [`GetCall`] | `GET /v1/agent/calls/{callId}` | the record of the call |
//! | [`ListCalls`] | `GET /v1/agent/calls?limit=N` | the records of recent calls |
//!
//! - [`Api`] holds the address of the service and the key for it: a [`BaseUrl`] and an [`ApiKey`].
//! - [`Operation`] is the trait that all three implement: `request` and `parse`.
//! - [`ApiError`] says why an answer is not a success.
//! - [`PlaceCall::correlation`] adds a correlation token to a call's webhook URL, and [`correlation_token`] reads it
//!   from the URI of a delivery.
//!
//! ```
//! use byourside_proto::{Api, CallId, GetCall, Operation, Status};
//! use http::{HeaderMap, StatusCode};
//!
//! let api = Api::with_key("bys_ak_example")?;
//! let get = GetCall(CallId::new("c1")?);
//! let request = get.request(&api); // send it with any HTTP client
//! assert_eq!(request.uri(), "https://api.byourside.ai/v1/agent/calls/c1");
//!
//! let call = get.parse(StatusCode::OK, &HeaderMap::new(), br#"{"id": "c1", "status": "queued"}"#)?;
//! assert_eq!(call.status(), Some(Status::Queued));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Retries, deadlines and backoff are not here but in [`machine`](crate::machine).
mod answer;
mod base_url;
mod correlation;
mod error;
mod get_call;
#[cfg(test)]
mod golden;
mod idempotency;
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
