//! The smallest transport that passes all checks: HTTP/1.1 over the standard library's sockets, TLS by rustls.
//! It keeps one idle connection, for reads. A call is placed over a new connection.
mod answer;
mod wire;

use byourside_conformance::Setup;
use byourside_proto::{Monotonic, TransportFailure, client::blocking::Transport};
use http::{Method, Request, Response};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::{
    io::{self, ErrorKind, Write},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use wire::Wire;

pub struct PlainSocket {
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
    max_body: usize,
    idle: Mutex<Option<Wire>>,
    began: Instant,
}

impl PlainSocket {
    pub fn new(setup: &Setup) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(setup.roots.iter().map(|root| root.clone().into()));
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the default versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            tls: Arc::new(tls),
            connect_timeout: setup.connect_timeout,
            max_body: setup.max_body,
            idle: Mutex::new(None),
            began: Instant::now(),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Option<Wire>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn exchange(&self, wire: &mut Wire, request: &Request<Vec<u8>>) -> io::Result<(Response<Vec<u8>>, bool)> {
        wire.write_all(&head(request))?;
        wire.write_all(request.body())?;
        wire.flush()?;
        answer::read(wire, self.max_body)
    }
}

impl Transport for PlainSocket {
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let until = Instant::now() + timeout;
        let reads = request.method() == Method::GET;
        let pooled = self.idle().take().filter(|wire| reads && wire.is_for(request.uri()));
        let mut wire = match pooled.filter(Wire::is_open) {
            Some(wire) => wire,
            None => Wire::connect(
                request.uri(),
                &self.tls,
                until.min(Instant::now() + self.connect_timeout),
            )
            .map_err(TransportFailure::not_sent)?,
        };
        wire.until(until);
        match self.exchange(&mut wire, &request) {
            Ok((response, keep)) => {
                if keep {
                    *self.idle() = Some(wire);
                }
                Ok(response)
            }
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                Err(TransportFailure::timed_out())
            }
            Err(error) => Err(TransportFailure::maybe_sent(error)),
        }
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn now(&self) -> Monotonic {
        Monotonic::new(self.began.elapsed())
    }

    fn seed(&self) -> u64 {
        u64::from(self.began.elapsed().subsec_nanos())
    }
}

fn head(request: &Request<Vec<u8>>) -> Vec<u8> {
    let uri = request.uri();
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let mut head = format!("{} {target} HTTP/1.1\r\nhost: {host}\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    if request.method() != Method::GET {
        head.extend_from_slice(format!("content-length: {}\r\n", request.body().len()).as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    head
}
