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
    signatures: [[u8; 32]; MAX_SIGNATURES],
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
        let mut signatures = [[0; 32]; MAX_SIGNATURES];
        let mut count = 0;
        for part in header.split(|&byte| byte == b',') {
            let Some(equals) = part.iter().position(|&byte| byte == b'=') else {
                continue;
            };
            let (name, value) = (part[..equals].trim_ascii(), part[equals + 1..].trim_ascii());
            match name {
                b"t" if t.is_some() => return Err(Refusal::SeveralTimestamps),
                b"t" => t = Some(value),
                b"v1" => {
                    if let Some(signature) = hex(value) {
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

    pub(super) fn signatures(&self) -> &[[u8; 32]] {
        &self.signatures[..self.count]
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

fn hex(digits: &[u8]) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = digits.try_into().ok()?;
    let mut bytes = [0; 32];
    // Validity is gathered, not branched on, so that the loop stays short of branches.
    let mut invalid = 0;
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let (high, low) = (NIBBLES[usize::from(pair[0])], NIBBLES[usize::from(pair[1])]);
        invalid |= high | low;
        *byte = high << 4 | low & 0x0f;
    }
    (invalid & 0xf0 == 0).then_some(bytes)
}

/// The value of each lower-case hex digit; 0xff for any other byte.
const NIBBLES: [u8; 256] = {
    let mut table = [0xff; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::String, vec::Vec};

    const V1: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn read(header: &str) -> Result<(i64, usize), Refusal> {
        Header::read(header.as_bytes()).map(|header| (header.seconds, header.signatures().len()))
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
    fn hex_digits_are_read_in_order() {
        assert_eq!(
            hex(V1.as_bytes()).map(|bytes| (bytes[1], bytes[31])),
            Some((0x11, 0xff))
        );
    }
}
