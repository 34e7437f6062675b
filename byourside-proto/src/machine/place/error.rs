//! Why a call was not placed, or why that is unknown.
use crate::{api::ApiError, machine::transport_error::TransportFailure, types::redact};
use core::{fmt, time::Duration};
use serde::{Deserialize, Serialize};

/// A call was not placed, or nobody knows.
#[derive(Clone, Debug, PartialEq)]
pub enum PlaceError {
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

impl PlaceError {
    /// The code, as the official clients name it.
    ///
    /// ```
    /// # use byourside_proto::{TransportFailure, machine::place::{NotPlaced, PlaceError}};
    /// let refused = NotPlaced::NoConnection(TransportFailure::not_sent("connection refused"));
    /// assert_eq!(PlaceError::NotPlaced(refused).code(), "network_error");
    /// ```
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NotPlaced(reason) => reason.code(),
            Self::Unknown(reason) => reason.code(),
        }
    }

    /// The HTTP status; 0 where no answer came.
    ///
    /// ```
    /// # use byourside_proto::{TransportFailure, machine::place::{PlaceError, Unknown}};
    /// let lost = Unknown::Lost(TransportFailure::timed_out());
    /// assert_eq!(PlaceError::Unknown(lost).status(), 0);
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NotPlaced(reason) => reason.status(),
            Self::Unknown(reason) => reason.status(),
        }
    }
}

impl NotPlaced {
    /// The code, as the official clients name it.
    ///
    /// ```
    /// # use byourside_proto::{TransportFailure, machine::place::NotPlaced};
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
    /// # use byourside_proto::{TransportFailure, machine::place::NotPlaced};
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
    /// # use byourside_proto::{TransportFailure, machine::place::Unknown};
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
    /// # use byourside_proto::{TransportFailure, machine::place::Unknown};
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

impl fmt::Display for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPlaced(reason) => reason.fmt(f),
            Self::Unknown(reason) => reason.fmt(f),
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
impl core::error::Error for PlaceError {}
