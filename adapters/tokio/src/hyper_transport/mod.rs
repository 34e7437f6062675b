//! Requests over hyper's pooled client.
#[cfg(test)]
mod tests;

use crate::connector::{Connector, PROXY_SCHEMES};
use byourside_hyper::{Proxies, Timers, TrackedBody, exchange, seed, tls_config, tls_config_with_roots};
use byourside_proto::{
    BuildError, Monotonic, TransportFailure,
    client::{ClientOptions, Connect, Transport},
};
use http::{HeaderValue, Request, Response};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};
use rustls::ClientConfig;
use std::{sync::Arc, time::Duration};
use tokio::{
    runtime::{self, Handle},
    time::{Instant, sleep},
};

/// How long a connection is kept that nothing uses: less than servers and load balancers commonly keep theirs.
const IDLE: Duration = Duration::from_secs(50);
/// A connection that HTTP/2 requests share must not outlive its other end: without an answer to a ping for this long
/// it is given up, and the next attempt has a new one.
const PING: Duration = Duration::from_secs(5);
static USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("byourside-tokio/", env!("CARGO_PKG_VERSION")));

/// Carries requests with hyper, over HTTP/2 where the service offers it, else HTTP/1.1. No redirect is followed, and
/// nothing is sent again.
///
/// Connections are kept and used again for reading. A call is placed over a new one: if the service closed a kept one
/// just then, nobody would know whether the call was placed.
///
/// `https` goes through the proxy of `HTTPS_PROXY` or `ALL_PROXY` (`http`, `https`, `socks4`, `socks4a`, `socks5` or
/// `socks5h`), but to the hosts of `NO_PROXY`. Plain `http` is for a loopback host and goes through none.
///
/// It can be made anywhere; it sends on a tokio runtime with I/O and time enabled. Time is tokio's, so a test that
/// pauses it pauses waits as well.
#[derive(Clone, Debug)]
pub struct HyperTransport {
    kept: Client<Connector, TrackedBody>,
    fresh: Client<Connector, TrackedBody>,
    max_body: usize,
    timers: Arc<Timers<runtime::Id>>,
    began: Instant,
}

impl HyperTransport {
    /// Trusts these certificate authorities, each in DER, and no others: for a service of one's own.
    ///
    /// # Errors
    /// [`BuildError::NoTlsRoots`] if there are none, or one of them is none; [`BuildError::InvalidProxy`] if the
    /// environment names a proxy that is none.
    ///
    /// ```
    /// use byourside_tokio::{BuildError, ClientOptions, HyperTransport};
    /// let untrusting = HyperTransport::with_roots(&ClientOptions::default(), &[]);
    /// assert_eq!(untrusting.err(), Some(BuildError::NoTlsRoots));
    /// ```
    pub fn with_roots(options: &ClientOptions, roots: &[Vec<u8>]) -> Result<Self, BuildError> {
        Self::with_tls(options, tls_config_with_roots(roots)?)
    }

    /// Uses a TLS configuration of the caller's: a certificate of its own, other roots, another provider. Its ALPN
    /// protocols are replaced.
    ///
    /// # Errors
    /// [`BuildError::InvalidProxy`] if the environment names a proxy that is none.
    ///
    /// ```
    /// use byourside_tokio::{ClientOptions, HyperTransport};
    /// use rustls::{ClientConfig, RootCertStore, crypto::ring};
    ///
    /// let tls = ClientConfig::builder_with_provider(ring::default_provider().into())
    ///     .with_safe_default_protocol_versions()?
    ///     .with_root_certificates(RootCertStore::empty())
    ///     .with_no_client_auth();
    /// let transport = HyperTransport::with_tls(&ClientOptions::default(), tls)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_tls(options: &ClientOptions, tls: ClientConfig) -> Result<Self, BuildError> {
        Self::new(options, tls, Self::var)
    }

    fn new(
        options: &ClientOptions,
        tls: ClientConfig,
        var: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, BuildError> {
        let proxies = Proxies::from_vars(var, &PROXY_SCHEMES)?;
        let connector = Connector::new(tls, proxies, options.connect_timeout);
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .retry_canceled_requests(false)
            // Head and body are small: to copy them together is cheaper than to list them.
            .http1_writev(false)
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .http2_keep_alive_interval(PING)
            .http2_keep_alive_timeout(PING);
        Ok(Self {
            kept: builder.build(connector.clone()),
            fresh: builder.pool_max_idle_per_host(0).build(connector),
            max_body: options.max_body,
            timers: Arc::default(),
            began: Instant::now(),
        })
    }
}

impl Transport for HyperTransport {
    async fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let client = if request.method().is_safe() {
            &self.kept
        } else {
            &self.fresh
        };
        let runtime = Handle::current().id();
        let deadline = self.timers.deadline(runtime, timeout, || self.now(), sleep);
        exchange(request, &USER_AGENT, self.max_body, deadline, async |request| {
            client.request(request).await
        })
        .await
    }

    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }

    fn now(&self) -> Monotonic {
        Monotonic::new(self.began.elapsed())
    }

    fn seed(&self) -> u64 {
        seed()
    }
}

impl Connect for HyperTransport {
    fn connect(options: &ClientOptions) -> Result<Self, BuildError> {
        Self::with_tls(options, tls_config()?)
    }

    fn var(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}
