//! The id of a call.
use super::{build_error::BuildError, redact::redact_id};
use alloc::string::String;
use core::fmt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::{Deserialize, Serialize};

/// Percent-encodes everything but `A-Za-z0-9_.-~`. Source: the official Python client.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// The longest id that is accepted, in bytes: far longer than the service's UUIDs, far shorter than a URL may be.
const MAX_LEN: usize = 1024;

/// The id of a call, a UUID as the service gives it. Any other text is accepted too, within the limits of
/// [`CallId::new`].
///
/// A request percent-encodes the id as one path segment, so an id with a `/` cannot change the path.
///
/// `Debug` shows at most 200 bytes, without what looks like a key or a phone number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallId(String);

impl CallId {
    /// A call id, as the service gave it.
    ///
    /// # Errors
    /// [`BuildError::InvalidCallId`] if the id is over 1024 bytes, or is empty, `.` or `..`: a URL with such a path
    /// segment addresses the list of calls or its parent.
    ///
    /// ```
    /// use byourside_proto::CallId;
    /// assert_eq!(CallId::new("c1")?.as_str(), "c1");
    /// assert!(CallId::new("..").is_err());
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn new(id: impl Into<String>) -> Result<Self, BuildError> {
        let id = id.into();
        if Self::is_usable(&id) {
            Ok(Self(id))
        } else {
            Err(BuildError::InvalidCallId)
        }
    }

    /// Whether [`new`](Self::new) accepts this id.
    pub(crate) fn is_usable(id: &str) -> bool {
        !matches!(id, "" | "." | "..") && id.len() <= MAX_LEN
    }

    /// An id that is known to be usable, without a second check.
    pub(crate) fn known(id: String) -> Self {
        Self(id)
    }

    /// The id, unchanged.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as one path segment, percent-encoded.
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
