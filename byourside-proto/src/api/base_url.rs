//! The base URL, and the rule that the key never travels in the clear.
use crate::types::BuildError;
use alloc::string::String;
use bytes::Bytes;
use http::{
    Uri,
    uri::{Authority, Parts, PathAndQuery, Scheme},
};

/// The service's base URL.
pub const BYOURSIDE_BASE_URL: &str = "https://api.byourside.ai";
/// The newer name of the same API.
pub const VOXPLO_BASE_URL: &str = "https://api.voxplo.ai";

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
    pub(super) fn path(&self) -> &str {
        let before = self.scheme.as_str().len() + "://".len() + self.authority.as_str().len();
        self.url.get(before..).unwrap_or_default()
    }

    /// The address of a path, which begins with [`path`](Self::path).
    pub(super) fn at(&self, path: String) -> Uri {
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
