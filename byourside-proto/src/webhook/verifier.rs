//! Verifies the signature of webhook deliveries.
use super::{
    delivery::Delivery, header::Header, header_name::SIGNATURE_HEADER, refusal::Refusal, secret::WebhookSecret,
};
use crate::types::UnixTime;
use alloc::{vec, vec::Vec};
use core::time::Duration;
use http::Request;

/// The default tolerance in either direction, in seconds. Source: the official Python client.
const DEFAULT_TOLERANCE: u64 = 300;

/// Verifies that a webhook delivery is from the service, and recent.
///
/// A verifier has one secret, or several during a rotation. It checks the header first, and then hashes the body once
/// per secret, until one matches. Verifying allocates nothing and compares in constant time. It does not parse the
/// body, so a delivery with an unknown kind of event is verified as well.
///
/// ```
/// use byourside_proto::{UnixTime, webhook::{Refusal, Signer, Verifier, WebhookSecret}};
///
/// let (new, old) = (WebhookSecret::new("whsec_new")?, WebhookSecret::new("whsec_old")?);
/// let verifier = Verifier::new(new).with_additional_secret(old.clone());
///
/// // A receiver gets the header and the body with the HTTP request, and reads the clock as the request arrives.
/// let (body, received) = (br#"{"event": "call.declined"}"#, UnixTime::new(1_767_225_600));
/// let header = Signer::new(old).sign(received, body);
///
/// let delivery = verifier.verify(&header, body, received)?;
/// assert_eq!(delivery.secret_index(), 1);
/// let changed = br#"{"event":"call.declined"}"#;
/// assert_eq!(verifier.verify(&header, changed, received), Err(Refusal::WrongSignature));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    /// Never empty.
    secrets: Vec<WebhookSecret>,
    max_age: u64,
    max_future_skew: u64,
}

impl Verifier {
    /// A verifier with this secret, and a tolerance of 300 s for both past and future times.
    #[must_use]
    pub fn new(secret: WebhookSecret) -> Self {
        Self {
            secrets: vec![secret],
            max_age: DEFAULT_TOLERANCE,
            max_future_skew: DEFAULT_TOLERANCE,
        }
    }

