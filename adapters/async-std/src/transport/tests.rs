use super::*;
use byourside_proto::machine::Sent;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
};

const TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// Sends `answer` to each head on a loopback port, and reports what it received with the number of the connection.
/// After a `last` answer it reports what comes next, whatever it is, and closes the connection.
fn server(answer: &'static [u8], last: bool) -> (SocketAddr, Receiver<(usize, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (reports, received) = channel();
    thread::spawn(move || {
        for (nth, stream) in listener.incoming().enumerate() {
            let reports = reports.clone();
            thread::spawn(move || {
                let mut stream: TcpStream = stream.unwrap();
                let (mut read, mut buffer, mut answered) = (Vec::new(), [0; 2048], false);
                while let Ok(count @ 1..) = stream.read(&mut buffer) {
                    read.extend_from_slice(&buffer[..count]);
                    if answered || read.windows(4).any(|end| end == b"\r\n\r\n") {
                        let _ = reports.send((nth, std::mem::take(&mut read)));
                        if answered || stream.write_all(answer).is_err() {
                            break;
                        }
                        answered = last;
                    }
                }
            });
        }
    });
    (address, received)
}

fn transport(var: impl Fn(&str) -> Option<String>) -> AsyncStdTransport {
    AsyncStdTransport::new(&ClientOptions::default(), tls_config().unwrap(), var).unwrap()
}

fn through(proxy: SocketAddr) -> AsyncStdTransport {
    transport(move |name| (name == "HTTPS_PROXY").then(|| format!("http://user:word@{proxy}")))
}

fn get(address: SocketAddr) -> Request<Vec<u8>> {
    Request::get(format!("http://{address}/a?b=c"))
        .body(Vec::new())
        .unwrap()
}

fn post(url: &str) -> Request<Vec<u8>> {
    Request::post(url).body(b"{}".to_vec()).unwrap()
}

#[test]
fn transport_runs_on_smol() {
    let (address, _received) = server(ANSWER, false);
    let response = smol::block_on(async {
        let transport = transport(|_| None);
        smol::spawn(async move { transport.send(get(address), TIMEOUT).await }).await
    });
    assert_eq!(response.unwrap().body(), b"{}");
}

#[test]
fn reads_share_a_connection_and_a_call_gets_a_new_one() {
    let (address, received) = server(ANSWER, false);
    let transport = transport(|_| None);
    async_std::task::block_on(async {
        for request in [get(address), get(address), post(&format!("http://{address}/"))] {
            transport.send(request, TIMEOUT).await.unwrap();
        }
    });
    let connections: Vec<_> = received.try_iter().map(|(nth, _)| nth).collect();
    assert_eq!(connections, [0, 0, 1]);
}

#[test]
fn requests_are_in_origin_form_and_name_host_and_adapter() {
    let (address, received) = server(ANSWER, false);
    async_std::task::block_on(transport(|_| None).send(get(address), TIMEOUT)).unwrap();
    let head = String::from_utf8(received.recv().unwrap().1).unwrap();
    let agent = concat!("user-agent: byourside-async-std/", env!("CARGO_PKG_VERSION"));
    assert!(head.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{head}");
    assert!(
        head.contains(&format!("host: {address}")) && head.contains(agent),
        "{head}"
    );
}

#[test]
fn https_starts_tls_after_the_proxy_opened_the_tunnel() {
    const HANDSHAKE: u8 = 22;
    let (proxy, received) = server(b"HTTP/1.1 200 Connection established\r\n\r\n", true);
    let sending = through(proxy);
    let failure = async_std::task::block_on(sending.send(post("https://service.invalid/"), TIMEOUT)).unwrap_err();
    assert_eq!(failure.sent(), Sent::No);
    let head = String::from_utf8(received.recv().unwrap().1)
        .unwrap()
        .to_ascii_lowercase();
    assert!(head.starts_with("connect service.invalid:443 http/1.1\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: basic dxnlcjp3b3jk"), "{head}");
    assert_eq!(received.recv().unwrap().1.first(), Some(&HANDSHAKE));
}

#[test]
fn request_is_not_sent_if_the_proxy_refuses() {
    for answer in [
        b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n".as_slice(),
        b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0",
        b"nonsense\r\n\r\n",
    ] {
        let (proxy, received) = server(answer, true);
        let sending = through(proxy);
        let failure = async_std::task::block_on(sending.send(post("https://service.invalid/"), TIMEOUT)).unwrap_err();
        assert_eq!((failure.sent(), failure.is_timeout()), (Sent::No, false), "{failure}");
        assert!(received.recv().unwrap().1.starts_with(b"CONNECT "));
        assert!(!failure.to_string().contains("word"), "{failure}");
    }
}

#[test]
fn plain_http_bypasses_the_proxy() {
    let (proxy, asked) = server(ANSWER, false);
    let (service, _received) = server(ANSWER, false);
    async_std::task::block_on(through(proxy).send(get(service), TIMEOUT)).unwrap();
    assert!(asked.try_recv().is_err());
}

/// A program has one of these futures for each call that it waits for.
#[test]
fn send_future_is_at_most_4_kib() {
    let transport = transport(|_| None);
    let sending = transport.send(post("https://service.invalid/"), TIMEOUT);
    let size = size_of_val(&sending);
    assert!(size <= 4 * 1024, "{size} bytes");
}
