//! The error for invalid input.
use core::fmt;
use serde::{Deserialize, Serialize};

/// Invalid input, found before any I/O: nothing was sent.
///
/// `Display` says what to correct. No variant holds the input, so no error shows a key or a phone number.
///
/// ```
/// use byourside_proto::{BuildError, PlaceCall};
///
/// let error = PlaceCall::new("0415 555 0123", "Confirm the appointment.").unwrap_err();
/// assert_eq!(error, BuildError::InvalidNumber);
/// assert_eq!(error.code(), "invalid_number");
/// assert_eq!(error.to_string(), "the number is not E.164; write it like +14155550123");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum BuildError {
    /// The API key is empty.
    NoApiKey,
    /// The API key has a character other than visible ASCII: a header cannot carry it.
    InvalidApiKey,
    /// The base URL is not absolute, has user information, a query or a fragment, is over 2048 bytes, or would send the
    /// key in the clear. See [`BaseUrl::new`](crate::api::BaseUrl::new).
    InvalidBaseUrl,
    /// The call id is empty, `.`, `..` or over 1024 bytes.
    InvalidCallId,
    /// The phone number is not in E.164 form.
    InvalidNumber,
    /// The objective is empty.
    ObjectiveRequired,
    /// There are more than 20 fields.
    TooManyFields,
    /// A field has a blank name, or two fields have the same name.
    InvalidField,
    /// The webhook URL is neither https nor http to a loopback host.
    InvalidWebhookUrl,
    /// The webhook secret is empty.
    NoWebhookSecret,
    /// The correlation token is not 1 to 128 unreserved characters, or there is no webhook URL to carry it, or the
    /// webhook URL has a token already.
    InvalidCorrelation,
    /// A proxy URL in the environment is invalid, or the transport does not support its scheme.
    InvalidProxy,
    /// The idempotency header has an invalid name or value, or a name that the request already uses.
    InvalidIdempotency,
    /// There are no trusted root certificates, or one of them is invalid.
    NoTlsRoots,
}

impl BuildError {
    /// The code: the service's token for the same error where there is one, e.g. `invalid_number`.
    ///
    /// `no_api_key` is the official clients' code. Source: the official Python client.
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

    /// Always 0: there is no HTTP status, since nothing was sent.
    #[must_use]
    pub fn status(&self) -> u16 {
        0
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoApiKey => "the API key is empty; create one in the dashboard",
            Self::InvalidApiKey => "the API key has characters other than visible ASCII; check how it was copied",
            Self::InvalidBaseUrl => {
                "the base URL must be https, or http to a loopback host, without user, query or fragment"
            }
            Self::InvalidCallId => "the call id is empty, `.`, `..` or over 1024 bytes; pass it as the service gave it",
            Self::InvalidNumber => "the number is not E.164; write it like +14155550123",
            Self::ObjectiveRequired => "the objective is empty; say what the call should accomplish",
            Self::TooManyFields => "a call extracts at most 20 fields; ask for fewer",
            Self::InvalidField => "a field's name is blank or used twice; each name is a key of what is extracted",
            Self::InvalidWebhookUrl => "the webhook URL must be https, or http to a loopback host",
            Self::NoWebhookSecret => "the webhook secret is empty; pass the one that the dashboard shows (whsec_...)",
            Self::InvalidCorrelation => {
                "the correlation token cannot be added; set a webhook URL without `bys_intent` first, and use 1 to 128 \
                 of A-Z, a-z, 0-9, `-`, `_`, `.`, `~`"
            }
            Self::InvalidProxy => {
                "a proxy in the environment is invalid or unsupported; check HTTPS_PROXY and NO_PROXY"
            }
            Self::InvalidIdempotency => {
                "an idempotency header needs a name that the request does not use yet, and 1 to 256 characters of \
                 visible ASCII"
            }
            Self::NoTlsRoots => "there are no usable root certificates; install the system's CA certificates",
        })
    }
}

impl core::error::Error for BuildError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeSet, string::ToString};

    #[test]
    fn build_errors_differ_in_code_and_text_and_have_status_0() {
        let all = [
            BuildError::NoApiKey,
            BuildError::InvalidApiKey,
            BuildError::InvalidBaseUrl,
            BuildError::InvalidCallId,
            BuildError::InvalidNumber,
            BuildError::ObjectiveRequired,
            BuildError::TooManyFields,
            BuildError::InvalidField,
            BuildError::InvalidWebhookUrl,
            BuildError::NoWebhookSecret,
            BuildError::InvalidCorrelation,
            BuildError::InvalidProxy,
            BuildError::InvalidIdempotency,
            BuildError::NoTlsRoots,
        ];
        assert!(all.iter().all(|error| error.status() == 0));
        assert_eq!(
            all.iter().map(BuildError::code).collect::<BTreeSet<_>>().len(),
            all.len()
        );
        assert_eq!(
            all.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len(),
            all.len()
        );
    }
}
