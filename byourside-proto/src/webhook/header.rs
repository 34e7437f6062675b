//! Parses the signature header, `t=<unix seconds>,v1=<hex>`.
use super::refusal::Refusal;
use core::{array, iter};
use memchr::memchr;

/// The longest header that is parsed, in bytes. Most servers have a lower limit; this one bounds the work in any case.
const MAX_LENGTH: usize = 64 * 1024;

/// The most `v1` parts in one header. The rotation of a secret needs two.
const MAX_SIGNATURES: usize = 16;

/// A parsed header: one time, and at least one signature of the right form.
pub(super) struct Header<'a> {
    /// The digits of `t` as they came, since these bytes are signed.
    pub(super) t: &'a [u8],
    /// The value of `t`.
    pub(super) seconds: i64,
    /// The first well-formed `v1`.
    signature: [u8; 32],
    /// The parts after it.
    others: Parts<'a>,
}

impl<'a> Header<'a> {
    /// Splits the header on `,`, and each part on its first `=`, and trims ASCII white space of both halves. Parts
    /// other than `t` and `v1` are ignored, and so is a `v1` that is not 64 lower-case hex digits. Source: the official
    /// Python client, which accepts more forms of `t`.
    pub(super) fn read(header: &'a [u8]) -> Result<Self, Refusal> {
        if header.len() > MAX_LENGTH {
            return Err(Refusal::HeaderTooLong { length: header.len() });
        }
        let (mut t, mut first, mut count) = (None, None, 0);
        let mut parts = Parts(Some(header));
        while let Some((name, value)) = parts.next() {
            match name {
                b"t" if t.is_some() => return Err(Refusal::SeveralTimestamps),
                b"t" => t = Some(value),
                b"v1" => {
                    if let Some(signature) = decoded(value) {
                        count += 1;
                        first.get_or_insert((signature, parts.clone()));
                    }
                }
                name if reads_as_t(name) => return Err(Refusal::InvalidTimestamp),
                _ => {}
            }
            if count > MAX_SIGNATURES {
                return Err(Refusal::TooManySignatures);
            }
        }
        let t = t.ok_or(Refusal::NoTimestamp)?;
        let seconds = canonical_decimal(t).ok_or(Refusal::InvalidTimestamp)?;
        let (signature, others) = first.ok_or(Refusal::NoSignature)?;
        Ok(Self {
            t,
            seconds,
            signature,
            others,
        })
    }

    /// The well-formed `v1` parts, in their order.
    pub(super) fn signatures(&self) -> impl Iterator<Item = [u8; 32]> {
        let others = self.others.clone().filter(|(name, _)| *name == b"v1");
        iter::once(self.signature).chain(others.filter_map(|(_, value)| decoded(value)))
    }
}

/// Iterates over the parts of a header that have a `=`, as name and value.
#[derive(Clone)]
struct Parts<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Parts<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let parts = self.0?;
            let (part, rest) = cut(parts, memchr(b',', parts));
            self.0 = rest;
            // Names are short, so `memchr` would not pay here.
            let (name, value) = cut(part, part.iter().position(|byte| *byte == b'='));
            if let Some(value) = value {
                return Some((name.trim_ascii(), value.trim_ascii()));
            }
        }
    }
}

/// The bytes before this index, and the bytes after it.
fn cut(bytes: &[u8], at: Option<usize>) -> (&[u8], Option<&[u8]>) {
    match at {
        Some(at) => (&bytes[..at], Some(&bytes[at + 1..])),
        None => (bytes, None),
    }
}

/// Whether a parser that trims more than ASCII white space would take this name for `t`. It would read another time
/// from the same header, so such a header is refused.
fn reads_as_t(name: &[u8]) -> bool {
    let visible = |byte: &u8| byte.is_ascii_graphic();
    let mut visibles = name.iter().filter(|byte| visible(byte));
    visibles.next() == Some(&b't') && visibles.next().is_none()
}

/// Parses a number from 0 to `i64::MAX` in its only canonical form: digits without leading zeros.
fn canonical_decimal(digits: &[u8]) -> Option<i64> {
    // Any 19 digits fit into a u64.
    if digits.len() > 19 || !matches!(digits, [b'0'] | [b'1'..=b'9', ..]) {
        return None;
    }
    let number = digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0'))
    })?;
    i64::try_from(number).ok()
}

