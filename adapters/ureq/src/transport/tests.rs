//! Proxies, timeouts and seeds.
use super::*;
use byourside_proto::machine::Sent;
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
    UreqTransport::new(&ClientOptions::default(), roots().unwrap(), var).unwrap()
}

/// Answers one request on a loopback port, and returns its head.
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
fn request_is_not_sent_if_the_proxy_refuses() {
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
fn request_is_not_sent_if_the_proxy_is_unreachable() {
    let failure = with_proxy("http://127.0.0.1:1").send(get("https://api.byourside.ai/"), TIMEOUT);
    assert_eq!(failure.unwrap_err().sent(), Sent::No);
}

#[test]
fn plain_http_bypasses_the_proxy() {
    let (url, served) = serve("HTTP/1.1 204 No Content\r\n\r\n");
    let answer = with_proxy("http://127.0.0.1:1").send(get(&url), TIMEOUT).unwrap();
    assert_eq!(answer.status(), 204);
    assert!(served.join().unwrap().starts_with("GET / HTTP/1.1\r\n"));
}

#[test]
fn any_duration_is_accepted_as_timeout() {
    let options = ClientOptions {
        connect_timeout: Duration::MAX,
        ..ClientOptions::default()
    };
    let transport = UreqTransport::new(&options, roots().unwrap(), |_| None).unwrap();
    for timeout in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
        let failure = transport.send(get("http://127.0.0.1:1/"), timeout).unwrap_err();
        assert_eq!(failure.sent(), Sent::No);
    }
}

#[test]
fn seeds_differ() {
    let transport = UreqTransport::new(&ClientOptions::default(), roots().unwrap(), |_| None).unwrap();
    assert_ne!(transport.seed(), transport.seed());
}
