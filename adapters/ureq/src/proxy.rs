//! The proxy that the environment names.
use byourside_proto::BuildError;
use ureq::Proxy;

/// The proxy for `https`, unless there is none.
pub(crate) fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Option<Proxy>, BuildError> {
    let first = |names: &[&str]| {
        let set = names.iter().filter_map(|name| var(name));
        set.map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
    };
    let Some(url) = first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) else {
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
    let direct = first(&["NO_PROXY", "no_proxy"]).unwrap_or_default();
    let hosts = direct
        .split(',')
        .map(|host| host.trim().trim_start_matches("*.").trim_start_matches('.'));
    for host in hosts.filter(|host| !host.is_empty()) {
        // A name stands for the host itself and for all below it, as in curl.
        builder = builder.no_proxy(host).no_proxy(&format!(".{host}"));
    }
    builder.build().map(Some).map_err(|_| BuildError::InvalidProxy)
}
