//! Signs deliveries as the service does, for tests and for a simulated service.
use super::secret::WebhookSecret;
use crate::types::UnixTime;
use alloc::{
    format,
    string::{String, ToString},
};

/// Signs webhook deliveries as the service does, for tests and for a simulated service.
///
/// ```
/// use byourside_proto::{UnixTime, webhook::{Signer, WebhookSecret}};
///
/// let signer = Signer::new(WebhookSecret::new("whsec_example")?);
/// let header = signer.sign(UnixTime::new(1_767_225_600), b"{}");
/// assert!(header.starts_with("t=1767225600,v1="));
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signer(WebhookSecret);

impl Signer {
    /// A signer with this secret.
    #[must_use]
    pub fn new(secret: WebhookSecret) -> Self {
        Self(secret)
    }

    /// The value of the `X-BYS-Signature` header for this body, signed at time `t`. Every verifier refuses a `t` before
    /// 1970.
    #[must_use]
    pub fn sign(&self, t: UnixTime, body: &[u8]) -> String {
        let digits = t.to_string();
        let signature = self.0.signature(digits.as_bytes(), body);
        let hex = signature.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        let hex = hex.map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]));
        let mut header = format!("t={digits},v1=");
        header.extend(hex);
        header
    }
}
