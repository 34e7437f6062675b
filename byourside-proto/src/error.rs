//! What can go wrong, by phase.
use alloc::{
    format,
    string::{String, ToString},
};
use core::fmt;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The request could not be built: bad input, found before any I/O.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// The webhook URL is not https.
    InvalidWebhookUrl,
    /// The webhook secret is empty.
    NoWebhookSecret,
}

impl BuildError {
    /// The code, in the service's words where it has one.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NoApiKey => "no_api_key",
            Self::InvalidApiKey => "invalid_api_key",
            Self::InvalidBaseUrl => "invalid_base_url",
            Self::InvalidCallId => "invalid_call_id",
            Self::InvalidNumber => "invalid_number",
            Self::ObjectiveRequired => "objective_required",
            Self::TooManyFields => "too_many_fields",
            Self::InvalidWebhookUrl => "invalid_webhook_url",
            Self::NoWebhookSecret => "no_webhook_secret",
        }
    }

    /// Always 0: no answer came.
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
            Self::InvalidWebhookUrl => "the webhook URL must be https",
            Self::NoWebhookSecret => "the webhook secret is empty; pass the one that the dashboard shows (whsec_...)",
        })
    }
}

impl core::error::Error for BuildError {}

/// An answer came, and it is not what was asked for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ApiError {
    /// The service, or something before it, refused.
    Refused {
        /// The service's token; `error` where the body names none.
        code: String,
        /// The HTTP status.
        status: u16,
        /// `Retry-After` as it came.
        retry_after: Option<HeaderValue>,
    },
    /// A 2xx whose body is not the answer.
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// How many bytes the body had. Its text is left out: it may hold phone numbers.
        length: usize,
    },
}

impl ApiError {
    /// The code, as the official clients name it.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            Self::Unreadable { .. } => "error",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Refused { status, .. } | Self::Unreadable { status, .. } => *status,
        }
    }

    pub(crate) fn unreadable(status: StatusCode, body: &[u8]) -> Self {
        Self::Unreadable {
            status: status.as_u16(),
            length: body.len(),
        }
    }

    fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let error = serde_json::from_slice(body)
            .ok()
            .and_then(|mut body: Value| body.get_mut("error").map(Value::take));
        let code = match error {
            Some(Value::String(token)) if !token.is_empty() => bounded(token),
            Some(Value::Number(number)) if number.as_f64() != Some(0.0) => number.to_string(),
            _ => "error".into(),
        };
        Self::Refused {
            code,
            status: status.as_u16(),
            retry_after: headers.get(header::RETRY_AFTER).cloned(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, status, .. } => f.write_str(&message(code, *status)),
            Self::Unreadable { status, length } => {
                write!(
                    f,
                    "The answer (status {status}, {length} bytes) is not a call record. Check the base URL."
                )
            }
        }
    }
}

impl core::error::Error for ApiError {}

/// Reads a 2xx as JSON, and anything else as a refusal.
pub(crate) fn read<T: DeserializeOwned>(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<T, ApiError> {
    if !status.is_success() {
        return Err(ApiError::refused(status, headers, body));
    }
    serde_json::from_slice(body).map_err(|_| ApiError::unreadable(status, body))
}

/// A hostile answer must not fill memory or logs through its token.
fn bounded(mut token: String) -> String {
    const MAX_LEN: usize = 256;
    if token.len() > MAX_LEN {
        token.truncate((0..=MAX_LEN).rev().find(|&at| token.is_char_boundary(at)).unwrap_or(0));
    }
    token
}

/// The official clients' sentences.
fn message(code: &str, status: u16) -> String {
    let known = match code {
        "destination_blocked" => "That destination is not allowed (premium, IRSF, or unsupported country).",
        "invalid_number" => "The destination number is invalid (use full E.164, e.g. +14155550123).",
        "to_required" => "A destination number (to) is required.",
        "objective_required" => "An objective for the call is required.",
        "caller_id_not_owned" => "That caller ID is not a number on your account.",
        "rate_limited" => "Rate limit reached. Try again shortly.",
        "over_minute_cap" => "Outbound usage limit reached for now.",
        "unauthorized" => "Invalid or missing API key.",
        "not_found" => "No call found with that id (or it does not belong to your account).",
        "placement_failed" => "The call could not be placed (carrier/trunk issue). Try again shortly.",
        "store_error" => "Temporary service error. Please retry shortly.",
        _ if status >= 500 => "Temporary service error. Please retry shortly.",
        "error" => return format!("Request failed with status {status}."),
        _ => return format!("Request failed ({code})."),
    };
    known.into()
}
