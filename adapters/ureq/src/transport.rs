//! What carries the requests.
use crate::{handed_over, handed_over::WatchedConnector, proxy};
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
    sync::Arc,
    time::{Duration, Instant},
};
use ureq::{
    Agent, AsSendBody,
    tls::{Certificate, RootCerts, TlsConfig, TlsProvider},
    unversioned::resolver::DefaultResolver,
};

/// Longer than any attempt; the clock of an exchange cannot be set further ahead than it has room.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Carries requests with `ureq`: one exchange each, no redirect followed, nothing sent again.
///
/// Connections are kept for 15 s and used again for reading. A call is placed over a new one: if the service closed a
/// kept one just then, nobody would know whether the call was placed.
///
/// `https` goes through the proxy of `HTTPS_PROXY` or `ALL_PROXY` (`http`, `https`, `socks4`, `socks4a`, `socks5` or
/// `socks5h`), but to the hosts of `NO_PROXY`. Plain `http` is for a loopback host and goes through none.
///
/// Looking up the name of the host may take [`ClientOptions::connect_timeout`] once more.
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
        let certificates = roots.iter().map(|root| Certificate::from_der(root).to_owned());
        let roots = (!roots.is_empty()).then(|| certificates.into());
        Self::new(options, roots, Self::var)
    }

    fn new(
        options: &ClientOptions,
        roots: Option<RootCerts>,
        var: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, BuildError> {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(roots.ok_or(BuildError::NoTlsRoots)?)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let connect_timeout = options.connect_timeout.min(LONGEST);
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(proxy::from_vars(var)?)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_resolve(Some(connect_timeout))
            .timeout_connect(Some(connect_timeout))
            .user_agent(concat!("byourside-ureq/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .accept_encoding("")
            .build();
        Ok(Self {
            agent: Agent::with_parts(config, WatchedConnector::default(), DefaultResolver::default()),
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
        let body = body.into_with_config().limit(self.max_body).read_to_vec()?;
        Ok(Response::from_parts(parts, body))
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
        Self::new(options, roots(), Self::var)
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

#[cfg(test)]
mod tests {
    use super::*;
    use byourside_proto::Sent;
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread::{self, JoinHandle},
    };

    const TIMEOUT: Duration = Duration::from_secs(5);

    fn get(url: &str) -> Request<Vec<u8>> {
        let request = Request::get(url).header("authorization", "Bearer bys_ak_secret");
        request.body(Vec::new()).unwrap()
    }

    fn with_proxy(url: &str) -> UreqTransport {
        let var = |name: &str| (name == "HTTPS_PROXY").then(|| url.to_owned());
        UreqTransport::new(&ClientOptions::default(), roots(), var).unwrap()
    }

    /// Answers one request on a loopback port, and tells its head.
    fn serve(answer: &'static str) -> (String, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            stream.set_read_timeout(Some(TIMEOUT)).unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.extend(byte);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(head).unwrap()
        });
        (url, served)
    }

    #[test]
    fn a_proxy_that_makes_no_way_sees_no_request() {
        for answer in ["HTTP/1.1 407 Authenticate\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", ""] {
            let (proxy, served) = serve(answer);
            let request = get("https://api.byourside.ai/v1/agent/calls/c1");
            let failure = with_proxy(&proxy).send(request, TIMEOUT).unwrap_err();
            assert_eq!(failure.sent(), Sent::No, "{failure}");
            let seen = served.join().unwrap();
            assert!(seen.starts_with("CONNECT api.byourside.ai:443 HTTP/1.1\r\n"), "{seen}");
            assert!(!seen.contains("bys_ak_secret"));
        }
    }

    #[test]
    fn a_proxy_that_is_not_there_sees_no_request() {
        let failure = with_proxy("http://127.0.0.1:1").send(get("https://api.byourside.ai/"), TIMEOUT);
        assert_eq!(failure.unwrap_err().sent(), Sent::No);
    }

    #[test]
    fn plain_http_goes_past_the_proxy() {
        let (url, served) = serve("HTTP/1.1 204 No Content\r\n\r\n");
        let answer = with_proxy("http://127.0.0.1:1").send(get(&url), TIMEOUT).unwrap();
        assert_eq!(answer.status(), 204);
        assert!(served.join().unwrap().starts_with("GET / HTTP/1.1\r\n"));
    }

    #[test]
    fn any_duration_is_a_timeout() {
        let options = ClientOptions {
            connect_timeout: Duration::MAX,
            ..ClientOptions::default()
        };
        let transport = UreqTransport::new(&options, roots(), |_| None).unwrap();
        for timeout in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            let failure = transport.send(get("http://127.0.0.1:1/"), timeout).unwrap_err();
            assert_eq!(failure.sent(), Sent::No);
        }
    }

    #[test]
    fn seeds_differ() {
        let transport = UreqTransport::new(&ClientOptions::default(), roots(), |_| None).unwrap();
        assert_ne!(transport.seed(), transport.seed());
    }
}
