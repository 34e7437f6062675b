//! The proxy that the environment names.
use byourside_proto::BuildError;
use http::{Uri, uri::Scheme};
pub use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::client::proxy::matcher::Matcher;

/// Which requests go through which proxy.
///
/// `https` goes through the proxy of `HTTPS_PROXY` or `ALL_PROXY`, but to the hosts of `NO_PROXY`. Plain `http` is for a
/// loopback host and goes through none.
#[derive(Debug)]
pub struct Proxies(Option<Matcher>);

impl Proxies {
    /// What these variables say; lower case counts as well. An empty one is not set.
    ///
    /// # Errors
    /// [`BuildError::InvalidProxy`] if what is set is no proxy of one of these `schemes`.
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
        let first = |names: &[&str]| {
            let set = names.iter().filter_map(|name| var(name));
            set.map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
        };
        let Some(url) = first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) else {
            return Ok(Self(None));
        };
        let anywhere = Uri::from_static("https://service.invalid/");
        let proxy = Matcher::builder().https(url.as_str()).build().intercept(&anywhere);
        let scheme = proxy.as_ref().and_then(|proxy| proxy.uri().scheme_str());
        if !scheme.is_some_and(|scheme| schemes.contains(&scheme)) {
            return Err(BuildError::InvalidProxy);
        }
        let direct = first(&["NO_PROXY", "no_proxy"]).unwrap_or_default();
        let direct: Vec<_> = direct
            .split(',')
            .map(|host| host.trim().trim_start_matches("*."))
            .collect();
        Ok(Self(Some(Matcher::builder().https(url).no(direct.join(",")).build())))
    }

    /// The proxy on the way to `uri`.
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
    fn https_is_asked_for_first() {
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
    fn what_is_no_proxy_is_refused() {
        for url in ["ftp://a:1", "http://", "http://a:b:c", "a b", "socks4://a:1"] {
            assert_eq!(
                from(&[("HTTPS_PROXY", url)]).unwrap_err(),
                BuildError::InvalidProxy,
                "{url}"
            );
        }
    }

    #[test]
    fn user_and_password_are_kept_and_not_shown() {
        let proxies = from(&[("HTTPS_PROXY", "socks5h://u%40:p%3A@a:1")]).unwrap();
        let proxy = proxies.of(&"https://b/".parse().unwrap()).unwrap();
        assert_eq!(proxy.raw_auth(), Some(("u@", "p:")));
        assert!(!format!("{proxies:?} {proxy:?}").contains("p%3A"));
    }

    #[test]
    fn some_hosts_go_past_the_proxy() {
        let past = |list: &str| {
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
            assert!(past(list), "{list}");
        }
        for list in ["", ",", "yourside.ai", "api.byourside.ai.x", "byourside"] {
            assert!(!past(list), "{list}");
        }
    }
}
