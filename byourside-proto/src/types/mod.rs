//! The values of the API: numbers, ids, fields, statuses, records and times, each checked where it is built.
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
