//! The parts of a signature header.
use super::Refusal;

/// The longest header looked at, in bytes. Servers cap headers at less; this bounds the work where one does not.
const MAX_LENGTH: usize = 64 * 1024;

/// The most `v1` parts that one header can have. A secret's rotation needs two.
const MAX_SIGNATURES: usize = 16;

/// A header that is worth hashing a body for.
pub(super) struct Header<'a> {
    /// The digits of `t` as they came: these bytes are signed, and as canonical ones they are the number's only form.
    pub(super) t: &'a [u8],
    pub(super) seconds: i64,
    signatures: [&'a [u8; 64]; MAX_SIGNATURES],
    count: usize,
}

impl<'a> Header<'a> {
    /// Splits on `,`, each part on its first `=`, and trims both halves of ASCII white space.
    /// Parts that are neither `t` nor `v1` are ignored, as is a `v1` that is not 64 lower-case hex digits.
    pub(super) fn read(header: &'a [u8]) -> Result<Self, Refusal> {
        if header.len() > MAX_LENGTH {
            return Err(Refusal::HeaderTooLong { length: header.len() });
        }
        let mut t = None;
        let mut signatures = [&[0; 64]; MAX_SIGNATURES];
        let mut count = 0;
        let mut rest = Some(header);
        while let Some(parts) = rest {
            let (part, others) = cut(parts, b',');
            rest = others;
            let (name, Some(value)) = cut(part, b'=') else {
                continue;
            };
            let (name, value) = (name.trim_ascii(), value.trim_ascii());
            match name {
                b"t" if t.is_some() => return Err(Refusal::SeveralTimestamps),
                b"t" => t = Some(value),
                b"v1" => {
                    if let Some(signature) = hex_digits(value) {
                        *signatures.get_mut(count).ok_or(Refusal::TooManySignatures)? = signature;
                        count += 1;
                    }
                }
                name if reads_as_t(name) => return Err(Refusal::InvalidTimestamp),
                _ => {}
            }
        }
        let t = t.ok_or(Refusal::NoTimestamp)?;
        let seconds = canonical_decimal(t).ok_or(Refusal::InvalidTimestamp)?;
        if count == 0 {
            return Err(Refusal::NoSignature);
        }
        Ok(Self {
            t,
            seconds,
            signatures,
            count,
        })
    }

    pub(super) fn signatures(&self) -> impl Iterator<Item = [u8; 32]> {
        self.signatures[..self.count].iter().map(|digits| decoded(digits))
    }
}

/// What comes before the first such byte, and what after it.
fn cut(bytes: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    // Sixteen at a time and without a branch is several times as fast, and most of a header is long hex.
    let lacks = |chunk: &&[u8]| !chunk.iter().fold(false, |found, byte| found | (*byte == at));
    let skipped = bytes.chunks_exact(16).take_while(lacks).count() * 16;
    match bytes[skipped..].iter().position(|byte| *byte == at) {
        Some(found) => (&bytes[..skipped + found], Some(&bytes[skipped + found + 1..])),
        None => (bytes, None),
    }
}

/// Whether a reader that trims more than ASCII white space could take this name for `t`, and so read another time
/// from the same header. Such a header is refused rather than guessed at.
fn reads_as_t(name: &[u8]) -> bool {
    let visible = |byte: &u8| byte.is_ascii_graphic();
    let mut visibles = name.iter().filter(|byte| visible(byte));
    visibles.next() == Some(&b't') && visibles.next().is_none()
}

