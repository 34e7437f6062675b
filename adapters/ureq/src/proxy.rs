//! The proxy that environment variables name.
use byourside_proto::BuildError;
use ureq::Proxy;

/// The proxy for `https`, if there is one. `var` reads an environment variable.
pub(crate) fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Option<Proxy>, BuildError> {
    let first_set = |names: &[&str]| {
        let set = names.iter().filter_map(|name| var(name));
        set.map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
    };
    let Some(url) = first_set(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) else {
        return Ok(None);
    };
    let proxy = Proxy::new(&url).map_err(|_| BuildError::InvalidProxy)?;
    let mut builder = Proxy::builder(proxy.protocol()).host(proxy.host()).port(proxy.port());
    if let Some(user) = proxy.username() {
        builder = builder.username(user);
    }
    if let Some(password) = proxy.password() {
        builder = builder.password(password);
    }
    let no_proxy = first_set(&["NO_PROXY", "no_proxy"]).unwrap_or_default();
    let hosts = no_proxy
        .split(',')
        .map(|host| host.trim().trim_start_matches("*.").trim_start_matches('.'));
    for host in hosts.filter(|host| !host.is_empty()) {
        // As in curl, a name stands for the host and all its subdomains.
        builder = builder.no_proxy(host).no_proxy(&format!(".{host}"));
    }
    builder.build().map(Some).map_err(|_| BuildError::InvalidProxy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(vars: &[(&str, &str)]) -> Result<Option<Proxy>, BuildError> {
        from_vars(|name| {
            vars.iter()
                .find(|(set, _)| *set == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn proxy_is_read_from_https_proxy_before_all_proxy() {
        assert_eq!(from(&[]), Ok(None));
        assert_eq!(from(&[("HTTPS_PROXY", " ")]), Ok(None));
        for (name, host) in [
            ("HTTPS_PROXY", "a"),
            ("https_proxy", "b"),
            ("ALL_PROXY", "c"),
            ("all_proxy", "d"),
        ] {
            let url = format!("http://{host}:3128");
            let proxy = from(&[(name, &url), ("all_proxy", "d:1")]).unwrap().unwrap();
            assert_eq!(proxy.host(), host);
        }
        assert_eq!(from(&[("HTTP_PROXY", "a:1")]), Ok(None));
    }

    #[test]
    fn invalid_proxy_urls_are_refused() {
        for url in ["ftp://a:1", "http://", "http://a:b:c", "a b"] {
            assert_eq!(from(&[("HTTPS_PROXY", url)]), Err(BuildError::InvalidProxy), "{url}");
        }
    }

    #[test]
    fn proxy_credentials_are_kept_and_not_in_debug() {
        let proxy = from(&[("HTTPS_PROXY", "socks5h://u%40:p%3A@a:1")]).unwrap().unwrap();
        assert_eq!((proxy.username(), proxy.password()), (Some("u@"), Some("p:")));
        assert!(!format!("{proxy:?}").contains("p%3A"));
    }

    #[test]
    fn no_proxy_hosts_bypass_the_proxy() {
        let bypassed = |list: &str, host: &str| {
            let proxy = from(&[("HTTPS_PROXY", "a:1"), ("no_proxy", list)]).unwrap().unwrap();
            proxy.is_no_proxy(&format!("https://{host}/v1").parse().unwrap())
        };
        for list in [
            "*",
            "byourside.ai",
            "x, .byourside.ai",
            "*.byourside.ai",
            "API.byourside.ai",
        ] {
            assert!(bypassed(list, "api.byourside.ai"), "{list}");
        }
        for list in ["", ",", "yourside.ai", "api.byourside.ai.x", "byourside"] {
            assert!(!bypassed(list, "api.byourside.ai"), "{list}");
        }
    }
}
