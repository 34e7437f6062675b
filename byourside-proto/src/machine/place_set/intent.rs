//! What names a call that is to be placed.
use alloc::sync::Arc;
use core::fmt;
use http::Request;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The caller's own name of one call that is to be placed: a row, an order, a ticket. It is the caller's alone, and never
/// sent. `Debug` shows it, so it should not be a phone number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Intent(Arc<str>);

impl Intent {
    /// Takes a name.
    ///
    /// ```
    /// assert_eq!(byourside_proto::machine::place_set::Intent::new("order-17").as_str(), "order-17");
    /// ```
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    ///
    /// ```
    /// assert_eq!(byourside_proto::machine::place_set::Intent::new("order-17").as_str(), "order-17");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which intent a request of a [`PlaceSet`](super::PlaceSet) is of, to be written down before it is sent. It is one
    /// of the request's extensions; `None` for any other request.
    ///
    /// ```
    /// use byourside_proto::{Action, Api, Machine, Monotonic, PlaceCall, machine::place_set::{Intent, PlaceSet, PlaceSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let mut set = PlaceSet::new(api, PlaceSetOptions::default(), Monotonic::ORIGIN);
    /// set.add(Intent::new("order-17"), PlaceCall::new("+14155550123", "Ask.")?);
    /// let Action::Send(request, _slot) = set.poll(Monotonic::ORIGIN) else { panic!() };
    /// assert_eq!(Intent::of(&request), Some(&Intent::new("order-17")));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
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