    /// Adds a secret, for a rotation: a delivery is verified if any of the secrets signed it. The secrets are tried in
    /// the order in which they were added. [`Delivery::secret_index`] says which one signed.
    #[must_use]
    pub fn with_additional_secret(mut self, secret: WebhookSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Sets the maximum age of a delivery, from the signature to the receipt: whole seconds, inclusive. Default 300 s.
    /// Source: the official Python client.
    #[must_use]
    pub fn max_age(mut self, max: Duration) -> Self {
        self.max_age = max.as_secs();
        self
    }

    /// Sets how far in the future a delivery may be signed: whole seconds, inclusive. Default 300 s. Source: the
    /// official Python client.
    ///
    /// A delivery that is signed in the future can be replayed for that much longer than the maximum age.
    #[must_use]
    pub fn max_future_skew(mut self, max: Duration) -> Self {
        self.max_future_skew = max.as_secs();
        self
    }

    /// Verifies a raw body against the value of its `X-BYS-Signature` header. `received` is the time at which the
    /// delivery arrived.
    ///
    /// The delivery is verified if any `v1` part of the header is the signature with any of the secrets. A malformed
    /// `v1` part is skipped.
    ///
    /// # Errors
    /// Any [`Refusal`] except [`NoHeader`](Refusal::NoHeader) and [`SeveralHeaders`](Refusal::SeveralHeaders).
    pub fn verify<'a>(
        &self,
        header: impl AsRef<[u8]>,
        body: &'a [u8],
        received: UnixTime,
    ) -> Result<Delivery<'a>, Refusal> {
        self.check(header.as_ref(), body, received)
    }

    /// Verifies an HTTP request, by its signature header and its raw body. The method and the URI are not checked: the
    /// service does not sign them.
    ///
    /// # Errors
    /// Any [`Refusal`].
    ///
    /// ```
    /// # use byourside_proto::{UnixTime, webhook::{Refusal, Signer, Verifier, WebhookSecret}};
    /// # let (secret, received) = (WebhookSecret::new("whsec_example")?, UnixTime::new(1_767_225_600));
    /// let verifier = Verifier::new(secret.clone());
    /// let request = http::Request::post("/hooks/byourside")
    ///     .header("X-BYS-Signature", Signer::new(secret).sign(received, b"{}"))
    ///     .body("{}")?;
    /// assert!(verifier.verify_request(&request, received).is_ok());
    /// assert_eq!(verifier.verify_request(&http::Request::new("{}"), received), Err(Refusal::NoHeader));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_request<'a, B: AsRef<[u8]>>(
        &self,
        request: &'a Request<B>,
        received: UnixTime,
    ) -> Result<Delivery<'a>, Refusal> {
        let mut headers = request.headers().get_all(SIGNATURE_HEADER).iter();
        let header = headers.next().ok_or(Refusal::NoHeader)?;
        if headers.next().is_some() {
            return Err(Refusal::SeveralHeaders);
        }
        self.check(header.as_bytes(), request.body().as_ref(), received)
    }

    /// Checks the signature header without the body, so that a server need not read a body that it would refuse anyway.
    ///
    /// This proves nothing, since anyone can write such a header: verify the delivery afterwards, with its body and
    /// with the same `received`.
    ///
    /// # Errors
    /// Any [`Refusal`] of [`verify`](Self::verify) except [`WrongSignature`](Refusal::WrongSignature).
    pub fn check_header(&self, header: impl AsRef<[u8]>, received: UnixTime) -> Result<(), Refusal> {
        self.fresh(header.as_ref(), received).map(|_| ())
    }

    fn check<'a>(&self, header: &[u8], body: &'a [u8], received: UnixTime) -> Result<Delivery<'a>, Refusal> {
        let (header, signed) = self.fresh(header, received)?;
        // The time this takes shows which secret matches, which need not be kept secret.
        self.secrets
            .iter()
            .position(|secret| {
                let tag = secret.tag(header.t, body);
                header.signatures().any(|signature| tag.is(&signature))
            })
            .map(|secret_index| Delivery::new(body, signed, secret_index))
            .ok_or(Refusal::WrongSignature)
    }

    /// The parsed header and its time, if the header is valid and within the tolerance.
    fn fresh<'h>(&self, header: &'h [u8], received: UnixTime) -> Result<(Header<'h>, UnixTime), Refusal> {
        let header = Header::read(header)?;
        let signed = UnixTime::new(header.seconds);
        // The distance of two i64 always fits a u64.
        let distance = signed.seconds().abs_diff(received.seconds());
        if signed <= received && distance > self.max_age {
            return Err(Refusal::Stale {
                age: distance,
                max: self.max_age,
            });
        }
        if signed > received && distance > self.max_future_skew {
            return Err(Refusal::TooEarly {
                ahead: distance,
                max: self.max_future_skew,
            });
        }
        Ok((header, signed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::Signer;

    #[test]
    fn verifier_has_a_tolerance_of_its_own_for_each_direction() {
        let secret = WebhookSecret::new("whsec_example").unwrap();
        let header = Signer::new(secret.clone()).sign(UnixTime::new(1000), b"");
        let verifier = Verifier::new(secret)
            .max_age(Duration::from_secs(60))
            .max_future_skew(Duration::from_millis(5999));
        let at = |received| verifier.verify(&header, b"", UnixTime::new(received)).map(|_| ());
        assert_eq!((at(1060), at(995)), (Ok(()), Ok(())));
        assert_eq!(at(1061), Err(Refusal::Stale { age: 61, max: 60 }));
        assert_eq!(at(994), Err(Refusal::TooEarly { ahead: 6, max: 5 }));
    }
}
