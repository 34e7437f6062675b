//! What the service signs with.
use crate::BuildError;
use alloc::string::String;
use core::fmt;
use hmac::{
    Hmac, KeyInit, Mac,
    digest::{CtOutput, Output},
};
use sha2::Sha256;
use zeroize::Zeroizing;

type HmacSha256 = Hmac<Sha256>;

/// A webhook secret, as the dashboard shows it: `whsec_` included.
///
/// `Debug` does not show it. Its text is wiped as soon as the hash state is keyed with it, and that state on drop.
#[derive(Clone)]
pub struct WebhookSecret(HmacSha256);

impl WebhookSecret {
    /// Takes a secret as it is: its UTF-8 bytes, prefix, spaces and all, are the key.
    /// A newline left over from reading a file is part of it too, so trim what may have one.
    ///
    /// # Errors
    /// [`BuildError::NoWebhookSecret`] if it is empty: anyone can sign with that.
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
        // HMAC takes a key of any length, so only the empty one is ever refused.
        HmacSha256::new_from_slice(secret.as_bytes())
            .map(Self)
            .map_err(|_| BuildError::NoWebhookSecret)
    }

    /// `whsec_simulated`, which the simulated service signs with unless told otherwise.
    #[cfg(feature = "sim")]
    pub(crate) fn simulated() -> Self {
        const SECRET: &[u8] = b"whsec_simulated";
        // RFC 2104: a key shorter than a block is filled up with zeros.
        let mut key = hmac::digest::Key::<HmacSha256>::default();
        key[..SECRET.len()].copy_from_slice(SECRET);
        Self(HmacSha256::new(&key))
    }

    /// The tag of `<t>.<body>`, where `t` is an `i64` in decimal.
    pub(super) fn tag(&self, t: &[u8], body: &[u8]) -> Tag {
        let mut mac = self.0.clone();
        // One update for both, not two: a few per cent of the time that a small body takes. An `i64` has 20 characters
        // at most, so nothing is ever cut off.
        let mut prefix = [b'.'; 24];
        let length = t.len().min(prefix.len() - 1);
        prefix[..length].copy_from_slice(&t[..length]);
        mac.update(&prefix[..=length]);
        mac.update(body);
        Tag(mac.finalize())
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

/// A computed tag. The verifier can ask it one thing, and the `hmac` crate's constant-time comparison answers.
pub(super) struct Tag(CtOutput<HmacSha256>);

impl Tag {
    pub(super) fn is(&self, candidate: &[u8; 32]) -> bool {
        self.0 == CtOutput::new(Output::<HmacSha256>::from(*candidate))
    }

    /// For the signer alone: whoever compares these bytes undoes the constant time.
    pub(super) fn to_bytes(&self) -> [u8; 32] {
        self.0.into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn the_secret_is_in_no_debug_output() {
        let secret = WebhookSecret::new("whsec_private").unwrap();
        assert_eq!(format!("{secret:?}"), "WebhookSecret(..)");
    }

    #[test]
    fn the_keyed_state_is_wiped_on_drop() {
        fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        // The keyed state is two of these.
        wiped::<Sha256>();
        wiped::<CtOutput<HmacSha256>>();
    }

    #[test]
    fn a_published_hmac_comes_out() {
        // RFC 4231, test case 2: the message "what do ya want for nothing?" has no dot, so one is cut out here.
        let mut mac = WebhookSecret::new("Jefe").unwrap().0;
        mac.update(b"what do ya want for nothing?");
        let tag = Tag(mac.finalize());
        let expected = [
            0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00,
            0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
        ];
        assert_eq!(tag.to_bytes(), expected);
        assert!(tag.is(&expected));
    }

    #[cfg(feature = "sim")]
    #[test]
    fn the_simulated_secret_is_what_it_says() {
        let tag = WebhookSecret::new("whsec_simulated").unwrap().tag(b"1", b"body");
        assert!(WebhookSecret::simulated().tag(b"1", b"body").is(&tag.to_bytes()));
    }

    #[test]
    fn the_hmac_crates_comparison_decides_over_every_bit() {
        // The operator behind `Tag::is` is that of `CtOutput`, and nothing shorter than the whole tag passes it.
        let decides: fn(&CtOutput<HmacSha256>, &CtOutput<HmacSha256>) -> bool = PartialEq::eq;
        let tag = WebhookSecret::new("k").unwrap().tag(b"1", b"body");
        let right = tag.to_bytes();
        assert!(tag.is(&right));
        for bit in 0..256 {
            let mut wrong = right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(!tag.is(&wrong), "bit {bit}");
            assert_eq!(
                tag.is(&wrong),
                decides(&tag.0, &CtOutput::new(wrong.into())),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn the_verifier_never_sees_the_bytes_of_a_tag() {
        for file in [
            include_str!("verifier.rs"),
            include_str!("header.rs"),
            include_str!("delivery.rs"),
        ] {
            let code = file.split("#[cfg(test)]").next().unwrap();
            assert!(!code.contains("to_bytes") && !code.contains("into_bytes"));
        }
    }
}
