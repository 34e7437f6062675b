//! A verified webhook delivery.
use super::event::{Event, EventError};
use crate::types::UnixTime;
use core::fmt;

/// A verified delivery: the proof that the service sent this body.
///
/// Only a [`Verifier`](super::Verifier) makes a `Delivery`, and only a `Delivery` makes an [`Event`].
///
/// `Debug` shows the length of the body only: the body holds phone numbers and what people said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Delivery<'a> {
    body: &'a [u8],
    signed_at: UnixTime,
    secret_index: usize,
}

impl<'a> Delivery<'a> {
    pub(super) fn new(body: &'a [u8], signed_at: UnixTime, secret_index: usize) -> Self {
        Self {
            body,
            signed_at,
            secret_index,
        }
    }

    /// Reads the event from the body.
    ///
    /// # Errors
    /// [`EventError`] if the body is not a JSON object with a string `event`. The delivery is from the service even
    /// then: acknowledge it with a 2xx.
    pub fn event(&self) -> Result<Event, EventError> {
        Event::read(self.body)
    }

    /// The raw body.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The time at which the service signed the delivery, by the service's clock: `t` in the header.
    #[must_use]
    pub fn signed_at(&self) -> UnixTime {
        self.signed_at
    }

    /// The index of the secret that signed the delivery: 0 is the secret of [`Verifier::new`](super::Verifier::new), 1
    /// the first of [`Verifier::with_additional_secret`](super::Verifier::with_additional_secret), and so on. When a
    /// rotation no longer gives the old secret's index, drop the old secret.
    #[must_use]
    pub fn secret_index(&self) -> usize {
        self.secret_index
    }
}

impl fmt::Debug for Delivery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("length", &self.body.len())
            .field("signed_at", &self.signed_at)
            .field("secret_index", &self.secret_index)
            .finish()
    }
}
