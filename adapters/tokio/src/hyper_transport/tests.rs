use super::*;
use byourside_hyper::tls_config;
use byourside_proto::machine::Sent;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

const TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

type Heads = Arc<Mutex<Vec<Vec<String>>>>;

/// Answers every request on a loopback port with the same bytes, and records the heads by connection. With no bytes, it
/// closes the connection instead.
async fn server(answer: &'static [u8]) -> (SocketAddr, Heads) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heads = Heads::default();
    let kept = heads.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let connection = kept.lock().unwrap().len();
            kept.lock().unwrap().push(Vec::new());
            tokio::spawn(serve(stream, answer, kept.clone(), connection));
        }
    });
    (address, heads)
}

async fn serve(mut stream: TcpStream, answer: &[u8], heads: Heads, connection: usize) {
    let mut read = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        read.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            heads.lock().unwrap()[connection].push(head.to_owned());
            read.clear();
            if answer.is_empty() || stream.write_all(answer).await.is_err() {
                break;
            }
        }
    }
}

fn transport(var: impl Fn(&str) -> Option<String>) -> HyperTransport {
    let options = ClientOptions {
        connect_timeout: Duration::from_millis(300),
        ..ClientOptions::default()
    };
    HyperTransport::new(&options, tls_config().unwrap(), var).unwrap()
}

fn get(url: String) -> Request<Vec<u8>> {
    Request::get(url).body(Vec::new()).unwrap()
}

fn post(url: String) -> Request<Vec<u8>> {
    Request::post(url).body(b"{}".to_vec()).unwrap()
}

#[tokio::test]
async fn reads_share_a_connection_and_a_call_gets_a_new_one() {
    let (address, heads) = server(ANSWER).await;
    let transport = transport(|_| None);
    for _ in 0..3 {
        transport
            .send(get(format!("http://{address}/")), TIMEOUT)
            .await
            .unwrap();
    }
    for _ in 0..2 {
        transport
            .send(post(format!("http://{address}/")), TIMEOUT)
            .await
            .unwrap();
    }
    let counts: Vec<_> = heads.lock().unwrap().iter().map(Vec::len).collect();
    assert_eq!(counts, [3, 1, 1]);
}

#[tokio::test]
async fn requests_name_the_adapter() {
    let (address, heads) = server(ANSWER).await;
    transport(|_| None)
        .send(get(format!("http://{address}/")), TIMEOUT)
        .await
        .unwrap();
    let head = heads.lock().unwrap()[0][0].clone();
    let agent = concat!("user-agent: byourside-tokio/", env!("CARGO_PKG_VERSION"));
    assert!(
        head.contains(agent) && head.contains("accept: application/json"),
        "{head}"
    );
}

#[tokio::test]
async fn request_is_not_sent_without_a_connection() {
    let closed_port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (plain, _) = server(b"not TLS").await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = silent.local_addr().map(|address| (address, silent)).unwrap();
    let urls = [
        format!("http://{closed_port}/"),
        format!("https://{plain}/"),
        format!("https://{}/", silent.0),
        "https://service.invalid/".to_owned(),
    ];
    for url in urls {
        let sending = transport(|_| None);
        let failure = sending.send(post(url.clone()), TIMEOUT).await.unwrap_err();
        assert_eq!(
            (failure.sent(), failure.is_timeout()),
            (Sent::No, false),
            "{url}: {failure}"
        );
    }
}

#[tokio::test]
async fn request_is_maybe_sent_once_a_connection_took_it() {
    let (gone, heads) = server(b"").await;
    let failure = transport(|_| None)
        .send(post(format!("http://{gone}/")), TIMEOUT)
        .await
        .unwrap_err();
    assert_eq!(failure.sent(), Sent::Maybe);
    assert_eq!(heads.lock().unwrap().iter().map(Vec::len).sum::<usize>(), 1);
}

#[tokio::test]
async fn attempt_timeout_covers_headers_and_body() {
    for partial in [
        b"HTTP/1.1 200 OK\r\n".as_slice(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
    ] {
        let (slow, _) = server(partial).await;
        let transport = transport(|_| None);
        let sending = transport.send(get(format!("http://{slow}/")), Duration::from_millis(200));
        let failure = timeout(TIMEOUT, sending).await.unwrap().unwrap_err();
        assert!(failure.is_timeout() && failure.sent() == Sent::Maybe);
    }
}

#[tokio::test]
async fn https_uses_the_proxy_and_plain_http_does_not() {
    let (proxy, asked) = server(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
    let (service, _) = server(ANSWER).await;
    let transport = transport(move |name| (name == "HTTPS_PROXY").then(|| format!("http://user:word@{proxy}")));
    transport
        .send(get(format!("http://{service}/")), TIMEOUT)
        .await
        .unwrap();
    assert!(asked.lock().unwrap().is_empty());
    let failure = transport
        .send(post("https://service.invalid/".into()), TIMEOUT)
        .await
        .unwrap_err();
    assert_eq!(failure.sent(), Sent::No);
    let head = asked.lock().unwrap()[0][0].to_ascii_lowercase();
    assert!(head.starts_with("connect service.invalid:443 http/1.1"), "{head}");
    assert!(head.contains("proxy-authorization: basic dxnlcjp3b3jk"), "{head}");
}

#[tokio::test]
async fn socks5h_proxy_resolves_the_host_name() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).await.unwrap();
        stream.write_all(&[5, 0]).await.unwrap();
        let mut request = [0; 5 + 15 + 2];
        stream.read_exact(&mut request).await.unwrap();
        request
    });
    let transport = transport(move |name| (name == "all_proxy").then(|| format!("socks5h://{proxy}")));
    let failure = transport
        .send(post("https://service.invalid/".into()), TIMEOUT)
        .await
        .unwrap_err();
    assert_eq!(failure.sent(), Sent::No);
    let request = asked.await.unwrap();
    assert_eq!(&request[5..20], b"service.invalid");
    assert_eq!(request[20..], 443_u16.to_be_bytes());
}

#[tokio::test]
async fn send_future_can_move_between_threads() {
    let (address, _) = server(ANSWER).await;
    let transport = transport(|_| None);
    let sent = tokio::spawn(async move { transport.send(get(format!("http://{address}/")), TIMEOUT).await });
    assert_eq!(sent.await.unwrap().unwrap().body(), b"{}");
}

#[test]
fn transport_is_created_without_a_runtime() {
    assert!(HyperTransport::connect(&ClientOptions::default()).is_ok());
}

/// A program has one of these futures for each call that it waits for.
#[test]
fn send_future_is_at_most_4_kib() {
    let transport = transport(|_| None);
    let sending = transport.send(post("https://service.invalid/".into()), TIMEOUT);
    let size = size_of_val(&sending);
    assert!(size <= 4 * 1024, "{size} bytes");
}
