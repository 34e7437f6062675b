//! The proxies that environment variables name.
use byourside_proto::BuildError;
use http::{Uri, uri::Scheme};
pub use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::client::proxy::matcher::Matcher;

/// Decides which requests go through which proxy.
///
/// `https` goes through the proxy of `HTTPS_PROXY`, or else `ALL_PROXY`, except to the hosts in `NO_PROXY`. Plain
/// `http` never goes through a proxy.
#[derive(Debug)]
pub struct Proxies(Option<Matcher>);

impl Proxies {
    /// Reads the proxy variables with `var`. Each name is tried in upper and then in lower case; an empty value counts
    /// as not set.
    ///
    /// # Errors
    /// [`BuildError::InvalidProxy`] if the proxy is no valid URL with one of these `schemes`.
    ///
    /// ```
    /// use byourside_hyper::Proxies;
    /// let var = |name: &str| (name == "HTTPS_PROXY").then(|| "http://proxy:3128".to_owned());
    /// let proxies = Proxies::from_vars(var, &["http", "https"])?;
    /// let proxy = proxies.of(&"https://api.byourside.ai/".parse()?).unwrap();
    /// assert_eq!(proxy.uri().host(), Some("proxy"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_vars(var: impl Fn(&str) -> Option<String>, schemes: &[&str]) -> Result<Self, BuildError> {
        let first_set = |names: &[&str]| {
            let set = names.iter().filter_map(|name| var(name));
            set.map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
        };
        let Some(url) = first_set(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) else {
            return Ok(Self(None));
        };
        let any_https = Uri::from_static("https://service.invalid/");
        let proxy = Matcher::builder().https(url.as_str()).build().intercept(&any_https);
        let scheme = proxy.as_ref().and_then(|proxy| proxy.uri().scheme_str());
        if !scheme.is_some_and(|scheme| schemes.contains(&scheme)) {
            return Err(BuildError::InvalidProxy);
        }
        let no_proxy = first_set(&["NO_PROXY", "no_proxy"]).unwrap_or_default();
        let no_proxy: Vec<_> = no_proxy
            .split(',')
            .map(|host| host.trim().trim_start_matches("*."))
            .collect();
        Ok(Self(Some(Matcher::builder().https(url).no(no_proxy.join(",")).build())))
    }

    /// The proxy for requests to `uri`, or `None` to connect directly.
    #[must_use]
    pub fn of(&self, uri: &Uri) -> Option<Intercept> {
        let matcher = self.0.as_ref().filter(|_| uri.scheme() == Some(&Scheme::HTTPS))?;
        matcher.intercept(uri)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMES: [&str; 2] = ["http", "socks5h"];

    fn from(vars: &[(&str, &str)]) -> Result<Proxies, BuildError> {
        let var = |name: &str| {
            vars.iter()
                .find(|(set, _)| *set == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Proxies::from_vars(var, &SCHEMES)
    }

    fn to(proxies: &Proxies, url: &str) -> Option<String> {
        proxies.of(&url.parse().unwrap()).map(|proxy| proxy.uri().to_string())
    }

    #[test]
    fn proxies_are_read_from_https_proxy_before_all_proxy() {
        let url = "https://api.byourside.ai/";
        assert_eq!(to(&from(&[]).unwrap(), url), None);
        assert_eq!(to(&from(&[("HTTPS_PROXY", " ")]).unwrap(), url), None);
        assert_eq!(to(&from(&[("HTTP_PROXY", "a:1")]).unwrap(), url), None);
        for (name, host) in [
            ("HTTPS_PROXY", "a"),
            ("https_proxy", "b"),
            ("ALL_PROXY", "c"),
            ("all_proxy", "d"),
        ] {
            let proxies = from(&[(name, &format!("http://{host}:3128")), ("all_proxy", "d:3128")]).unwrap();
            assert_eq!(to(&proxies, url), Some(format!("http://{host}:3128/")));
        }
    }

    #[test]
    fn plain_http_goes_through_no_proxy() {
        let proxies = from(&[("ALL_PROXY", "http://a:1")]).unwrap();
        assert_eq!(to(&proxies, "http://127.0.0.1:8080/"), None);
    }

    #[test]
    fn invalid_proxy_urls_are_refused() {
        for url in ["ftp://a:1", "http://", "http://a:b:c", "a b", "socks4://a:1"] {
            assert_eq!(
                from(&[("HTTPS_PROXY", url)]).unwrap_err(),
                BuildError::InvalidProxy,
                "{url}"
            );
        }
    }

    #[test]
    fn proxy_credentials_are_kept_and_not_in_debug() {
        let proxies = from(&[("HTTPS_PROXY", "socks5h://u%40:p%3A@a:1")]).unwrap();
        let proxy = proxies.of(&"https://b/".parse().unwrap()).unwrap();
        assert_eq!(proxy.raw_auth(), Some(("u@", "p:")));
        assert!(!format!("{proxies:?} {proxy:?}").contains("p%3A"));
    }

    #[test]
    fn no_proxy_hosts_bypass_the_proxy() {
        let bypassed = |list: &str| {
            let proxies = from(&[("HTTPS_PROXY", "a:1"), ("no_proxy", list)]).unwrap();
            to(&proxies, "https://api.byourside.ai/v1").is_none()
        };
        for list in [
            "*",
            "byourside.ai",
            "x, .byourside.ai",
            "*.byourside.ai",
            "API.byourside.ai",
        ] {
            assert!(bypassed(list), "{list}");
        }
        for list in ["", ",", "yourside.ai", "api.byourside.ai.x", "byourside"] {
            assert!(!bypassed(list), "{list}");
        }
    }
}