/// Decodes 64 lower-case hex digits. It has no branch per digit, so that the compiler can vectorise it.
fn decoded(digits: &[u8]) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = digits.try_into().ok()?;
    let foreign = |byte: u8| !(byte.is_ascii_digit() | matches!(byte, b'a'..=b'f'));
    if digits.iter().fold(false, |any, byte| any | foreign(*byte)) {
        return None;
    }
    let nibble = |digit: u8| if digit < b'a' { digit & 0xf } else { digit - b'a' + 10 };
    Some(array::from_fn(|at| {
        nibble(digits[2 * at]) << 4 | nibble(digits[2 * at + 1])
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

    const V1: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn read(header: &str) -> Result<(i64, usize), Refusal> {
        Header::read(header.as_bytes()).map(|header| (header.seconds, header.signatures().count()))
    }

    fn with_t(t: &str) -> Result<(i64, usize), Refusal> {
        read(&format!("t={t},v1={V1}"))
    }

    #[test]
    fn header_has_its_parts_in_any_order_among_unknown_ones() {
        assert_eq!(
            read(&format!(",v0=1, v1 = {V1} ,junk,,\tt\t=\t7\t,=,x=t=1")),
            Ok((7, 1))
        );
    }

    #[test]
    fn header_skips_a_malformed_signature() {
        let upper = V1.to_uppercase();
        assert_eq!(
            read(&format!("t=1,v1=,v1=junk,v1={upper},v1={V1}0,v1={V1}")),
            Ok((1, 1))
        );
        assert_eq!(read(&format!("t=1,v1=g{}", &V1[1..])), Err(Refusal::NoSignature));
    }

    #[test]
    fn header_time_is_canonical_decimal_or_refused() {
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
            "9999999999999999999",
            "18446744073709551617",
            "-9223372036854775808",
        ] {
            assert_eq!(with_t(t), Err(Refusal::InvalidTimestamp), "{t}");
        }
        assert_eq!(with_t(&"9".repeat(5000)), Err(Refusal::InvalidTimestamp));
    }

    #[test]
    fn header_with_two_times_is_refused_even_if_they_agree() {
        assert_eq!(read(&format!("t=1,t=1,v1={V1}")), Err(Refusal::SeveralTimestamps));
    }

    #[test]
    fn header_with_a_second_time_in_odd_white_space_is_refused() {
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
    fn header_without_a_part_has_the_refusal_of_that_part() {
        assert_eq!(read(""), Err(Refusal::NoTimestamp));
        assert_eq!(read(&format!("v1={V1}")), Err(Refusal::NoTimestamp));
        assert_eq!(read("t=1"), Err(Refusal::NoSignature));
    }

    #[test]
    fn header_has_at_most_16_signatures() {
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
    fn header_part_ends_at_its_comma_at_any_offset() {
        for length in 1..80 {
            let header = format!("{0}=1,{0},,={0},{0}=b=c", "a".repeat(length));
            let parts: Vec<_> = Parts(Some(header.as_bytes())).collect();
            let a = &header.as_bytes()[..length];
            assert_eq!(parts, [(a, &b"1"[..]), (b"", a), (a, b"b=c")]);
        }
    }

    #[test]
    fn header_signatures_keep_their_order() {
        let (one, two) = ("11".repeat(32), "22".repeat(32));
        let header = format!("v1=junk,v1={one},v0={two},t=1,v1={},v1 = {two} ,v1", "x".repeat(64));
        let header = Header::read(header.as_bytes()).ok().unwrap();
        assert_eq!(header.signatures().collect::<Vec<_>>(), [[0x11; 32], [0x22; 32]]);
    }

    #[test]
    fn header_is_at_most_64_kib() {
        let good = format!("t=1,v1={V1},");
        let header = |length: usize| good.clone() + &"x".repeat(length - good.len());
        assert_eq!(read(&header(MAX_LENGTH)), Ok((1, 1)));
        let length = MAX_LENGTH + 1;
        assert_eq!(read(&header(length)), Err(Refusal::HeaderTooLong { length }));
    }

    #[test]
    fn hex_digits_are_decoded_in_order() {
        assert_eq!(decoded("0f".repeat(31).as_bytes()), None);
        let digits = format!("0f1e9a{}a9", "00".repeat(28));
        let bytes = decoded(digits.as_bytes()).unwrap();
        assert_eq!((&bytes[..3], bytes[31]), (&[0x0f, 0x1e, 0x9a][..], 0xa9));
        for foreign in ["/", ":", "`", "g", "A", "F", "\u{80}"] {
            let digits = foreign.to_owned() + &"0".repeat(64 - foreign.len());
            assert_eq!(decoded(digits.as_bytes()), None, "{foreign}");
        }
    }
}
