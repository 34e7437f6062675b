//! Parses the answers of all operations.
use super::error::ApiError;
use alloc::string::{String, ToString};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The longest error token that is kept, in bytes: a hostile answer must not fill memory or logs.
const MAX_CODE: usize = 256;

/// Parses a 2xx as JSON; any other status is an error with the token that the body names.
pub(crate) fn read<T: DeserializeOwned>(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<T, ApiError> {
    if !status.is_success() {
        return Err(ApiError::refused(code(body), status, headers, body));
    }
    // Check the whole body as UTF-8 once, so that serde_json need not check each string.
    let text = core::str::from_utf8(body).ok();
    let answer = text.and_then(|text| serde_json::from_str(text).ok());
    answer.ok_or_else(|| ApiError::unreadable(status, headers, body))
}

/// The error token that the body names, and whether the token is a string. Without one, the token is `error`.
/// Source: the official Python client, for which a number other than 0 is a token too.
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
    fn answer_is_unreadable_if_any_of_its_strings_is_not_utf_8() {
        let list = |body: &[u8]| ListCalls::default().parse(StatusCode::OK, &HeaderMap::new(), body);
        assert_eq!(list(br#"{"calls":[],"next":"\u00ff"}"#), Ok(Vec::new()));
        let refused = list(b"{\"calls\":[],\"next\":\"\xff\"}").unwrap_err();
        assert_eq!(refused.code(), list(b"<html>").unwrap_err().code());
    }
}
