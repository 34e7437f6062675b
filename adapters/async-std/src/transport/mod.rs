//! `AsyncStdTransport`: sends requests over connections that the request futures drive themselves.
#[cfg(test)]
mod tests;

use crate::{
    connection::{Connection, PooledBody},
    dial::{Dialer, PROXY_SCHEMES},
    pool::{self, Pool},
};
use async_std::task::sleep;
use byourside_hyper::{Proxies, Timers, TrackedBody, exchange, seed, tls_config, tls_config_with_roots, within};
use byourside_proto::{
    BuildError, Monotonic, TransportFailure,
    client::{ClientOptions, Connect, Transport},
};
use http::{HeaderValue, Request, Response, Uri, header, uri::PathAndQuery};
use hyper::client::conn::TrySendError;
use rustls::ClientConfig;
use std::{
    error::Error,
    fmt,
    time::{Duration, Instant},
};

static USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("byourside-async-std/", env!("CARGO_PKG_VERSION")));

/// Sends requests with hyper over HTTP/1.1. It follows no redirect and never sends a request again.
///
/// Nothing is spawned: a request makes progress while its future is polled, and dropping the future closes its
/// connection.
///
/// Reads share pooled connections. A call is placed over a new connection: if the service closed a pooled one at that
/// moment, it would be unknown whether the call was placed. A connection that was idle for 50 s is closed when the next
/// request is sent.
///
/// Proxies are read from the environment, as the [crate page](crate#proxies) says.
pub struct AsyncStdTransport {
    dialer: Dialer,
    pool: Pool,
    timers: Timers,
    connect_timeout: Duration,
    max_body: usize,
    created: Instant,
}

impl AsyncStdTransport {
    /// Creates a transport that trusts only these certificate authorities, each in DER: for a service of your own.
    ///
    /// # Errors
    /// [`BuildError::NoTlsRoots`] if `roots` is empty or one of them is not a certificate; [`BuildError::InvalidProxy`]
    /// if the environment names an invalid proxy.
    ///
    /// ```
    /// use byourside_async_std::{AsyncStdTransport, BuildError, ClientOptions};
    /// let transport = AsyncStdTransport::with_roots(&ClientOptions::default(), &[]);
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
    /// use byourside_async_std::{AsyncStdTransport, ClientOptions};
    /// use rustls::{ClientConfig, RootCertStore, crypto::ring};
    ///
    /// let tls = ClientConfig::builder_with_provider(ring::default_provider().into())
    ///     .with_safe_default_protocol_versions()?
    ///     .with_root_certificates(RootCertStore::empty())
    ///     .with_no_client_auth();
    /// let transport = AsyncStdTransport::with_tls(&ClientOptions::default(), tls)?;
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
        Ok(Self {
            dialer: Dialer::new(tls, Proxies::from_vars(var, &PROXY_SCHEMES)?),
            pool: Pool::default(),
            timers: Timers::default(),
            connect_timeout: options.connect_timeout,
            max_body: options.max_body,
            created: Instant::now(),
        })
    }

    async fn request(
        &self,
        mut request: Request<TrackedBody>,
    ) -> Result<Response<PooledBody<'_>>, Box<dyn Error + Send + Sync>> {
        let key = pool::key(request.uri()).ok_or("the URL is not absolute")?;
        let uri = request.uri().clone();
        let host = HeaderValue::try_from(key.1.as_str())?;
        request.headers_mut().insert(header::HOST, host);
        let path = request.uri().path_and_query().cloned();
        *request.uri_mut() = Uri::from(path.unwrap_or(PathAndQuery::from_static("/")));
        if request.method().is_safe() {
            while let Some(pooled) = self.pool.take(&key) {
                match pooled.send(request, (&self.pool, key.clone())).await {
                    Ok(response) => return Ok(response),
                    // The connection was closed in the meantime, and has taken nothing of the request.
                    Err(mut error) => request = error.take_message().ok_or_else(|| error.into_error())?,
                }
            }
        }
        let connection = self.connect(&uri).await?;
        let sent = connection.send(request, (&self.pool, key)).await;
        Ok(sent.map_err(TrySendError::into_error)?)
    }

    async fn connect(&self, uri: &Uri) -> Result<Connection, Box<dyn Error + Send + Sync>> {
        // Boxed: TLS takes much space, and most requests and all waits between them need no handshake.
        let connecting = Box::pin(async {
            let stream = self.dialer.dial(uri).await?;
            Ok(Connection::new(stream).await?)
        });
        let connected = within(sleep(self.connect_timeout), connecting).await;
        connected.ok_or("connecting timed out")?
    }
}

impl Transport for AsyncStdTransport {
    async fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let deadline = self.timers.deadline((), timeout, || self.now(), sleep);
        exchange(request, &USER_AGENT, self.max_body, deadline, async |request| {
            self.request(request).await
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

impl Connect for AsyncStdTransport {
    fn connect(options: &ClientOptions) -> Result<Self, BuildError> {
        Self::with_tls(options, tls_config()?)
    }

    fn var(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

impl fmt::Debug for AsyncStdTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncStdTransport")
            .field("connect_timeout", &self.connect_timeout)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}
