//! The optional idempotency header of a call to place. The vendor documents none.
use crate::types::BuildError;
use http::{HeaderName, HeaderValue, header};

/// The longest value, in bytes.
const MAX_VALUE: usize = 256;
/// Headers that the request or its connection already uses.
const TAKEN: [HeaderName; 12] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::CONNECTION,
    header::COOKIE,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Checks name and value: see [`PlaceCall::idempotency_header`](crate::api::PlaceCall::idempotency_header).
pub(super) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), BuildError> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| BuildError::InvalidIdempotency)?;
    let visible = !value.is_empty() && value.len() <= MAX_VALUE && value.bytes().all(|byte| byte.is_ascii_graphic());
    if !visible || TAKEN.contains(&name) {
        return Err(BuildError::InvalidIdempotency);
    }
    let value = HeaderValue::from_str(value).map_err(|_| BuildError::InvalidIdempotency)?;
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idempotency_header_is_checked() {
        let long = "x".repeat(MAX_VALUE);
        assert!(header("Idempotency-Key", &long).is_ok());
        for (name, value) in [
            ("", "a"),
            ("a b", "a"),
            ("Host", "a"),
            ("authorization", "a"),
            ("x-key", ""),
            ("x-key", "a\r\nb: c"),
            ("x-key", &alloc::format!("{long}x")),
        ] {
            assert_eq!(
                header(name, value),
                Err(BuildError::InvalidIdempotency),
                "{name}: {value}"
            );
        }
    }
}
