//! The webhook secret, with which the service signs deliveries.
use super::tag::{HmacSha256, Tag};
use crate::types::BuildError;
use alloc::string::String;
use core::fmt;
use hmac::{KeyInit, Mac, digest::CtOutput};
use zeroize::Zeroizing;

/// A webhook secret, as the vendor's dashboard shows it, with the prefix `whsec_`.
///
/// `Debug` does not show the secret. Its text is wiped at once, and the hash state that is keyed with it on drop.
#[derive(Clone)]
pub struct WebhookSecret(HmacSha256);

impl WebhookSecret {
    /// A webhook secret. All its UTF-8 bytes are the key of the HMAC, the prefix included. Source: the official Python
    /// client. A newline at the end of a file would be part of the key too, so trim it first.
    ///
    /// # Errors
    /// [`BuildError::NoWebhookSecret`] if the secret is empty, since anyone could sign with it.
    ///
    /// ```
    /// use byourside_proto::webhook::WebhookSecret;
    /// assert!(WebhookSecret::new("whsec_example").is_ok());
    /// assert_eq!(WebhookSecret::new("").unwrap_err().code(), "no_webhook_secret");
    /// ```
    pub fn new(secret: impl Into<String>) -> Result<Self, BuildError> {
        let secret = Zeroizing::new(secret.into());
        if secret.is_empty() {
            return Err(BuildError::NoWebhookSecret);
        }
        // HMAC accepts a key of any length, so this error never occurs.
        HmacSha256::new_from_slice(secret.as_bytes())
            .map(Self)
            .map_err(|_| BuildError::NoWebhookSecret)
    }

    /// The tag of `<t>.<body>`, where `t` is an `i64` in decimal.
    pub(super) fn tag(&self, t: &[u8], body: &[u8]) -> Tag {
        Tag::new(self.mac(t, body))
    }

    /// The same tag as bytes, for the signer only: to compare bytes would not take constant time.
    pub(super) fn signature(&self, t: &[u8], body: &[u8]) -> [u8; 32] {
        self.mac(t, body).into_bytes().into()
    }

    fn mac(&self, t: &[u8], body: &[u8]) -> CtOutput<HmacSha256> {
        // Hash the first block in one piece, and finish the state in place: small updates, and moving the state, cost
        // more than reading the header. An `i64` has at most 20 characters, so `t` always fits.
        let mut block = [b'.'; 64];
        let length = t.len().min(20);
        block[..length].copy_from_slice(&t[..length]);
        let room = &mut block[length + 1..];
        let (begin, rest) = body.split_at(body.len().min(room.len()));
        room[..begin.len()].copy_from_slice(begin);
        let first = &block[..length + 1 + begin.len()];
        let mut mac = self.0.clone();
        mac.update(first);
        mac.update(rest);
        mac.finalize_reset()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, vec};
    use sha2::Sha256;

    #[test]
    fn webhook_secret_debug_shows_nothing() {
        let secret = WebhookSecret::new("whsec_private").unwrap();
        assert_eq!(format!("{secret:?}"), "WebhookSecret(..)");
    }

    #[test]
    fn webhook_secret_state_is_wiped_on_drop() {
        fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        // The keyed state consists of these.
        wiped::<Sha256>();
        wiped::<CtOutput<HmacSha256>>();
    }

    #[test]
    fn webhook_secret_gives_the_hmac_of_rfc_4231() {
        // RFC 4231, test case 2. Its message has no dot to split it at, so this test uses the hash state itself.
        let mut mac = WebhookSecret::new("Jefe").unwrap().0;
        mac.update(b"what do ya want for nothing?");
        let expected = [
            0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00,
            0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
        ];
        assert!(Tag::new(mac.finalize()).is(&expected));
    }

    #[test]
    fn webhook_secret_signs_time_dot_and_body_of_any_length() {
        let secret = WebhookSecret::new("k").unwrap();
        for t in ["0", "1767225600", "9223372036854775807", "-9223372036854775808"] {
            for length in 0..200 {
                let body = vec![b'x'; length];
                let mut whole = secret.0.clone();
                whole.update(&[t.as_bytes(), b".", &body].concat());
                let whole: [u8; 32] = whole.finalize().into_bytes().into();
                assert_eq!(secret.signature(t.as_bytes(), &body), whole, "{t}, {length}");
                assert!(secret.tag(t.as_bytes(), &body).is(&whole), "{t}, {length}");
            }
        }
    }
}
