//! Proof that the service sent something.
use super::event::{Event, EventError};
use crate::types::UnixTime;
use core::fmt;

/// A delivery that the service signed. Only [`Verifier`](super::Verifier) makes one, and only from one comes an [`Event`].
///
/// ```compile_fail,E0277
/// let event: byourside_proto::webhook::Event = serde_json::from_str("{}").unwrap();
/// ```
///
/// `Debug` shows the length of the body only: the rest holds phone numbers and what people said.
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

    /// Reads the event.
    ///
    /// # Errors
    /// [`EventError`] if the body is no JSON object with a string `event`. The delivery is from the service even so.
    ///
    /// ```
    /// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
    /// # let (secret, now) = (WebhookSecret::new("whsec_example")?, UnixTime::new(100));
    /// # let body = br#"{"event": "call.declined"}"#;
    /// # let header = Signer::new(secret.clone()).sign(now, body);
    /// let event = Verifier::new(secret).verify(&header, body, now)?.event()?;
    /// assert!(event.is_terminal());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn event(&self) -> Result<Event, EventError> {
        Event::read(self.body)
    }

    /// The raw body.
    ///
    /// ```
    /// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
    /// # let (secret, now) = (WebhookSecret::new("whsec_example")?, UnixTime::new(100));
    /// # let header = Signer::new(secret.clone()).sign(now, b"{}");
    /// assert_eq!(Verifier::new(secret).verify(&header, b"{}", now)?.body(), b"{}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// When it was signed, by the service's clock: the header's `t`.
    ///
    /// ```
    /// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
    /// # let secret = WebhookSecret::new("whsec_example")?;
    /// # let header = Signer::new(secret.clone()).sign(UnixTime::new(100), b"{}");
    /// let delivery = Verifier::new(secret).verify(&header, b"{}", UnixTime::new(103))?;
    /// assert_eq!(delivery.signed_at(), UnixTime::new(100));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn signed_at(&self) -> UnixTime {
        self.signed_at
    }

    /// Which of the verifier's secrets signed it: 0 is the one given to [`Verifier::new`](super::Verifier::new), 1 and
    /// up are those given to [`Verifier::with_additional_secret`](super::Verifier::with_additional_secret) in turn. Once only the new one comes, drop the old.
    ///
    /// ```
    /// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
    /// # let (secret, now) = (WebhookSecret::new("whsec_example")?, UnixTime::new(100));
    /// # let header = Signer::new(secret.clone()).sign(now, b"{}");
    /// assert_eq!(Verifier::new(secret).verify(&header, b"{}", now)?.secret_index(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
