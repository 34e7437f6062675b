//! Bad input, found before any I/O.
use core::fmt;
use serde::{Deserialize, Serialize};

/// The request could not be built: bad input, found before any I/O.
///
/// ```
/// use byourside_proto::{BuildError, PlaceCall};
/// assert_eq!(PlaceCall::new("0415 555 0123", "Ask.").unwrap_err(), BuildError::InvalidNumber);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum BuildError {
    /// The API key is empty.
    NoApiKey,
    /// The API key has characters that a header cannot carry.
    InvalidApiKey,
    /// The base URL is not https, nor http to a loopback host.
    InvalidBaseUrl,
    /// The id is empty, `.`, `..` or too long.
    InvalidCallId,
    /// The number is not E.164.
    InvalidNumber,
    /// The objective is empty.
    ObjectiveRequired,
    /// Over 20 fields.
    TooManyFields,
    /// A field has no name, or two have the same one.
    InvalidField,
    /// The webhook URL is not https.
    InvalidWebhookUrl,
    /// The webhook secret is empty.
    NoWebhookSecret,
    /// A token to correlate events with has characters that a URL would change, or there is no webhook URL to carry it.
    InvalidCorrelation,
    /// The environment names a proxy that is no proxy.
    InvalidProxy,
    /// The name or the value of an idempotency header is none, or the name is one that the request has already.
    InvalidIdempotency,
    /// There are no certificates to trust.
    NoTlsRoots,
}

impl BuildError {
    /// The code, in the service's words where it has one.
    ///
    /// ```
    /// assert_eq!(byourside_proto::BuildError::InvalidNumber.code(), "invalid_number");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoApiKey => "no_api_key",
            Self::InvalidApiKey => "invalid_api_key",
            Self::InvalidBaseUrl => "invalid_base_url",
            Self::InvalidCallId => "invalid_call_id",
            Self::InvalidNumber => "invalid_number",
            Self::ObjectiveRequired => "objective_required",
            Self::TooManyFields => "too_many_fields",
            Self::InvalidField => "invalid_field",
            Self::InvalidWebhookUrl => "invalid_webhook_url",
            Self::NoWebhookSecret => "no_webhook_secret",
            Self::InvalidCorrelation => "invalid_correlation",
            Self::InvalidProxy => "invalid_proxy",
            Self::InvalidIdempotency => "invalid_idempotency",
            Self::NoTlsRoots => "no_tls_roots",
        }
    }

    /// Always 0: no answer came.
    ///
    /// ```
    /// assert_eq!(byourside_proto::BuildError::InvalidNumber.status(), 0);
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        0
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoApiKey => "the API key is empty; create one in the dashboard",
            Self::InvalidApiKey => "the API key has spaces or control characters; check how it was copied",
            Self::InvalidBaseUrl => {
                "the base URL must be https, or http to a loopback host, without user, query or fragment"
            }
            Self::InvalidCallId => "the call id is empty, `.`, `..` or over 1024 bytes; pass it as the service gave it",
            Self::InvalidNumber => "the number is not E.164; write it like +14155550123",
            Self::ObjectiveRequired => "the objective is empty; say what the call should accomplish",
            Self::TooManyFields => "a call extracts at most 20 fields; ask for fewer",
            Self::InvalidField => "each field needs a name of its own; it is the key in what is extracted",
            Self::InvalidWebhookUrl => "the webhook URL must be https, or http to a loopback host",
            Self::NoWebhookSecret => "the webhook secret is empty; pass the one that the dashboard shows (whsec_...)",
            Self::InvalidCorrelation => {
                "set the webhook URL first, and correlate with 1 to 128 of A-Z, a-z, 0-9, `-`, `_`, `.`, `~`"
            }
            Self::InvalidProxy => "the proxy that the environment names is not one; check HTTPS_PROXY and NO_PROXY",
            Self::InvalidIdempotency => {
                "an idempotency header needs a name that the request does not use yet, and a value of visible ASCII"
            }
            Self::NoTlsRoots => "no certificate authority is trusted here; install the system's certificates",
        })
    }
}

impl core::error::Error for BuildError {}
