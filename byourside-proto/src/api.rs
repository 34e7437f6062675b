//! What every operation needs: where the service is, and the key to it.
use crate::{ApiError, BuildError};
use alloc::{format, string::String, vec::Vec};
use core::fmt;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use zeroize::Zeroizing;

/// The service's base URL.
pub const BYOURSIDE_BASE_URL: &str = "https://api.byourside.ai";
/// The newer name of the same API.
pub const VOXPLO_BASE_URL: &str = "https://api.voxplo.ai";

/// A stateless pair of a request and a parser.
pub trait Operation {
    /// What a successful answer holds.
    type Answer;

    /// The request that asks for this.
    fn request(&self, api: &Api) -> Request<Vec<u8>>;

    /// Reads the answer: status, headers and body, always all three.
    ///
    /// # Errors
    /// [`ApiError::Refused`] for any status but 2xx, [`ApiError::Unreadable`] for a 2xx that is not an answer.
    fn parse(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Self::Answer, ApiError>;
}

/// The service to talk to, and the key to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Api {
    base: BaseUrl,
    key: ApiKey,
}

impl Api {
    /// Pairs a base URL with a key.
    #[must_use]
    pub fn new(base: BaseUrl, key: ApiKey) -> Self {
        Self { base, key }
    }

    pub(crate) fn get(&self, path: &str) -> Request<Vec<u8>> {
        self.build(Method::GET, path, Vec::new())
    }

    pub(crate) fn post(&self, path: &str, body: Vec<u8>) -> Request<Vec<u8>> {
        let mut request = self.build(Method::POST, path, body);
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }

    fn build(&self, method: Method, path: &str, body: Vec<u8>) -> Request<Vec<u8>> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = self.base.join(path);
        request.headers_mut().insert(header::AUTHORIZATION, self.key.header());
        request
    }
}

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

    fn header(&self) -> HeaderValue {
        let text = Zeroizing::new(format!("Bearer {}", self.0.as_str()));
        // Only visible ASCII passes `new`, and a header can carry all of it.
        let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

/// Where the service is: https, or http to a loopback host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Takes a base URL; slashes at its end are trimmed.
    ///
    /// # Errors
    /// [`BuildError::InvalidBaseUrl`] if it is no absolute URL, has user information, a query or a fragment,
    /// or is plain http to a host that is not loopback: the key would travel in the clear.
    ///
    /// ```
    /// use byourside_proto::BaseUrl;
    /// assert!(BaseUrl::new("http://127.0.0.1:8787/").is_ok());
    /// assert!(BaseUrl::new("http://example.com").is_err());
    /// ```
    pub fn new(url: &str) -> Result<Self, BuildError> {
        let url = url.trim_end_matches('/');
        let uri: Uri = url.parse().map_err(|_| BuildError::InvalidBaseUrl)?;
        let host = uri.host().unwrap_or_default();
        let plain = uri
            .authority()
            .is_some_and(|authority| !authority.as_str().contains('@'))
            && !host.is_empty()
            && !url.contains(['?', '#']);
        let safe = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => is_loopback(host),
            _ => false,
        };
        // Room for the longest path that is appended: `http` refuses URIs of 64 KiB.
        if plain && safe && url.len() <= 2048 {
            Ok(Self(url.into()))
        } else {
            Err(BuildError::InvalidBaseUrl)
        }
    }

    fn join(&self, path: &str) -> Uri {
        // Both halves are checked when they are made, so the default is never seen.
        format!("{}{path}", self.0).parse().unwrap_or_default()
    }
}

impl Default for BaseUrl {
    fn default() -> Self {
        Self(BYOURSIDE_BASE_URL.into())
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<core::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_in_no_debug_output() {
        let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_secret").unwrap());
        assert!(!format!("{api:?} {:?}", api.get("/x")).contains("bys_ak_secret"));
    }

    #[test]
    fn only_https_or_loopback_is_a_base() {
        for good in [
            "https://a.example/b",
            "http://localhost:1",
            "http://[::1]:2",
            "http://127.9.9.9",
        ] {
            assert!(BaseUrl::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "ftp://a",
            "http://a.example",
            "https://u:p@a.example",
            "https://a/?q",
            "https://a/#f",
        ] {
            assert_eq!(BaseUrl::new(bad), Err(BuildError::InvalidBaseUrl), "{bad}");
        }
    }
}
