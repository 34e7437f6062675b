//! The API key.
use crate::types::BuildError;
use alloc::{format, string::String};
use bytes::Bytes;
use core::fmt;
use http::HeaderValue;
use zeroize::Zeroizing;

/// An API key, which every request carries as `Authorization: Bearer <key>`.
///
/// `Debug` does not show the key, the header value is marked sensitive, and the key's memory is wiped on drop.
#[derive(Clone, PartialEq)]
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    /// An API key. The service's keys start with `bys_ak_`, which is not checked. Source: the vendor's API reference.
    ///
    /// # Errors
    /// [`BuildError::NoApiKey`] if the key is empty, [`BuildError::InvalidApiKey`] if it has a character other than
    /// visible ASCII, such as a newline.
    ///
    /// ```
    /// assert_eq!(byourside_proto::ApiKey::new("").unwrap_err().code(), "no_api_key");
    /// ```
    pub fn new(key: impl Into<String>) -> Result<Self, BuildError> {
        let key = Zeroizing::new(key.into());
        if key.is_empty() {
            return Err(BuildError::NoApiKey);
        }
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BuildError::InvalidApiKey);
        }
        Ok(Self(key))
    }

    /// The value of `Authorization`. All requests share it, and its memory is wiped when the last one is dropped.
    pub(super) fn header(&self) -> HeaderValue {
        let text = Bytes::from_owner(Zeroizing::new(format!("Bearer {}", self.0.as_str())));
        // `new` accepts visible ASCII only, which is always a valid header value.
        let mut value = HeaderValue::from_maybe_shared(text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}
