//! The error of placing a call and waiting for it.
use crate::{
    machine::{place::PlaceError, wait::WaitError},
    types::BuildError,
};
use core::fmt;

/// Why placing a call and waiting for it failed.
#[derive(Clone, Debug, PartialEq)]
pub enum CallError {
    /// Invalid input; nothing was sent.
    Build(BuildError),
    /// The call was not placed, or it is unknown whether it was.
    Place(PlaceError),
    /// The call was placed, and the wait ended before it did. The error has the call's id.
    Wait(WaitError),
}

impl CallError {
    /// The error code, as the official clients name it.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Build(error) => error.code(),
            Self::Place(error) => error.code(),
            Self::Wait(error) => error.code(),
        }
    }

    /// The HTTP status, or 0 if no answer came.
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
