//! What can go wrong with one operation, by phase: building the request, the transport, or the answer.
use super::transport_error::TransportFailure;
use crate::{api::ApiError, types::BuildError};
use core::fmt;
use serde::{Deserialize, Serialize};

/// Any of the ways in which asking the service can fail.
///
/// ```
/// use byourside_proto::{BuildError, machine::Error};
///
/// let error = Error::from(BuildError::NoApiKey);
/// assert_eq!((error.code(), error.status()), ("no_api_key", 0));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Error {
    /// Bad input; nothing was sent.
    Build(BuildError),
    /// An answer came, and it is a refusal or unreadable.
    Api(ApiError),
    /// No whole answer came.
    Transport(TransportFailure),
}

impl Error {
    /// The code, as the official clients name it: the service's token, `network_error`, `no_api_key`, or `error`.
    ///
    /// ```
    /// # use byourside_proto::{TransportFailure, machine::Error};
    /// assert_eq!(Error::from(TransportFailure::timed_out()).code(), "network_error");
    /// ```
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Build(error) => error.code(),
            Self::Api(error) => error.code(),
            Self::Transport(failure) => failure.code(),
        }
    }

    /// The HTTP status; 0 where no answer came.
    ///
    /// ```
    /// # use byourside_proto::{TransportFailure, machine::Error};
    /// assert_eq!(Error::from(TransportFailure::timed_out()).status(), 0);
    /// ```
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
