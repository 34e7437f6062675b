//! What every operation needs: where the service is, and the key to it.
use crate::{ApiError, BuildError};
use alloc::{format, string::String, sync::Arc, vec::Vec};
use bytes::Bytes;
use core::fmt;
use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header,
    uri::{Authority, Parts, PathAndQuery, Scheme},
};
use zeroize::Zeroizing;

/// The service's base URL.
pub const BYOURSIDE_BASE_URL: &str = "https://api.byourside.ai";
/// The newer name of the same API.
pub const VOXPLO_BASE_URL: &str = "https://api.voxplo.ai";

/// A stateless pair of a request and a parser.
pub trait Operation {
    /// What a successful answer holds.
    type Answer: Clone + fmt::Debug + PartialEq;

    /// The request that asks for this.
    ///
    /// ```
    /// # use byourside_proto::{Api, ApiKey, BaseUrl, ListCalls, Operation};
    /// let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// let request = ListCalls::default().request(&api);
    /// assert_eq!(request.uri(), "https://api.byourside.ai/v1/agent/calls?limit=20");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    fn request(&self, api: &Api) -> Request<Vec<u8>>;

    /// Reads the answer: status, headers and body, always all three.
    ///
    /// # Errors
    /// [`Refused`](crate::ApiErrorKind::Refused) for any status but 2xx,
    /// [`Unreadable`](crate::ApiErrorKind::Unreadable) for a 2xx that is not an answer.
    ///
    /// ```
    /// # use {byourside_proto::{ListCalls, Operation}, http::{HeaderMap, StatusCode}};
    /// let answer = ListCalls::default().parse(StatusCode::OK, &HeaderMap::new(), br#"{"calls": []}"#);
    /// assert_eq!(answer, Ok(vec![]));
    /// ```
    fn parse(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Self::Answer, ApiError>;
}

/// Where the calls are, under the base URL.
const CALLS: &str = "/v1/agent/calls";
/// Room for what comes after it: an id as the service gives them, or a query.
const MORE: usize = 40;

/// The service to talk to, and the key to it. What all requests have in common is made once, and shared.
#[derive(Clone, Debug, PartialEq)]
pub struct Api(Arc<Common>);

#[derive(Debug, PartialEq)]
struct Common {
    base: BaseUrl,
    authorization: HeaderValue,
}

impl Api {
    /// Pairs a base URL with a key.
    ///
    /// ```
    /// # use byourside_proto::{Api, ApiKey, BaseUrl};
    /// let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// assert!(!format!("{api:?}").contains("bys_ak_example"));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn new(base: BaseUrl, key: ApiKey) -> Self {
        let authorization = key.header();
        Self(Arc::new(Common { base, authorization }))
    }

    /// The service and key that environment variables name; `var` looks one up, and an empty one counts as not set.
    ///
    /// The key is `BYOURSIDE_API_KEY`, or else `VOXPLO_API_KEY`; the base URL `BYOURSIDE_BASE_URL`, or else
    /// `VOXPLO_BASE_URL`, or else that of the brand whose key it is.
    ///
    /// # Errors
    /// [`BuildError::NoApiKey`] if neither key is set, or what [`ApiKey::new`] and [`BaseUrl::new`] say.
    ///
    /// ```
    /// use byourside_proto::Api;
    /// let api = Api::from_vars(|name| (name == "BYOURSIDE_API_KEY").then(|| "bys_ak_example".into()));
    /// assert!(api.is_ok());
    /// assert_eq!(Api::from_vars(|_| None).unwrap_err().code(), "no_api_key");
    /// ```
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, BuildError> {
        let set = |name| var(name).filter(|value| !value.is_empty());
        let byourside = set("BYOURSIDE_API_KEY").map(|key| (key, BYOURSIDE_BASE_URL));
        let (key, default) = byourside
            .or_else(|| set("VOXPLO_API_KEY").map(|key| (key, VOXPLO_BASE_URL)))
            .ok_or(BuildError::NoApiKey)?;
        let base = set("BYOURSIDE_BASE_URL").or_else(|| set("VOXPLO_BASE_URL"));
        Ok(Self::new(
            BaseUrl::new(base.as_deref().unwrap_or(default))?,
            ApiKey::new(key)?,
        ))
    }

    /// The path of the calls, with room for more.
    pub(crate) fn calls_path(&self) -> String {
        let prefix = self.0.base.path();
        let mut path = String::with_capacity(prefix.len() + CALLS.len() + MORE);
        path.push_str(prefix);
        path.push_str(CALLS);
        path
    }

