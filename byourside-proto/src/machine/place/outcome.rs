//! The outcome of placing a call, and what each answer to the POST proves.
use super::error::{NotPlaced, PlaceError, Unknown};
use crate::{
    api::{ApiError, Operation, PlaceCall},
    machine::{Sent, reply::Answer},
    types::Call,
};
use serde::{Deserialize, Serialize};

/// The outcome of placing a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Placement {
    /// The call was placed, and this is its record, with an id.
    Placed(Call),
    /// The call was not placed: no phone rings. It may be placed again.
    NotPlaced(NotPlaced),
    /// The call may have been placed: a phone may be ringing. Placing it again may ring it twice.
    Unknown(Unknown),
}

impl Placement {
    /// Converts the outcome into a `Result`, for use with `?`.
    ///
    /// # Errors
    /// [`PlaceError`], which distinguishes *not placed* from *unknown*.
    pub fn into_result(self) -> Result<Call, PlaceError> {
        match self {
            Self::Placed(call) => Ok(call),
            Self::NotPlaced(reason) => Err(PlaceError::NotPlaced(reason)),
            Self::Unknown(reason) => Err(PlaceError::Unknown(reason)),
        }
    }

    /// What `answer` to the POST of `call` proves.
    pub(crate) fn judge(call: &PlaceCall, answer: Answer) -> Self {
        match answer {
            Answer::Response(status, headers, body) => match call.parse(status, &headers, &body) {
                Ok(call) => Self::Placed(call),
                Err(error) if proves_not_placed(&error) => Self::NotPlaced(NotPlaced::Refused(error)),
                Err(error) => Self::Unknown(Unknown::Answer(error)),
            },
            Answer::Failed(failure) => match failure.sent() {
                Sent::No => Self::NotPlaced(NotPlaced::NoConnection(failure)),
                // The request may have arrived, and a phone may be ringing.
                Sent::Maybe => Self::Unknown(Unknown::Lost(failure)),
            },
        }
    }
}

/// Whether an answer that is not a 2xx with an id proves that no call was placed.
///
/// The API reference promises that a guardrail refuses with a 4xx before any call is placed. A proxy can give some of
/// these statuses too, after it has passed the request on: 408, 409, 423, 425 and 499 prove something only with an
/// error token that the service documents. `placement_failed` says that no call was placed, whatever its status;
/// `store_error` does not, even as a 4xx.
fn proves_not_placed(error: &ApiError) -> bool {
    match (error.status(), error.code()) {
        (200..=299, _) | (_, "store_error") => false,
        (_, "placement_failed") => true,
        (408 | 409 | 423 | 425 | 499, _) => error.is_documented(),
        (status, _) => (400..500).contains(&status),
    }
}
