//! Requests over connections that their own futures drive.
#[cfg(test)]
mod tests;

use crate::{
    connection::{Answer, Connection},
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

/// Carries requests with hyper over HTTP/1.1. No redirect is followed, nothing is sent again, and nothing is spawned: a
/// request makes progress while its future is polled, and a future that is dropped closes its connection.
///
/// Connections are kept and used again for reading. A call is placed over a new one: if the service closed a kept one
/// just then, nobody would know whether the call was placed. One that was kept for 50 s is closed at the next request.
///
/// `https` goes through the proxy of `HTTPS_PROXY` or `ALL_PROXY` (`http` or `https`), but to the hosts of `NO_PROXY`.
/// Plain `http` is for a loopback host and goes through none.
pub struct AsyncStdTransport {
    dialer: Dialer,
    pool: Pool,
    timers: Timers,
    connect_timeout: Duration,
    max_body: usize,
    began: Instant,
}

impl AsyncStdTransport {
    /// Trusts these certificate authorities, each in DER, and no others: for a service of one's own.
    ///
    /// # Errors
    /// [`BuildError::NoTlsRoots`] if there are none, or one of them is none; [`BuildError::InvalidProxy`] if the
    /// environment names a proxy that is none.
    ///
    /// ```
    /// use byourside_async_std::{AsyncStdTransport, BuildError, ClientOptions};
    /// let untrusting = AsyncStdTransport::with_roots(&ClientOptions::default(), &[]);
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
            began: Instant::now(),
        })
    }

    async fn request(
        &self,
        mut request: Request<TrackedBody>,
    ) -> Result<Response<Answer<'_>>, Box<dyn Error + Send + Sync>> {
        let key = pool::key(request.uri()).ok_or("the URL is not absolute")?;
        let uri = request.uri().clone();
        let host = HeaderValue::try_from(key.1.as_str())?;
        request.headers_mut().insert(header::HOST, host);
        let path = request.uri().path_and_query().cloned();
        *request.uri_mut() = Uri::from(path.unwrap_or(PathAndQuery::from_static("/")));
        if request.method().is_safe() {
            while let Some(kept) = self.pool.take(&key) {
                match kept.send(request, (&self.pool, key.clone())).await {
                    Ok(response) => return Ok(response),
                    // It was closed meanwhile, and has taken nothing.
                    Err(mut error) => request = error.take_message().ok_or_else(|| error.into_error())?,
                }
            }
        }
        let connection = self.connect(&uri).await?;
        let sent = connection.send(request, (&self.pool, key)).await;
        Ok(sent.map_err(TrySendError::into_error)?)
    }

    async fn connect(&self, uri: &Uri) -> Result<Connection, Box<dyn Error + Send + Sync>> {
        // On the heap while it lasts: TLS takes much room, and most requests, and all waits between them, need none of it.
        let dial = Box::pin(async {
            let stream = self.dialer.dial(uri).await?;
            Ok(Connection::new(stream).await?)
        });
        let dialed = within(sleep(self.connect_timeout), dial).await;
        dialed.ok_or("connecting took too long")?
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
        Monotonic::new(self.began.elapsed())
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
