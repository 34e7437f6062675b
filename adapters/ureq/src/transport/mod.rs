//! What carries the requests.
#[cfg(test)]
#[cfg(any(feature = "webpki-roots", feature = "platform-verifier"))]
mod tests;
#[cfg(test)]
#[cfg(any(feature = "webpki-roots", feature = "platform-verifier"))]
mod tls_tests;

use crate::{handed_over, handed_over::WatchedConnector, lookup::Later, proxy};
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

/// Longer than any attempt; the clock of an exchange cannot be set further ahead than it has room.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// How many connections are kept: as many threads can read at once without a new one for each request.
const MOST: usize = 256;
/// The most room that is made for a body of which no byte has come yet.
const AT_ONCE: usize = 64 * 1024;

/// Carries requests with `ureq`: one exchange each, no redirect followed, nothing sent again.
///
/// Connections are kept for 15 s and used again for reading. A call is placed over a new one: if the service closed a
/// kept one just then, nobody would know whether the call was placed.
///
/// `https` goes through the proxy of `HTTPS_PROXY` or `ALL_PROXY` (`http`, `https`, `socks4`, `socks4a`, `socks5` or
/// `socks5h`), but to the hosts of `NO_PROXY`. Plain `http` is for a loopback host and goes through none.
#[derive(Debug)]
pub struct UreqTransport {
    agent: Agent,
    max_body: u64,
    began: Instant,
}

impl UreqTransport {
    /// Trusts these certificate authorities, each in DER, and no others: for a service of one's own.
    ///
    /// # Errors
    /// [`BuildError::NoTlsRoots`] if there are none, [`BuildError::InvalidProxy`] if the environment names a proxy that
    /// is none.
    ///
    /// ```
    /// use byourside_ureq::{BuildError, ClientOptions, UreqTransport};
    /// let untrusting = UreqTransport::with_roots(&ClientOptions::default(), &[]);
    /// assert_eq!(untrusting.err(), Some(BuildError::NoTlsRoots));
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
        let connect_timeout = options.connect_timeout.min(LONGEST);
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(proxy::from_vars(var)?)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(connect_timeout))
            .max_idle_connections(MOST)
            .max_idle_connections_per_host(MOST)
            .user_agent(concat!("byourside-ureq/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .accept_encoding("")
            .build();
        Ok(Self {
            agent: Agent::with_parts(config, WatchedConnector::default(), Later),
            max_body: options.max_body.try_into().unwrap_or(u64::MAX),
            began: Instant::now(),
        })
    }

    fn exchange(&self, request: Request<impl AsSendBody>, timeout: Duration) -> Result<Response<Vec<u8>>, ureq::Error> {
        let reads = request.method().is_safe();
        let plain = request.uri().scheme() == Some(&Scheme::HTTP);
        let mut request = self
            .agent
            .configure_request(request)
            .timeout_global(Some(timeout.min(LONGEST)));
        if plain {
            request = request.proxy(None);
        }
        if !reads {
            request = request.max_idle_age(Duration::ZERO);
        }
        let (parts, body) = self.agent.run(request.build())?.into_parts();
        let told = body.content_length().unwrap_or(0).min(self.max_body);
        let mut whole = Vec::with_capacity(usize::try_from(told).map_or(AT_ONCE, |told| told.min(AT_ONCE)));
        let mut reader = body.into_with_config().limit(self.max_body).reader();
        reader.read_to_end(&mut whole)?;
        Ok(Response::from_parts(parts, whole))
    }
}

impl Transport for UreqTransport {
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let (answer, handed_over) = handed_over::watch(|| {
            if request.body().is_empty() {
                // As a body, an empty one is announced with its length.
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
        Monotonic::new(self.began.elapsed())
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
fn without_certificates_there_is_no_transport() {
    assert_eq!(
        UreqTransport::connect(&ClientOptions::default()).err(),
        Some(BuildError::NoTlsRoots)
    );
}
