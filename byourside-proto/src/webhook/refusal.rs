//! The error for a refused delivery.
use super::header_name::SIGNATURE_HEADER;
use core::fmt;

/// The reason why a [`Verifier`](super::Verifier) refuses a delivery.
///
/// `Display` says what is the likely cause and what to check. It never shows the secret or the expected signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The request has no signature header.
    NoHeader,
    /// The request has more than one signature header.
    SeveralHeaders,
    /// The header is over 64 KiB.
    HeaderTooLong {
        /// The length of the header, in bytes.
        length: usize,
    },
    /// The header has no `t` part.
    NoTimestamp,
    /// The header has more than one `t` part, so it is not clear which one is signed.
    SeveralTimestamps,
    /// `t` is not a canonical decimal number from 0 to `i64::MAX`: digits only, without sign, spaces or leading zeros.
    InvalidTimestamp,
    /// The header has no `v1` part of 64 lower-case hex digits.
    NoSignature,
    /// The header has more than 16 well-formed `v1` parts.
    TooManySignatures,
    /// The delivery was signed longer ago than the maximum age.
    Stale {
        /// The age, in seconds.
        age: u64,
        /// The maximum age, in seconds.
        max: u64,
    },
    /// The delivery was signed further in the future than the maximum skew.
    TooEarly {
        /// How far the signature is ahead of the receiver's clock, in seconds.
        ahead: u64,
        /// The maximum skew, in seconds.
        max: u64,
    },
    /// No `v1` part is the signature of this body with any of the secrets.
    WrongSignature,
}

impl Refusal {
    /// A short code of the reason, for logs and metrics, e.g. `wrong_signature`.
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

    /// Always 0: a delivery has no HTTP status.
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
                "the request has no {SIGNATURE_HEADER} header: it is not from the service, or a proxy removed the \
                 header"
            ),
            Self::SeveralHeaders => write!(f, "the request has more than one {SIGNATURE_HEADER} header"),
            Self::HeaderTooLong { length } => write!(
                f,
                "the signature header has {length} bytes; the service sends about 80, so it is not from the service"
            ),
            Self::NoTimestamp => {
                f.write_str("the signature header has no `t` part: pass the whole value of the header, `t=...,v1=...`")
            }
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
                "the delivery was signed {age} s ago, over the maximum of {max} s: the receiver's clock is fast, the \
                 delivery waited before the check (pass the time of receipt), or it is replayed"
            ),
            Self::TooEarly { ahead, max } => write!(
                f,
                "the delivery was signed {ahead} s in the future, over the maximum of {max} s: the receiver's clock is \
                 slow, or the time of receipt is not in seconds"
            ),
            Self::WrongSignature => f.write_str(
                "no secret of the verifier matches the signature: most likely the body was parsed and re-serialised, \
                 decoded or trimmed before the check (pass the raw bytes), or the secret is of another endpoint, is an \
                 old one, or has a newline or quotes around it",
            ),
        }
    }
}

impl core::error::Error for Refusal {}
