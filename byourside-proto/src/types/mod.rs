//! The values of the API: phone numbers, call ids, fields, statuses, records and times.
//!
//! | type | what it is |
//! |---|---|
//! | [`PhoneNumber`] | a number in E.164 form |
//! | [`CallId`] | the id of a call |
//! | [`Field`], [`FieldType`] | a value that the AI extracts from the conversation |
//! | [`Status`] | the status of a call, terminal or not |
//! | [`Call`] | the record of a call, with every member that the service sent |
//! | [`Monotonic`] | a moment of the monotonic clock, for waits and deadlines |
//! | [`UnixTime`] | a moment of the wall clock, for webhook signatures |
//! | [`BuildError`] | the error for invalid input, before any I/O |
//!
//! A [`PhoneNumber`] or [`CallId`] is checked when it is created, so every one that exists is valid. The names of
//! fields are checked by [`PlaceCall::fields`](crate::api::PlaceCall::fields).
//!
//! ```
//! use byourside_proto::{BuildError, CallId, types::PhoneNumber};
//!
//! assert_eq!(PhoneNumber::new("0415 555 0123"), Err(BuildError::InvalidNumber));
//! assert_eq!(CallId::new(""), Err(BuildError::InvalidCallId));
//! ```
mod build_error;
mod call;
mod call_id;
mod field;
mod phone_number;
mod redact;
mod status;
mod time;

pub use build_error::BuildError;
pub use call::Call;
pub use call_id::CallId;
pub use field::{Field, FieldType};
pub use phone_number::PhoneNumber;
pub use status::Status;
pub use time::{Monotonic, UnixTime};

pub(crate) use redact::{redact, redact_id};
pub(crate) use time::millis;
