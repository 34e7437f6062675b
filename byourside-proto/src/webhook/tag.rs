//! The HMAC tag of a delivery, which can only be compared, in constant time.
//!
//! Its bytes are not accessible, so the comparison of the `hmac` crate, which takes constant time, is the only one.
use hmac::{
    HmacReset,
    digest::{CtOutput, Output},
};
use sha2::Sha256;

pub(super) type HmacSha256 = HmacReset<Sha256>;

pub(super) struct Tag(CtOutput<HmacSha256>);

impl Tag {
    pub(super) fn new(output: CtOutput<HmacSha256>) -> Self {
        Self(output)
    }

    /// Whether the candidate is this tag, in constant time.
    pub(super) fn is(&self, candidate: &[u8; 32]) -> bool {
        self.0 == CtOutput::new(Output::<HmacSha256>::from(*candidate))
    }
}

#[cfg(test)]
mod tests {
    use super::super::WebhookSecret;

    #[test]
    fn tag_comparison_looks_at_every_bit() {
        let secret = WebhookSecret::new("k").unwrap();
        let tag = secret.tag(b"1", b"body");
        let right = secret.signature(b"1", b"body");
        assert!(tag.is(&right));
        for bit in 0..256 {
            let mut wrong = right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(!tag.is(&wrong), "bit {bit}");
        }
    }

    /// A `CtOutput` has only the comparison in constant time. Any other comparison needs the bytes, so no code may get
    /// them.
    #[test]
    fn tag_bytes_are_not_accessible_to_the_verifier() {
        for (name, file, ways) in [
            ("tag.rs", include_str!("tag.rs"), &["_bytes", "pub(super) Ct"][..]),
            ("verifier.rs", include_str!("verifier.rs"), ELSEWHERE),
            ("header.rs", include_str!("header.rs"), ELSEWHERE),
            ("delivery.rs", include_str!("delivery.rs"), ELSEWHERE),
        ] {
            let code = file.split("#[cfg(test)]").next().unwrap();
            for way in ways {
                assert!(!code.contains(way), "{name}: {way}");
            }
        }
    }

    const ELSEWHERE: &[&str] = &["into_bytes", "to_bytes", "signature("];
}
