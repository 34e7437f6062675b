//! The API key, which is shown nowhere and wiped on drop.
use crate::types::BuildError;
use alloc::{format, string::String};
use bytes::Bytes;
use core::fmt;
use http::HeaderValue;
use zeroize::Zeroizing;

/// An API key. `Debug` does not show it, its header value is marked sensitive, and it is wiped on drop.
#[derive(Clone, PartialEq)]
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    /// Takes a key; the service's own start with `bys_ak_`.
    ///
    /// # Errors
    /// [`BuildError::NoApiKey`] if it is empty, [`BuildError::InvalidApiKey`] if a header cannot carry it.
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

    /// Shared by all requests that it goes into, and wiped with the last of them.
    pub(super) fn header(&self) -> HeaderValue {
        let text = Bytes::from_owner(Zeroizing::new(format!("Bearer {}", self.0.as_str())));
        // Only visible ASCII passes `new`, and a header can carry all of it.
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
