//! A computed tag, and the one question that can be put to it.
//!
//! Its bytes cannot be had: so that every answer takes the same time, the `hmac` crate's comparison is the only one.
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

    pub(super) fn is(&self, candidate: &[u8; 32]) -> bool {
        self.0 == CtOutput::new(Output::<HmacSha256>::from(*candidate))
    }
}

#[cfg(test)]
mod tests {
    use super::super::WebhookSecret;

    #[test]
    fn every_bit_decides() {
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

    /// A `CtOutput` is compared in constant time or not at all, so whoever wants another comparison needs the bytes.
    #[test]
    fn on_the_way_of_a_check_nothing_gets_at_the_bytes_of_a_tag() {
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
