//! The addresses of a host, looked up where a new connection is made.
//!
//! ureq looks them up before each request, on a kept connection as well, and starts a thread for that where time is
//! bounded.
use std::net::IpAddr;
use ureq::{
    Error,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{
            ConnectionDetails, NextTimeout,
            time::{Duration, Instant},
        },
    },
};

/// What ureq is given to ask before each request: it leaves the addresses to the connector.
#[derive(Debug)]
pub(crate) struct Later;

impl Resolver for Later {
    fn resolve(&self, _uri: &Uri, _config: &Config, _timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// What the connector asks.
#[derive(Debug, Default)]
pub(crate) struct Lookup(DefaultResolver);

impl Lookup {
    /// All that `details` say, and the addresses as well where this end needs them. The lookup takes its time from that
    /// of the connection.
    pub(crate) fn complete<'a>(&'a self, details: &'a ConnectionDetails<'_>) -> Result<ConnectionDetails<'a>, Error> {
        let mut complete = ConnectionDetails {
            uri: details.uri,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: details.request_level,
            resolver: self,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        let proxy = details.config.proxy();
        let ours = proxy.is_none_or(|proxy| proxy.resolve_target() || proxy.is_no_proxy(details.uri));
        if ours && complete.addrs.is_empty() {
            complete.addrs = self.resolve(details.uri, details.config, details.timeout)?;
            complete.now = (details.current_time)();
            complete.timeout.after = left(details, complete.now);
            if complete.timeout.after.is_zero() {
                return Err(Error::Timeout(details.timeout.reason));
            }
        }
        Ok(complete)
    }
}

impl Resolver for Lookup {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        // An address needs no lookup, hence no thread that could be waited for in vain.
        let timeout = match bare.parse::<IpAddr>() {
            Ok(_) => NextTimeout::default(),
            Err(_) => timeout,
        };
        self.0.resolve(uri, config, timeout)
    }
}

/// What is left of the time to connect.
fn left(details: &ConnectionDetails<'_>, now: Instant) -> Duration {
    match (details.timeout.after, details.now, now) {
        (Duration::Exact(after), Instant::Exact(began), Instant::Exact(now)) => {
            Duration::Exact(after.saturating_sub(now.saturating_duration_since(began)))
        }
        (after, _, _) => after,
    }
}
