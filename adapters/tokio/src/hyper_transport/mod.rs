//! `HyperTransport`: sends requests with hyper's pooled client.
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

/// How long an idle connection is kept. Servers and load balancers commonly keep theirs longer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);
/// How often a shared HTTP/2 connection is pinged, and how long the answer may take. Without an answer the connection
/// is closed, and the next attempt opens a new one.
const HTTP2_PING: Duration = Duration::from_secs(5);
static USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("byourside-tokio/", env!("CARGO_PKG_VERSION")));

/// Sends requests with hyper, over HTTP/2 if the service offers it, else HTTP/1.1. It follows no redirect and never
/// sends a request again.
///
/// Reads share pooled connections. A call is placed over a new connection: if the service closed a pooled one at that
/// moment, it would be unknown whether the call was placed.
///
/// Proxies are read from the environment, as the [crate page](crate#proxies) says.
///
/// It can be created anywhere, and sends on a tokio runtime with I/O and time enabled. Time is tokio's, so a test that
/// pauses it also pauses waits.
#[derive(Clone, Debug)]
pub struct HyperTransport {
    pooled: Client<Connector, TrackedBody>,
    unpooled: Client<Connector, TrackedBody>,
    max_body: usize,
    timers: Arc<Timers<runtime::Id>>,
    created: Instant,
}

impl HyperTransport {
    /// Creates a transport that trusts only these certificate authorities, each in DER: for a service of your own.
    ///
    /// # Errors
    /// [`BuildError::NoTlsRoots`] if `roots` is empty or one of them is not a certificate; [`BuildError::InvalidProxy`]
    /// if the environment names an invalid proxy.
    ///
    /// ```
    /// use byourside_tokio::{BuildError, ClientOptions, HyperTransport};
    /// let transport = HyperTransport::with_roots(&ClientOptions::default(), &[]);
    /// assert_eq!(transport.err(), Some(BuildError::NoTlsRoots));
    /// ```
    pub fn with_roots(options: &ClientOptions, roots: &[Vec<u8>]) -> Result<Self, BuildError> {
        Self::with_tls(options, tls_config_with_roots(roots)?)
    }

    /// Creates a transport with a TLS configuration of your own: a client certificate, other roots, another crypto
    /// provider. Its ALPN protocols are replaced.
    ///
    /// # Errors
    /// [`BuildError::InvalidProxy`] if the environment names an invalid proxy.
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
            // Head and body are small: copying them together is cheaper than a vectored write.
            .http1_writev(false)
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .http2_keep_alive_interval(HTTP2_PING)
            .http2_keep_alive_timeout(HTTP2_PING);
        Ok(Self {
            pooled: builder.build(connector.clone()),
            unpooled: builder.pool_max_idle_per_host(0).build(connector),
            max_body: options.max_body,
            timers: Arc::default(),
            created: Instant::now(),
        })
    }
}

impl Transport for HyperTransport {
    async fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let client = if request.method().is_safe() {
            &self.pooled
        } else {
            &self.unpooled
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
        Monotonic::new(self.created.elapsed())
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
