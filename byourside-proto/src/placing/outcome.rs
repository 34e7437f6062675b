//! What placing a call can end with, and how an answer is judged.
use crate::{ApiError, Call, Operation, PlaceCall, PlaceError, Sent, TransportFailure, error::redact, machine::Answer};
use core::{fmt, time::Duration};
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

/// Why no phone rings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NotPlaced {
    /// The service refused, which it does before it dials.
    Refused(ApiError),
    /// The request provably never left.
    NoConnection(TransportFailure),
}

/// Why nobody knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Unknown {
    /// An answer that proves nothing: 3xx, 5xx, a proxy's 4xx, or a 2xx without an id.
    Answer(ApiError),
    /// Some of the request may have left, and no whole answer came.
    Lost(TransportFailure),
}

impl Placement {
    /// The record of the call, or why there is none, for `?`.
    ///
    /// ```
    /// use byourside_proto::{NotPlaced, Placement, TransportFailure};
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

impl NotPlaced {
    /// The code, as the official clients name it.
    ///
    /// ```
    /// # use byourside_proto::{NotPlaced, TransportFailure};
    /// let reason = NotPlaced::NoConnection(TransportFailure::not_sent("connection refused"));
    /// assert_eq!((reason.code(), reason.status()), ("network_error", 0));
    /// ```
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(error) => error.code(),
            Self::NoConnection(failure) => failure.code(),
        }
    }

    /// The HTTP status; 0 where no answer came.
    ///
    /// ```
    /// # use byourside_proto::{NotPlaced, TransportFailure};
    /// let reason = NotPlaced::NoConnection(TransportFailure::not_sent("connection refused"));
    /// assert_eq!((reason.code(), reason.status()), ("network_error", 0));
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Refused(error) => error.status(),
            Self::NoConnection(failure) => failure.status(),
        }
    }

    /// `over_minute_cap` is a cap, not a moment, whatever its status.
    pub(crate) fn says_try_again(&self) -> bool {
        match self {
            Self::Refused(error) => error.status() == 429 && matches!(error.code(), "rate_limited" | "error"),
            Self::NoConnection(_) => true,
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(error) => error.retry_after(),
            Self::NoConnection(_) => None,
        }
    }
}

impl Unknown {
    /// The code, as the official clients name it.
    ///
    /// ```
    /// # use byourside_proto::{TransportFailure, Unknown};
    /// let reason = Unknown::Lost(TransportFailure::timed_out());
    /// assert_eq!((reason.code(), reason.status()), ("network_error", 0));
    /// ```
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Answer(error) => error.code(),
            Self::Lost(failure) => failure.code(),
        }
    }

    /// The HTTP status; 0 where no answer came.
    ///
    /// ```
    /// # use byourside_proto::{TransportFailure, Unknown};
    /// let reason = Unknown::Lost(TransportFailure::timed_out());
    /// assert_eq!((reason.code(), reason.status()), ("network_error", 0));
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Answer(error) => error.status(),
            Self::Lost(failure) => failure.status(),
        }
    }
}

impl fmt::Display for NotPlaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "not placed: {error}"),
            Self::NoConnection(failure) => write!(f, "not placed: {failure}"),
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is unknown whether the call was placed; look for it in the list before placing it again: ")?;
        match self {
            // Not the service's own sentence: "retry shortly" is what must not be done.
            Self::Answer(error) => write!(
                f,
                "the answer was {} ({})",
                error.status(),
                redact(error.code().as_bytes())
            ),
            Self::Lost(failure) => failure.fmt(f),
        }
    }
}

impl core::error::Error for NotPlaced {}
impl core::error::Error for Unknown {}
