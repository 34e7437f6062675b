//! The By Your Side Agent calling API, without I/O.
//!
//! An operation becomes an [`http::Request`], and the status, headers and body that come back become a
//! typed answer. Sockets, clocks and runtimes stay with the caller; `no_std` is the proof of it.
//!
//! ```
//! use byourside_proto::{Api, ApiKey, BaseUrl, Operation, PlaceCall};
//!
//! let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
//! let place = PlaceCall::new("+14155550123", "Confirm the appointment.")?;
//! let request = place.request(&api);
//! assert_eq!(request.uri(), "https://api.byourside.ai/v1/agent/calls");
//! # Ok::<(), byourside_proto::BuildError>(())
//! ```
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod api;
mod call_id;
pub mod client;
mod correlation;
mod error;
mod get_call;
mod list_calls;
mod machine;
mod phone;
mod place_call;
mod placing;
mod random;
mod reading;
mod reconciling;
mod record;
mod retry_after;
#[cfg(feature = "sim")]
pub mod sim;
mod status;
#[cfg(test)]
mod testing;
mod time;
mod waiting;
pub mod webhook;

pub use api::{Api, ApiKey, BYOURSIDE_BASE_URL, BaseUrl, Operation, VOXPLO_BASE_URL};
pub use call_id::CallId;
pub use correlation::correlation_token;
pub use error::{ApiError, ApiErrorKind, BuildError, CallError, Error, PlaceError, Sent, TransportFailure};
pub use get_call::GetCall;
pub use list_calls::ListCalls;
pub use machine::{Action, Backoff, Machine, Reply, ReplySlot, Snapshot, SnapshotError, drive, drive_blocking};
pub use phone::PhoneNumber;
pub use place_call::{Field, FieldType, PlaceCall};
pub use placing::{NotPlaced, PlaceOptions, Placement, Placer, Unknown};
pub use reading::{ReadOperation, ReadOptions, Reader};
pub use reconciling::{ReconcileOptions, Reconciler, Reconciliation};
pub use record::Call;
pub use status::Status;
pub use time::{Monotonic, UnixTime};
pub use waiting::{
    CallWaiter, Decision, Ended, EventEnd, Heard, LearntBy, Reason, WaitCounts, WaitError, WaitFailure, WaitOptions,
    Watched,
};
