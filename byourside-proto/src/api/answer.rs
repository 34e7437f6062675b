//! Reads an answer: a 2xx as JSON, anything else as a refusal with the token that its body names.
use super::error::ApiError;
use alloc::string::{String, ToString};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The longest token kept, in bytes: a hostile answer must not fill memory or logs through it.
const MAX_CODE: usize = 256;

/// Reads a 2xx as JSON, and anything else as a refusal.
pub(crate) fn read<T: DeserializeOwned>(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<T, ApiError> {
    if !status.is_success() {
        return Err(ApiError::refused(code(body), status, headers, body));
    }
    // Looked at once as a whole, the body's text need not be looked at again string by string.
    let text = core::str::from_utf8(body).ok();
    let answer = text.and_then(|text| serde_json::from_str(text).ok());
    answer.ok_or_else(|| ApiError::unreadable(status, headers, body))
}

/// The token that the body names, and whether it is a string; else `error`, as in the official clients.
fn code(body: &[u8]) -> (String, bool) {
    let error = serde_json::from_slice(body)
        .ok()
        .and_then(|mut body: Value| body.get_mut("error").map(Value::take));
    match error {
        Some(Value::String(token)) if !token.is_empty() => (bounded(token), true),
        Some(Value::Number(number)) if number.as_f64() != Some(0.0) => (number.to_string(), false),
        _ => ("error".into(), false),
    }
}

fn bounded(mut token: String) -> String {
    if token.len() > MAX_CODE {
        token.truncate(token.floor_char_boundary(MAX_CODE));
    }
    token
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ListCalls, Operation};
    use alloc::vec::Vec;

    #[test]
    fn what_is_no_text_is_unreadable_where_nobody_looks_as_well() {
        let list = |body: &[u8]| ListCalls::default().parse(StatusCode::OK, &HeaderMap::new(), body);
        assert_eq!(list(br#"{"calls":[],"next":"\u00ff"}"#), Ok(Vec::new()));
        let refused = list(b"{\"calls\":[],\"next\":\"\xff\"}").unwrap_err();
        assert_eq!(refused.code(), list(b"<html>").unwrap_err().code());
    }
}
