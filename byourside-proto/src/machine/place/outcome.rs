//! What placing a call can end with, and how an answer is judged.
use super::error::{NotPlaced, PlaceError, Unknown};
use crate::{
    api::{ApiError, Operation, PlaceCall},
    machine::{Sent, reply::Answer},
    types::Call,
};
use serde::{Deserialize, Serialize};

/// What is known of a call that was to be placed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Placement {
    /// The service took it; the record has its id.
    Placed(Call),
    /// No phone rings. It may be placed again.
    NotPlaced(NotPlaced),
    /// A phone may be ringing. Placing it again may ring it twice.
    Unknown(Unknown),
}

impl Placement {
    /// The record of the call, or why there is none, for `?`.
    ///
    /// ```
    /// use byourside_proto::{TransportFailure, machine::place::{NotPlaced, Placement}};
    /// let refused = NotPlaced::NoConnection(TransportFailure::not_sent("connection refused"));
    /// assert!(Placement::NotPlaced(refused).into_result().is_err());
    /// ```
    ///
    /// # Errors
    /// [`PlaceError`], which keeps *not placed* and *unknown* apart.
    pub fn into_result(self) -> Result<Call, PlaceError> {
        match self {
            Self::Placed(call) => Ok(call),
            Self::NotPlaced(reason) => Err(PlaceError::NotPlaced(reason)),
            Self::Unknown(reason) => Err(PlaceError::Unknown(reason)),
        }
    }

    pub(crate) fn judge(call: &PlaceCall, answer: Answer) -> Self {
        match answer {
            Answer::Response(status, headers, body) => match call.parse(status, &headers, &body) {
                Ok(call) => Self::Placed(call),
                Err(error) if proves_not_placed(&error) => Self::NotPlaced(NotPlaced::Refused(error)),
                Err(error) => Self::Unknown(Unknown::Answer(error)),
            },
            Answer::Failed(failure) => match failure.sent() {
                Sent::No => Self::NotPlaced(NotPlaced::NoConnection(failure)),
                Sent::Maybe => Self::Unknown(Unknown::Lost(failure)),
            },
        }
    }
}

/// A guardrail's refusal is a 4xx and comes before any call is placed. Some 4xx a proxy gives as well, and after it
/// passed the request on: those prove nothing, unless they carry a token that the service documents.
fn proves_not_placed(error: &ApiError) -> bool {
    match (error.status(), error.code()) {
        (200..=299, _) | (_, "store_error") => false,
        (_, "placement_failed") => true,
        (408 | 409 | 423 | 425 | 499, _) => error.is_documented(),
        (status, _) => (400..500).contains(&status),
    }
}
