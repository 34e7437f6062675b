//! The messages for the error tokens that the service documents. Source: the official Python client.
use crate::types::redact;
use alloc::{borrow::Cow, format};

/// The message for an error token, word for word as in the official clients. An unknown token is redacted.
pub(super) fn message(code: &str, status: u16) -> Cow<'static, str> {
    if let Some(known) = known_message(code) {
        return known.into();
    }
    if status >= 500 {
        return "Temporary service error. Please retry shortly.".into();
    }
    if code == "error" {
        return format!("Request failed with status {status}.").into();
    }
    format!("Request failed ({}).", redact(code.as_bytes())).into()
}

/// Whether the service documents this error token.
pub(super) fn is_documented(code: &str) -> bool {
    known_message(code).is_some()
}

fn known_message(code: &str) -> Option<&'static str> {
    Some(match code {
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
        _ => return None,
    })
}
