//! Why a call was not placed, or why it is unknown whether it was.
use crate::{api::ApiError, machine::transport_error::TransportFailure, types::redact};
use core::{fmt, time::Duration};
use serde::{Deserialize, Serialize};

/// Why placing a call failed: it was not placed, or it is unknown whether it was.
#[derive(Clone, Debug, PartialEq)]
pub enum PlaceError {
    /// The call was not placed: no phone rings. It may be placed again.
    NotPlaced(NotPlaced),
    /// The call may have been placed: a phone may be ringing. Placing it again may ring it twice.
    Unknown(Unknown),
}

/// Why a call was not placed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NotPlaced {
    /// The service refused the call, which it does before it dials.
    Refused(ApiError),
    /// The request provably did not leave this machine.
    NoConnection(TransportFailure),
}

/// Why it is unknown whether a call was placed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Unknown {
    /// The answer proves nothing: a 3xx, a 5xx, a 4xx that may come from a proxy, or a 2xx without an id.
    Answer(ApiError),
    /// Some of the request may have left, and no complete answer came.
    Lost(TransportFailure),
}

impl PlaceError {
    /// The error code, as in the official clients: the error token of the service, `network_error`, or `error`.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NotPlaced(reason) => reason.code(),
            Self::Unknown(reason) => reason.code(),
        }
    }

    /// The HTTP status of the answer; 0 if there was none.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NotPlaced(reason) => reason.status(),
            Self::Unknown(reason) => reason.status(),
        }
    }
}

impl NotPlaced {
    /// The error code, as in the official clients: the error token of the service, `network_error`, or `error`.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(error) => error.code(),
            Self::NoConnection(failure) => failure.code(),
        }
    }

    /// The HTTP status of the answer; 0 if there was none.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Refused(error) => error.status(),
            Self::NoConnection(failure) => failure.status(),
        }
    }

    /// Whether a retry can succeed soon. `over_minute_cap` cannot, whatever its status: the account's usage cap is
    /// reached.
    pub(crate) fn can_be_retried(&self) -> bool {
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
    /// The error code, as in the official clients: the error token of the service, `network_error`, or `error`.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Answer(error) => error.code(),
            Self::Lost(failure) => failure.code(),
        }
    }

    /// The HTTP status of the answer; 0 if there was none.
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
            // The sentence for `store_error` says "retry shortly", which must not be done here. So it is not shown.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_error_has_the_code_and_status_of_its_reason() {
        let no_connection = NotPlaced::NoConnection(TransportFailure::not_sent("connection refused"));
        let lost = Unknown::Lost(TransportFailure::timed_out());
        for error in [PlaceError::NotPlaced(no_connection), PlaceError::Unknown(lost)] {
            assert_eq!((error.code(), error.status()), ("network_error", 0));
        }
    }
}
