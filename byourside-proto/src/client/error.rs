//! A call that was to be placed and waited for, and was not.
use crate::{
    machine::{place::PlaceError, wait::WaitError},
    types::BuildError,
};
use core::fmt;

/// A call was not placed, or its end was not seen.
#[derive(Clone, Debug, PartialEq)]
pub enum CallError {
    /// Bad input; nothing was sent.
    Build(BuildError),
    /// It was not placed, or nobody knows.
    Place(PlaceError),
    /// It was placed, and its end was not seen. The error names the call.
    Wait(WaitError),
}

impl CallError {
    /// The code, as the official clients name it.
    ///
    /// ```
    /// # use byourside_proto::{BuildError, client::CallError};
    /// assert_eq!(CallError::from(BuildError::NoApiKey).code(), "no_api_key");
    /// ```
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Build(error) => error.code(),
            Self::Place(error) => error.code(),
            Self::Wait(error) => error.code(),
        }
    }

    /// The HTTP status; 0 where no answer came.
    ///
    /// ```
    /// # use byourside_proto::{BuildError, client::CallError};
    /// assert_eq!(CallError::from(BuildError::NoApiKey).status(), 0);
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Build(error) => error.status(),
            Self::Place(error) => error.status(),
            Self::Wait(error) => error.status(),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::Place(error) => error.fmt(f),
            Self::Wait(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CallError {}

impl From<BuildError> for CallError {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<PlaceError> for CallError {
    fn from(error: PlaceError) -> Self {
        Self::Place(error)
    }
}

impl From<WaitError> for CallError {
    fn from(error: WaitError) -> Self {
        Self::Wait(error)
    }
}
