//! Resolves host names only when a new connection is established.
//!
//! ureq on its own resolves before each request, also when it reuses a connection, and starts a thread for that if
//! there is a timeout.
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

/// The resolver for ureq's agent: it returns no addresses and leaves resolving to the connector.
#[derive(Debug)]
pub(crate) struct DeferredResolver;

impl Resolver for DeferredResolver {
    fn resolve(&self, _uri: &Uri, _config: &Config, _timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// The resolver of the connector, which does resolve.
#[derive(Debug, Default)]
pub(crate) struct ConnectResolver(DefaultResolver);

impl ConnectResolver {
    /// Adds the addresses to `details`, unless a proxy resolves the name. The lookup counts towards the connect
    /// timeout.
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
        let resolve_here = proxy.is_none_or(|proxy| proxy.resolve_target() || proxy.is_no_proxy(details.uri));
        if resolve_here && complete.addrs.is_empty() {
            complete.addrs = self.resolve(details.uri, details.config, details.timeout)?;
            complete.now = (details.current_time)();
            complete.timeout.after = time_left(details, complete.now);
            if complete.timeout.after.is_zero() {
                return Err(Error::Timeout(details.timeout.reason));
            }
        }
        Ok(complete)
    }
}

impl Resolver for ConnectResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().unwrap_or_default();
        let unbracketed = host.trim_start_matches('[').trim_end_matches(']');
        // An IP address needs no lookup, so it needs no timeout, for which ureq would start a thread.
        let timeout = match unbracketed.parse::<IpAddr>() {
            Ok(_) => NextTimeout::default(),
            Err(_) => timeout,
        };
        self.0.resolve(uri, config, timeout)
    }
}

/// The time left to connect.
fn time_left(details: &ConnectionDetails<'_>, now: Instant) -> Duration {
    match (details.timeout.after, details.now, now) {
        (Duration::Exact(after), Instant::Exact(began), Instant::Exact(now)) => {
            Duration::Exact(after.saturating_sub(now.saturating_duration_since(began)))
        }
        (after, _, _) => after,
    }
}
