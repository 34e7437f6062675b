//! The caller's name for a call that is to be placed.
use alloc::sync::Arc;
use core::fmt;
use http::Request;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The caller's name for one call that is to be placed, such as the id of a row, an order or a ticket.
///
/// It is never sent to the service. `Debug` shows it, so it should not be a phone number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Intent(Arc<str>);

impl Intent {
    /// Creates an intent with this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The intent that a request of a [`PlaceSet`](super::PlaceSet) places, to be recorded before the request is sent.
    /// `None` for a request of anything else.
    ///
    /// The set stores it in the extensions of the request.
    #[must_use]
    pub fn of<B>(request: &Request<B>) -> Option<&Self> {
        request.extensions().get()
    }
}

impl fmt::Debug for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Intent({})", self.as_str().escape_debug())
    }
}

impl Serialize for Intent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_str().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Intent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(alloc::string::String::deserialize(deserializer)?.into()))
    }
}
