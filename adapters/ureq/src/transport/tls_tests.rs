//! TLS, directly and through a proxy, against a service with its own certificate.
use super::*;
use byourside_proto::machine::Sent;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread::{self, JoinHandle},
};
use ureq::tls::Certificate;

const TIMEOUT: Duration = Duration::from_secs(5);

/// How the service behaves on its one connection.
#[derive(Clone, Copy)]
struct Behaviour {
    /// Whether it is reached through a proxy, which is the same server.
    proxied: bool,
    /// How many requests it answers. On the next one it closes the connection.
    answers: usize,
}

/// A service on a loopback port. Returns its port, its certificate and the number of requests that it received.
fn service(behaviour: Behaviour) -> (u16, Certificate<'static>, JoinHandle<usize>) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = Certificate::from_der(own.cert.der()).to_owned();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = thread::spawn(move || serve(listener.accept().unwrap().0, config, behaviour));
    (port, certificate, served)
}

fn serve(mut stream: TcpStream, config: ServerConfig, behaviour: Behaviour) -> usize {
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    if behaviour.proxied {
        assert!(read_head(&mut stream).is_some_and(|head| head.starts_with("CONNECT localhost:")));
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    }
    let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
    let mut requests = 0;
    while read_head(&mut stream).is_some() {
        requests += 1;
        if requests > behaviour.answers {
            break;
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            .unwrap();
    }
    requests
}

/// The head of the next request, or `None` if the connection or the handshake fails.
fn read_head(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    String::from_utf8(head).ok()
}

fn transport(roots: RootCerts, proxy: Option<u16>) -> UreqTransport {
    let var = |name: &str| {
        proxy
            .filter(|_| name == "HTTPS_PROXY")
            .map(|port| format!("http://127.0.0.1:{port}"))
    };
    UreqTransport::new(&ClientOptions::default(), roots, var).unwrap()
}

fn get(port: u16) -> Request<Vec<u8>> {
    Request::get(format!("https://localhost:{port}/"))
        .body(Vec::new())
        .unwrap()
}

#[test]
fn trusted_service_is_read_over_one_connection() {
    for proxied in [false, true] {
        let (port, certificate, served) = service(Behaviour { proxied, answers: 2 });
        let transport = transport(RootCerts::from(std::iter::once(certificate)), proxied.then_some(port));
        for _ in 0..2 {
            assert_eq!(transport.send(get(port), TIMEOUT).unwrap().body(), b"{}");
        }
        drop(transport);
        assert_eq!(served.join().unwrap(), 2);
    }
}

#[test]
fn request_is_maybe_sent_if_the_service_closes_on_it() {
    for proxied in [false, true] {
        let (port, certificate, served) = service(Behaviour { proxied, answers: 0 });
        let transport = transport(RootCerts::from(std::iter::once(certificate)), proxied.then_some(port));
        assert_eq!(transport.send(get(port), TIMEOUT).unwrap_err().sent(), Sent::Maybe);
        assert_eq!(served.join().unwrap(), 1);
    }
}

#[test]
fn request_is_not_sent_to_a_service_that_is_not_trusted() {
    for proxied in [false, true] {
        let (port, _, served) = service(Behaviour { proxied, answers: 1 });
        let failure = transport(roots().unwrap(), proxied.then_some(port))
            .send(get(port), TIMEOUT)
            .unwrap_err();
        assert_eq!(failure.sent(), Sent::No, "{failure}");
        assert_eq!(served.join().unwrap(), 0);
    }
}