/// The one way to write a number from 0 to `i64::MAX`: digits, and no zero in front of others.
fn canonical_decimal(digits: &[u8]) -> Option<i64> {
    if digits.len() > 1 && digits[0] == b'0' || digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_i64, |sum, digit| {
        let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// Looks at every byte without a branch, so that the compiler can look at many at once.
fn hex_digits(value: &[u8]) -> Option<&[u8; 64]> {
    let digits: &[u8; 64] = value.try_into().ok()?;
    let foreign = |byte: u8| !(byte.is_ascii_digit() | matches!(byte, b'a'..=b'f'));
    let any_foreign = digits.iter().fold(false, |any, byte| any | foreign(*byte));
    (!any_foreign).then_some(digits)
}

fn decoded(digits: &[u8; 64]) -> [u8; 32] {
    let nibble = |digit: u8| if digit < b'a' { digit & 0xf } else { digit - b'a' + 10 };
    core::array::from_fn(|at| nibble(digits[2 * at]) << 4 | nibble(digits[2 * at + 1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::String, vec::Vec};

    const V1: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn read(header: &str) -> Result<(i64, usize), Refusal> {
        Header::read(header.as_bytes()).map(|header| (header.seconds, header.signatures().count()))
    }

    fn with_t(t: &str) -> Result<(i64, usize), Refusal> {
        read(&format!("t={t},v1={V1}"))
    }

    #[test]
    fn parts_come_in_any_order_among_unknown_ones() {
        assert_eq!(
            read(&format!(",v0=1, v1 = {V1} ,junk,,\tt\t=\t7\t,=,x=t=1")),
            Ok((7, 1))
        );
    }

    #[test]
    fn a_malformed_signature_is_skipped() {
        let upper = V1.to_uppercase();
        assert_eq!(
            read(&format!("t=1,v1=,v1=junk,v1={upper},v1={V1}0,v1={V1}")),
            Ok((1, 1))
        );
        assert_eq!(read(&format!("t=1,v1=g{}", &V1[1..])), Err(Refusal::NoSignature));
    }

    #[test]
    fn the_time_is_canonical_decimal_or_refused() {
        assert_eq!(with_t("0"), Ok((0, 1)));
        assert_eq!(with_t("9223372036854775807"), Ok((i64::MAX, 1)));
        for t in [
            "",
            "-1",
            "+1",
            "01",
            "00",
            "1_0",
            "1 0",
            "1e3",
            "0x1",
            "٣",
            "9223372036854775808",
            "-9223372036854775808",
        ] {
            assert_eq!(with_t(t), Err(Refusal::InvalidTimestamp), "{t}");
        }
        assert_eq!(with_t(&"9".repeat(5000)), Err(Refusal::InvalidTimestamp));
    }

    #[test]
    fn two_times_are_refused_even_when_they_agree() {
        assert_eq!(read(&format!("t=1,t=1,v1={V1}")), Err(Refusal::SeveralTimestamps));
    }

    #[test]
    fn a_second_time_behind_odd_white_space_is_no_way_round() {
        for name in ["\u{a0}t", "t\u{b}", "\u{3000}t\u{85}", "\u{1c}t"] {
            assert_eq!(
                read(&format!("t=1,v1={V1},{name}=9")),
                Err(Refusal::InvalidTimestamp),
                "{name:?}"
            );
        }
        assert_eq!(read(&format!("t=1,v1={V1},ü=9,tt=9,\u{a0}v1=9")), Ok((1, 1)));
    }

    #[test]
    fn each_missing_part_has_its_own_refusal() {
        assert_eq!(read(""), Err(Refusal::NoTimestamp));
        assert_eq!(read(&format!("v1={V1}")), Err(Refusal::NoTimestamp));
        assert_eq!(read("t=1"), Err(Refusal::NoSignature));
    }

    #[test]
    fn the_number_of_signatures_is_bounded() {
        let header = |count: usize| {
            let parts: Vec<String> = (0..count).map(|_| format!("v1={V1}")).collect();
            format!("t=1,{}", parts.join(","))
        };
        assert_eq!(read(&header(MAX_SIGNATURES)), Ok((1, MAX_SIGNATURES)));
        assert_eq!(read(&header(MAX_SIGNATURES + 1)), Err(Refusal::TooManySignatures));
        let thousand = header(1000);
        assert_eq!(read(&thousand), Err(Refusal::HeaderTooLong { length: thousand.len() }));
    }

    #[test]
    fn a_cut_falls_on_the_first_such_byte_however_far_in_it_is() {
        for before in 0..50 {
            let text = format!("{},b,c", "a".repeat(before));
            let (part, rest) = cut(text.as_bytes(), b',');
            assert_eq!((part.len(), rest), (before, Some(&b"b,c"[..])));
            assert_eq!(cut(part, b','), (part, None));
        }
        let commas = [b','; 40];
        assert_eq!(cut(&commas, b','), (&[][..], Some(&commas[1..])));
    }

    #[test]
    fn a_header_is_as_long_as_it_may_be() {
        let good = format!("t=1,v1={V1},");
        let header = |length: usize| good.clone() + &"x".repeat(length - good.len());
        assert_eq!(read(&header(MAX_LENGTH)), Ok((1, 1)));
        let length = MAX_LENGTH + 1;
        assert_eq!(read(&header(length)), Err(Refusal::HeaderTooLong { length }));
    }

    #[test]
    fn hex_digits_are_read_in_order() {
        let bytes = hex_digits("0f".repeat(31).as_bytes()).map(decoded);
        assert_eq!(bytes, None);
        let digits = format!("0f1e9a{}a9", "00".repeat(28));
        let bytes = hex_digits(digits.as_bytes()).map(decoded).unwrap();
        assert_eq!((&bytes[..3], bytes[31]), (&[0x0f, 0x1e, 0x9a][..], 0xa9));
    }
}
