//! `UreqTransport`: sends requests with ureq.
#[cfg(test)]
#[cfg(any(feature = "webpki-roots", feature = "platform-verifier"))]
mod tests;
#[cfg(test)]
#[cfg(any(feature = "webpki-roots", feature = "platform-verifier"))]
mod tls_tests;

use crate::{handover, handover::TrackedConnector, proxy, resolver::DeferredResolver};
use byourside_proto::{
    BuildError, Monotonic, TransportFailure,
    client::{
        ClientOptions,
        blocking::{Connect, Transport},
    },
};
use http::{Request, Response, uri::Scheme};
use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    io::Read,
    sync::Arc,
    time::{Duration, Instant},
};
use ureq::{
    Agent, AsSendBody,
    tls::{Certificate, RootCerts, TlsConfig, TlsProvider},
};

/// Timeouts are capped here: longer than any attempt, and short enough to be added to the current time.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);
/// How many idle connections are kept: this many threads can read at once without a new connection for each request.
const MAX_IDLE_CONNECTIONS: usize = 256;
/// The most memory, in bytes, that is reserved for a body before any of it has arrived.
const MAX_RESERVED: usize = 64 * 1024;

/// Sends requests with ureq over HTTP/1.1. It follows no redirect and never sends a request again.
///
/// Reads share pooled connections, which are kept for 15 s. A call is placed over a new connection: if the service
/// closed a pooled one at that moment, it would be unknown whether the call was placed.
///
/// Proxies are read from the environment, as the [crate page](crate#proxies) says.
#[derive(Debug)]
pub struct UreqTransport {
    agent: Agent,
    max_body: u64,
    created: Instant,
}

impl UreqTransport {
    /// Creates a transport that trusts only these certificate authorities, each in DER: for a service of your own.
    ///
    /// # Errors
    /// [`BuildError::NoTlsRoots`] if `roots` is empty, [`BuildError::InvalidProxy`] if the environment names an invalid
    /// proxy.
    ///
    /// ```
    /// use byourside_ureq::{BuildError, ClientOptions, UreqTransport};
    /// let transport = UreqTransport::with_roots(&ClientOptions::default(), &[]);
    /// assert_eq!(transport.err(), Some(BuildError::NoTlsRoots));
    /// ```
    pub fn with_roots(options: &ClientOptions, roots: &[Vec<u8>]) -> Result<Self, BuildError> {
        if roots.is_empty() {
            return Err(BuildError::NoTlsRoots);
        }
        let certificates = roots.iter().map(|root| Certificate::from_der(root).to_owned());
        Self::new(options, certificates.into(), Self::var)
    }

    fn new(
        options: &ClientOptions,
        roots: RootCerts,
        var: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, BuildError> {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(roots)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let connect_timeout = options.connect_timeout.min(MAX_TIMEOUT);
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(proxy::from_vars(var)?)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(connect_timeout))
            .max_idle_connections(MAX_IDLE_CONNECTIONS)
            .max_idle_connections_per_host(MAX_IDLE_CONNECTIONS)
            .user_agent(concat!("byourside-ureq/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .accept_encoding("")
            .build();
        Ok(Self {
            agent: Agent::with_parts(config, TrackedConnector::default(), DeferredResolver),
            max_body: options.max_body.try_into().unwrap_or(u64::MAX),
            created: Instant::now(),
        })
    }

    fn exchange(&self, request: Request<impl AsSendBody>, timeout: Duration) -> Result<Response<Vec<u8>>, ureq::Error> {
        let is_read = request.method().is_safe();
        let is_plain = request.uri().scheme() == Some(&Scheme::HTTP);
        let mut request = self
            .agent
            .configure_request(request)
            .timeout_global(Some(timeout.min(MAX_TIMEOUT)));
        if is_plain {
            request = request.proxy(None);
        }
        if !is_read {
            request = request.max_idle_age(Duration::ZERO);
        }
        let (parts, body) = self.agent.run(request.build())?.into_parts();
        let announced = body.content_length().unwrap_or(0).min(self.max_body);
        let reserved = usize::try_from(announced).map_or(MAX_RESERVED, |length| length.min(MAX_RESERVED));
        let mut collected = Vec::with_capacity(reserved);
        let mut reader = body.into_with_config().limit(self.max_body).reader();
        reader.read_to_end(&mut collected)?;
        Ok(Response::from_parts(parts, collected))
    }
}

impl Transport for UreqTransport {
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let (answer, handed_over) = handover::track(|| {
            if request.body().is_empty() {
                // ureq would announce an empty body with a `content-length`.
                self.exchange(request.map(|_empty| ()), timeout)
            } else {
                self.exchange(request, timeout)
            }
        });
        answer.map_err(|error| match error {
            error if !handed_over => TransportFailure::not_sent(error),
            ureq::Error::Timeout(_) => TransportFailure::timed_out(),
            error => TransportFailure::maybe_sent(error),
        })
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn now(&self) -> Monotonic {
        Monotonic::new(self.created.elapsed())
    }

    fn seed(&self) -> u64 {
        RandomState::new().build_hasher().finish()
    }
}

impl Connect for UreqTransport {
    fn connect(options: &ClientOptions) -> Result<Self, BuildError> {
        Self::new(options, roots().ok_or(BuildError::NoTlsRoots)?, Self::var)
    }

    fn var(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

fn roots() -> Option<RootCerts> {
    if cfg!(feature = "platform-verifier") {
        Some(RootCerts::PlatformVerifier)
    } else if cfg!(feature = "webpki-roots") {
        Some(RootCerts::WebPki)
    } else {
        None
    }
}

#[cfg(all(test, not(any(feature = "webpki-roots", feature = "platform-verifier"))))]
#[test]
fn transport_needs_tls_roots() {
    assert_eq!(
        UreqTransport::connect(&ClientOptions::default()).err(),
        Some(BuildError::NoTlsRoots)
    );
}
