//! Is this delivery from the service?
use super::{
    delivery::Delivery, header::Header, header_name::SIGNATURE_HEADER, refusal::Refusal, secret::WebhookSecret,
};
use crate::types::UnixTime;
use alloc::{vec, vec::Vec};
use core::time::Duration;
use http::Request;

/// The official clients' tolerance, in seconds, either way.
const DEFAULT_TOLERANCE: u64 = 300;

/// Tells the service's deliveries from everyone else's.
///
/// Holds one secret or, while one is being replaced, several. Verifying allocates nothing, compares in constant time,
/// and looks at the header before it hashes the body, once per secret until one fits. It does not parse the body:
/// an event of a kind that is not known yet is a verified delivery all the same.
#[derive(Clone, Debug)]
pub struct Verifier {
    /// Never empty.
    secrets: Vec<WebhookSecret>,
    max_age: u64,
    max_future_skew: u64,
}

impl Verifier {
    /// A verifier with this secret, and 300 s of tolerance either way.
    ///
    /// ```
    /// use byourside_proto::webhook::{Verifier, WebhookSecret};
    /// let verifier = Verifier::new(WebhookSecret::new("whsec_example")?);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn new(secret: WebhookSecret) -> Self {
        Self {
            secrets: vec![secret],
            max_age: DEFAULT_TOLERANCE,
            max_future_skew: DEFAULT_TOLERANCE,
        }
    }

    /// Takes another secret as well: during a rotation either may sign. Secrets are tried in the order given.
    ///
    /// ```
    /// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
    /// let (new, old) = (WebhookSecret::new("whsec_new")?, WebhookSecret::new("whsec_old")?);
    /// let verifier = Verifier::new(new).with_additional_secret(old.clone());
    ///
    /// let now = UnixTime::new(1_767_225_600);
    /// let header = Signer::new(old).sign(now, b"{}");
    /// assert_eq!(verifier.verify(&header, b"{}", now)?.secret_index(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_additional_secret(mut self, secret: WebhookSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// How long ago a delivery may have been signed: whole seconds, inclusive, 300 by default.
    ///
    /// ```
    /// # use byourside_proto::{UnixTime, webhook::{Refusal, Signer, Verifier, WebhookSecret}};
    /// # let secret = WebhookSecret::new("whsec_example")?;
    /// # let header = Signer::new(secret.clone()).sign(UnixTime::new(100), b"{}");
    /// let verifier = Verifier::new(secret).max_age(core::time::Duration::from_secs(60));
    /// let late = verifier.verify(&header, b"{}", UnixTime::new(161));
    /// assert_eq!(late, Err(Refusal::Stale { age: 61, max: 60 }));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn max_age(mut self, max: Duration) -> Self {
        self.max_age = max.as_secs();
        self
    }

    /// How far in the future a delivery may be signed: whole seconds, inclusive, 300 by default. What is let in here
    /// can be replayed for as much longer.
    ///
    /// ```
    /// # use byourside_proto::{UnixTime, webhook::{Refusal, Signer, Verifier, WebhookSecret}};
    /// # let secret = WebhookSecret::new("whsec_example")?;
    /// # let header = Signer::new(secret.clone()).sign(UnixTime::new(100), b"{}");
    /// let verifier = Verifier::new(secret).max_future_skew(core::time::Duration::from_secs(5));
    /// let early = verifier.verify(&header, b"{}", UnixTime::new(94));
    /// assert_eq!(early, Err(Refusal::TooEarly { ahead: 6, max: 5 }));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn max_future_skew(mut self, max: Duration) -> Self {
        self.max_future_skew = max.as_secs();
        self
    }

    /// Checks the value of `X-BYS-Signature` against the raw body. `received` is when the delivery arrived.
    ///
    /// Passes if any `v1` part is right under any of the secrets; a malformed one is skipped.
    ///
    /// # Errors
    /// Any [`Refusal`] but [`NoHeader`](Refusal::NoHeader) and [`SeveralHeaders`](Refusal::SeveralHeaders).
    ///
    /// ```
    /// # use byourside_proto::{UnixTime, webhook::{Refusal, Signer, Verifier, WebhookSecret}};
    /// # let secret = WebhookSecret::new("whsec_example")?;
    /// # let verifier = Verifier::new(secret.clone());
    /// # let received = UnixTime::new(1_767_225_600);
    /// let header = Signer::new(secret).sign(received, b"{\"a\": 1}");
    /// assert!(verifier.verify(&header, b"{\"a\": 1}", received).is_ok());
    /// assert_eq!(verifier.verify(&header, b"{\"a\":1}", received), Err(Refusal::WrongSignature));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn verify<'a>(
        &self,
        header: impl AsRef<[u8]>,
        body: &'a [u8],
        received: UnixTime,
    ) -> Result<Delivery<'a>, Refusal> {
        self.check(header.as_ref(), body, received)
    }

    /// Checks a whole request, whatever its method and path: header and raw body.
    ///
    /// # Errors
    /// Any [`Refusal`].
    ///
    /// ```
    /// # use byourside_proto::{UnixTime, webhook::{Refusal, Signer, Verifier, WebhookSecret}};
    /// # let secret = WebhookSecret::new("whsec_example")?;
    /// # let verifier = Verifier::new(secret.clone());
    /// # let received = UnixTime::new(1_767_225_600);
    /// let request = http::Request::post("/hooks/byourside")
    ///     .header("X-BYS-Signature", Signer::new(secret).sign(received, b"{}"))
    ///     .body("{}")?;
    /// assert!(verifier.verify_request(&request, received).is_ok());
    /// assert_eq!(verifier.verify_request(&http::Request::new(""), received), Err(Refusal::NoHeader));
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

    /// Checks what the header shows without the body, so that a server reads no body that is refused whatever it is.
    ///
    /// It proves nothing: anyone can write such a header. Whatever passes is still to be verified with its body, and with
    /// the same `received`.
    ///
    /// # Errors
    /// Any [`Refusal`] that [`verify`](Self::verify) would give for every body: all of its own but
    /// [`WrongSignature`](Refusal::WrongSignature).
    ///
    /// ```
    /// # use byourside_proto::{UnixTime, webhook::{Refusal, Signer, Verifier, WebhookSecret}};
    /// # let secret = WebhookSecret::new("whsec_example")?;
    /// # let verifier = Verifier::new(secret.clone());
    /// let header = Signer::new(secret).sign(UnixTime::new(100), b"{}");
    /// assert_eq!(verifier.check_header(&header, UnixTime::new(100)), Ok(()));
    /// let late = verifier.check_header(&header, UnixTime::new(401));
    /// assert_eq!(late, Err(Refusal::Stale { age: 301, max: 300 }));
    /// assert_eq!(verifier.check_header("t=100", UnixTime::new(100)), Err(Refusal::NoSignature));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn check_header(&self, header: impl AsRef<[u8]>, received: UnixTime) -> Result<(), Refusal> {
        self.fresh(header.as_ref(), received).map(|_| ())
    }

    fn check<'a>(&self, header: &[u8], body: &'a [u8], received: UnixTime) -> Result<Delivery<'a>, Refusal> {
        let (header, signed) = self.fresh(header, received)?;
        // Which secret fits shows in the time this takes; that is no secret.
        self.secrets
            .iter()
            .position(|secret| {
                let tag = secret.tag(header.t, body);
                header.signatures().any(|signature| tag.is(&signature))
            })
            .map(|secret_index| Delivery::new(body, signed, secret_index))
            .ok_or(Refusal::WrongSignature)
    }

    /// The header's parts and its time, if it is worth hashing a body for.
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
