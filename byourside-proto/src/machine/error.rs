//! The error of a single operation, by phase: building the request, the transport, or the answer.
use super::transport_error::TransportFailure;
use crate::{api::ApiError, types::BuildError};
use core::fmt;
use serde::{Deserialize, Serialize};

/// Why a single operation failed, by phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Error {
    /// The input is invalid, and nothing was sent.
    Build(BuildError),
    /// The answer is a refusal, or it is unreadable.
    Api(ApiError),
    /// No complete answer came.
    Transport(TransportFailure),
}

impl Error {
    /// The error code, as in the official clients: the error token of the service, `network_error`, `no_api_key`, or
    /// `error` if the answer has no token.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Build(error) => error.code(),
            Self::Api(error) => error.code(),
            Self::Transport(failure) => failure.code(),
        }
    }

    /// The HTTP status of the answer; 0 if there was none.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Build(error) => error.status(),
            Self::Api(error) => error.status(),
            Self::Transport(failure) => failure.status(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::Api(error) => error.fmt(f),
            Self::Transport(failure) => failure.fmt(f),
        }
    }
}

impl core::error::Error for Error {}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<TransportFailure> for Error {
    fn from(failure: TransportFailure) -> Self {
        Self::Transport(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_has_the_code_and_status_of_its_cause() {
        let bad_input = Error::from(BuildError::NoApiKey);
        assert_eq!((bad_input.code(), bad_input.status()), ("no_api_key", 0));
        let no_answer = Error::from(TransportFailure::timed_out());
        assert_eq!((no_answer.code(), no_answer.status()), ("network_error", 0));
    }
}
