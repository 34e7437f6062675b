//! The id of a call.
use super::{build_error::BuildError, redact::redact_id};
use alloc::string::String;
use core::fmt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::{Deserialize, Serialize};

/// Everything but `A-Za-z0-9_.-~`, as the official Python client encodes.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// The longest id taken, in bytes: far above any the service gives, far below what a URL can hold.
const MAX_LEN: usize = 1024;

/// The id of a call; one segment of a path, whatever it holds. `Debug` leaves out what looks like a key or a phone number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallId(String);

impl CallId {
    /// Takes an id as the service gave it.
    ///
    /// # Errors
    /// [`BuildError::InvalidCallId`] if it is empty, `.` or `..` (these leave the collection), or over 1024 bytes.
    ///
    /// ```
    /// assert!(byourside_proto::CallId::new("..").is_err());
    /// ```
    pub fn new(id: impl Into<String>) -> Result<Self, BuildError> {
        let id = id.into();
        if Self::is_usable(&id) {
            Ok(Self(id))
        } else {
            Err(BuildError::InvalidCallId)
        }
    }

    /// Whether [`new`](Self::new) takes it.
    pub(crate) fn is_usable(id: &str) -> bool {
        !matches!(id, "" | "." | "..") && id.len() <= MAX_LEN
    }

    /// An id that passed [`new`](Self::new) before.
    pub(crate) fn known(id: String) -> Self {
        Self(id)
    }

    /// The id as it came.
    ///
    /// ```
    /// assert_eq!(byourside_proto::CallId::new("c1")?.as_str(), "c1");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn segment(&self) -> PercentEncode<'_> {
        utf8_percent_encode(&self.0, SEGMENT)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CallId").field(&redact_id(&self.0)).finish()
    }
}

impl TryFrom<String> for CallId {
    type Error = BuildError;

    fn try_from(text: String) -> Result<Self, BuildError> {
        Self::new(text)
    }
}

impl From<CallId> for String {
    fn from(value: CallId) -> Self {
        value.0
    }
}
