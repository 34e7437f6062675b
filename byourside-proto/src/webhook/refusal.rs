//! Why a delivery is refused.
use super::header_name::SIGNATURE_HEADER;
use core::fmt;

/// Why a delivery is refused. `Display` says what is likely wrong; neither the secret nor the expected signature is in it.
///
/// Reasons may be added when the service adds to its scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The request has no signature header.
    NoHeader,
    /// The request has more than one signature header.
    SeveralHeaders,
    /// The header is over 64 KiB.
    HeaderTooLong {
        /// Its length, in bytes.
        length: usize,
    },
    /// The header has no `t` part.
    NoTimestamp,
    /// The header has more than one `t` part, and which one is signed is anyone's guess.
    SeveralTimestamps,
    /// `t` is not canonical decimal: digits up to `i64::MAX`, without sign, spaces or leading zeros.
    InvalidTimestamp,
    /// The header has no `v1` part of 64 lower-case hex digits.
    NoSignature,
    /// The header has more than 16 well-formed `v1` parts.
    TooManySignatures,
    /// Signed longer ago than the maximum age.
    Stale {
        /// How long ago, in seconds.
        age: u64,
        /// The maximum, in seconds.
        max: u64,
    },
    /// Signed further in the future than the maximum skew.
    TooEarly {
        /// How far ahead of the receiver's clock, in seconds.
        ahead: u64,
        /// The maximum, in seconds.
        max: u64,
    },
    /// No `v1` part is the signature of these bytes under any of the secrets.
    WrongSignature,
}

impl Refusal {
    /// A short name of the reason, for logs and metrics.
    ///
    /// ```
    /// assert_eq!(byourside_proto::webhook::Refusal::WrongSignature.code(), "wrong_signature");
    /// ```
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NoHeader => "no_header",
            Self::SeveralHeaders => "several_headers",
            Self::HeaderTooLong { .. } => "header_too_long",
            Self::NoTimestamp => "no_timestamp",
            Self::SeveralTimestamps => "several_timestamps",
            Self::InvalidTimestamp => "invalid_timestamp",
            Self::NoSignature => "no_signature",
            Self::TooManySignatures => "too_many_signatures",
            Self::Stale { .. } => "stale",
            Self::TooEarly { .. } => "too_early",
            Self::WrongSignature => "wrong_signature",
        }
    }

    /// Always 0: a delivery is no answer to a request of ours.
    ///
    /// ```
    /// assert_eq!(byourside_proto::webhook::Refusal::NoHeader.status(), 0);
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        0
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHeader => write!(
                f,
                "the request has no {SIGNATURE_HEADER} header: it is not from the service, or a proxy dropped the header"
            ),
            Self::SeveralHeaders => write!(f, "the request has more than one {SIGNATURE_HEADER} header"),
            Self::HeaderTooLong { length } => write!(
                f,
                "the signature header has {length} bytes; the service sends about 80, so it is not from the service"
            ),
            Self::NoTimestamp => f.write_str(
                "the signature header has no `t` part: pass the whole value of the header, `t=...,v1=...`",
            ),
            Self::SeveralTimestamps => f.write_str("the signature header has more than one `t` part"),
            Self::InvalidTimestamp => f.write_str(
                "`t` in the signature header is not plain decimal seconds: pass the header as it came, unchanged",
            ),
            Self::NoSignature => f.write_str(
                "the signature header has no `v1` part of 64 lower-case hex digits: pass the header as it came, whole",
            ),
            Self::TooManySignatures => f.write_str("the signature header has more than 16 `v1` parts"),
            Self::Stale { age, max } => write!(
                f,
                "signed {age} s ago, and {max} s is the most: the receiver's clock is fast, the delivery waited before \
                 the check (pass the time of receipt), or it is replayed"
            ),
            Self::TooEarly { ahead, max } => write!(
                f,
                "signed {ahead} s in the future, and {max} s is the most: the receiver's clock is slow, or the time of \
                 receipt is not in seconds"
            ),
            Self::WrongSignature => f.write_str(
                "no secret given signs these bytes: most likely the body was parsed and re-serialised, decoded or \
                 trimmed before the check (pass the raw bytes), or the secret is another endpoint's, an old one, or has \
                 a newline or quotes around it",
            ),
        }
    }
}

impl core::error::Error for Refusal {}