    pub(crate) fn get(&self, path: String) -> Request<Vec<u8>> {
        self.build(Method::GET, path, Vec::new())
    }

    pub(crate) fn post(&self, path: String, body: Vec<u8>) -> Request<Vec<u8>> {
        let mut request = self.build(Method::POST, path, body);
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }

    fn build(&self, method: Method, path: String, body: Vec<u8>) -> Request<Vec<u8>> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = self.0.base.at(path);
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, self.0.authorization.clone());
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

    /// Shared by all requests that it goes into, and wiped with the last of them.
    fn header(&self) -> HeaderValue {
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

/// Where the service is: https, or http to a loopback host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    url: String,
    scheme: Scheme,
    authority: Authority,
}

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
        Self::checked(url, is_loopback)
    }

    fn checked(url: &str, plain_http_to: impl Fn(&str) -> bool) -> Result<Self, BuildError> {
        let url = url.trim_end_matches('/');
        let uri: Uri = url.parse().map_err(|_| BuildError::InvalidBaseUrl)?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(BuildError::InvalidBaseUrl);
        };
        let host = authority.host();
        let plain = !authority.as_str().contains('@') && !host.is_empty() && !url.contains(['?', '#']);
        let safe = match scheme.as_str() {
            "https" => true,
            "http" => plain_http_to(host),
            _ => false,
        };
        // Room for the longest path that is appended: `http` refuses URIs of 64 KiB.
        if !plain || !safe || url.len() > 2048 {
            return Err(BuildError::InvalidBaseUrl);
        }
        let url = url.into();
        Ok(Self { url, scheme, authority })
    }

    /// Takes a base URL as [`new`](Self::new) does, and plain http to any host as well: the key and what is said on the
    /// phone travel in the clear. For a test network of one's own.
    ///
    /// # Errors
    /// [`BuildError::InvalidBaseUrl`] as for [`new`](Self::new), plain http aside.
    ///
    /// ```
    /// use byourside_proto::BaseUrl;
    /// assert!(BaseUrl::allowing_plain_http("http://service.test:8787").is_ok());
    /// assert!(BaseUrl::allowing_plain_http("ftp://service.test").is_err());
    /// ```
    pub fn allowing_plain_http(url: &str) -> Result<Self, BuildError> {
        Self::checked(url, |_host| true)
    }

    /// The URL, without slashes at its end.
    ///
    /// ```
    /// assert_eq!(byourside_proto::BaseUrl::default().as_str(), "https://api.byourside.ai");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// What a reverse proxy may have put before the service's own paths.
    fn path(&self) -> &str {
        let before = self.scheme.as_str().len() + "://".len() + self.authority.as_str().len();
        self.url.get(before..).unwrap_or_default()
    }

    /// The address of a path, which begins with [`path`](Self::path).
    fn at(&self, path: String) -> Uri {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        // All that goes into a path is checked or percent-encoded, so the defaults are never seen.
        parts.path_and_query = PathAndQuery::from_maybe_shared(Bytes::from(path)).ok();
        Uri::from_parts(parts).unwrap_or_default()
    }
}

impl Default for BaseUrl {
    fn default() -> Self {
        Self {
            url: BYOURSIDE_BASE_URL.into(),
            scheme: Scheme::HTTPS,
            authority: Authority::from_static(BYOURSIDE_BASE_URL.trim_start_matches("https://")),
        }
    }
}

pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<core::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_in_no_debug_output() {
        let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_secret").unwrap());
        assert!(!format!("{api:?} {:?}", api.get("/x".into())).contains("bys_ak_secret"));
    }

    #[test]
    fn a_path_of_the_base_comes_before_that_of_the_calls() {
        for (base, expected) in [
            ("https://a.example", "https://a.example/v1/agent/calls"),
            (
                "HTTPS://A.example:8443/b/c//",
                "https://A.example:8443/b/c/v1/agent/calls",
            ),
            ("http://[::1]:2//b", "http://[::1]:2//b/v1/agent/calls"),
        ] {
            let api = Api::new(BaseUrl::new(base).unwrap(), ApiKey::new("k").unwrap());
            assert_eq!(api.get(api.calls_path()).uri(), expected);
        }
        assert_eq!(BaseUrl::new(BYOURSIDE_BASE_URL), Ok(BaseUrl::default()));
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
