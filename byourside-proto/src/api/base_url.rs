//! The base URL of the service.
use crate::types::BuildError;
use alloc::string::String;
use bytes::Bytes;
use http::{
    Uri,
    uri::{Authority, Parts, PathAndQuery, Scheme},
};

/// The default base URL. Source: the vendor's SDK page.
pub const BYOURSIDE_BASE_URL: &str = "https://api.byourside.ai";
/// The base URL under the newer name of the same API. Source: the official Python client
/// that is named after it, `voxplo`.
pub const VOXPLO_BASE_URL: &str = "https://api.voxplo.ai";

/// The base URL of the service, to which each operation adds its path.
///
/// It is https, or http to a loopback host, so that the key never crosses a network in the clear. The default is
/// [`BYOURSIDE_BASE_URL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    url: String,
    scheme: Scheme,
    authority: Authority,
}

impl BaseUrl {
    /// A base URL. It may have a path, e.g. of a reverse proxy; slashes at its end are removed.
    ///
    /// # Errors
    /// [`BuildError::InvalidBaseUrl`] if the URL is not absolute, has user information, a query or a fragment, is over
    /// 2048 bytes, has a scheme other than https and http, or is http to a host other than `localhost` or a loopback
    /// address.
    ///
    /// ```
    /// use byourside_proto::BaseUrl;
    /// assert_eq!(BaseUrl::new("http://127.0.0.1:8787/")?.as_str(), "http://127.0.0.1:8787");
    /// assert!(BaseUrl::new("http://example.com").is_err());
    /// # Ok::<(), byourside_proto::BuildError>(())
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
        // Leave room for the longest path that is added: `http` refuses URIs of 64 KiB.
        if !plain || !safe || url.len() > 2048 {
            return Err(BuildError::InvalidBaseUrl);
        }
        let url = url.into();
        Ok(Self { url, scheme, authority })
    }

    /// A base URL as for [`new`](Self::new), or http to any host, for a private test network: the key and what is said
    /// on the phone cross that network in the clear.
    ///
    /// # Errors
    /// [`BuildError::InvalidBaseUrl`] as for [`new`](Self::new), except that http is accepted for any host.
    pub fn allowing_plain_http(url: &str) -> Result<Self, BuildError> {
        Self::checked(url, |_host| true)
    }

    /// The base URL, without slashes at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The path of the base URL, mostly empty: a reverse proxy may serve the API below a path of its own.
    pub(super) fn path(&self) -> &str {
        let before = self.scheme.as_str().len() + "://".len() + self.authority.as_str().len();
        self.url.get(before..).unwrap_or_default()
    }

    /// The absolute URI of a path. The path begins with that of the base URL.
    pub(super) fn at(&self, path: String) -> Uri {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        // Every part of a path is checked or percent-encoded, so neither default is ever used.
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

/// Whether this is an absolute https URL, or http to a loopback host.
pub(super) fn is_https_or_loopback(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|uri| match uri.scheme_str() {
        Some("https") => uri.host().is_some(),
        Some("http") => uri.host().is_some_and(is_loopback),
        _ => false,
    })
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<core::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_url_is_https_or_http_to_a_loopback_host() {
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
        let long = |length: usize| alloc::format!("https://a.example/{}", "b".repeat(length - 18));
        assert!(BaseUrl::new(&long(2048)).is_ok() && BaseUrl::new(&long(2049)).is_err());
    }

    #[test]
    fn webhook_url_is_https_or_http_to_a_loopback_host() {
        for good in ["https://a.example/x", "http://127.0.0.1:8080/x", "http://[::1]/"] {
            assert!(is_https_or_loopback(good), "{good}");
        }
        for bad in ["http://a.example/x", "http://127.0.0.1@a.example/", "/x", ""] {
            assert!(!is_https_or_loopback(bad), "{bad}");
        }
    }

    #[test]
    fn base_url_allows_plain_http_only_if_told_to() {
        assert!(BaseUrl::allowing_plain_http("http://a.example").is_ok());
        for bad in ["ftp://a", "http://u@a.example", "http://a/?q"] {
            assert_eq!(
                BaseUrl::allowing_plain_http(bad),
                Err(BuildError::InvalidBaseUrl),
                "{bad}"
            );
        }
    }
}
