//! Events as a receiver gets them: through a socket.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use byourside_local_service::{Delivery, LocalService};
use byourside_proto::{
    UnixTime,
    webhook::{Verifier, WebhookSecret},
};
use byourside_sim::{DeliveryOptions, ServiceOptions};
use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

fn place(service: &LocalService, to: &str, webhook_url: &str) {
    let body = format!(r#"{{"to":"{to}","objective":"Ask.","webhookUrl":"{webhook_url}"}}"#);
    let head = "POST /v1/agent/calls HTTP/1.1\r\nauthorization: Bearer bys_ak_test\r\nconnection: close\r\n";
    let length = body.len();
    let mut stream = TcpStream::connect(service.addr()).unwrap();
    write!(stream, "{head}content-length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
}

/// Takes one delivery: its head, and its body.
fn receive(listener: &TcpListener, status: &str) -> (String, Vec<u8>) {
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let mut body = vec![0; header(&head, "content-length").parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").unwrap();
    (head, body)
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .filter(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .next()
        .unwrap()
}

fn service(told: mpsc::Sender<String>) -> LocalService {
    let on_delivery = move |delivery: &Delivery| {
        let line = format!("{} {}: {:?}", delivery.event(), delivery.attempt(), delivery.outcome());
        let _ = told.send(line);
        assert!(!format!("{delivery} {delivery:?}").contains("5550"));
    };
    let deliveries = DeliveryOptions {
        plain_http_to_loopback: true,
        // Virtual: a receiver that is slow on a busy machine gets nothing twice.
        timeout: Duration::from_secs(1_000_000),
        ..DeliveryOptions::default()
    };
    let options = ServiceOptions {
        deliveries,
        ..ServiceOptions::default()
    };
    LocalService::builder()
        .speed(1000.0)
        .options(options)
        .on_delivery(on_delivery)
        .start()
        .unwrap()
}

/// A call that ends at once, whose one event is delivered to this listener; and what is told of each attempt.
fn declined_call(scheme: &str, listener: &TcpListener) -> (LocalService, mpsc::Receiver<String>) {
    let (told, log) = mpsc::channel();
    let service = service(told);
    let hook = format!("{scheme}://{}/", listener.local_addr().unwrap());
    place(&service, "+14155550103", &hook);
    (service, log)
}

#[test]
fn events_are_signed_by_the_real_clock() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (told, log) = mpsc::channel();
    let service = service(told);
    // By now the service's clock is ten minutes ahead of the receiver's.
    std::thread::sleep(Duration::from_millis(600));
    let hook = format!("http://{}/hook?a=b", listener.local_addr().unwrap());
    place(&service, "+14155550123", &hook);

    let verifier = Verifier::new(WebhookSecret::new("whsec_simulated").unwrap());
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let (head, body) = receive(&listener, "204 No Content");
        assert!(head.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{head}");
        assert_eq!(header(&head, "host"), listener.local_addr().unwrap().to_string());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let now = UnixTime::new(now.try_into().unwrap());
        let delivery = verifier.verify(header(&head, "x-bys-signature"), &body, now).unwrap();
        kinds.push(delivery.event().unwrap().kind().as_str().to_owned());
        assert!(log.recv().unwrap().ends_with("Answered(204)"));
    }
    kinds.sort();
    assert_eq!(kinds, ["call.completed", "call.in_progress"]);
}

#[test]
fn unacknowledged_event_is_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (_service, log) = declined_call("http", &listener);

    // A redirect is not followed, and acknowledges nothing.
    let (_, first) = receive(&listener, "302 Found\r\nlocation: /elsewhere");
    let (_, second) = receive(&listener, "200 OK");
    assert_eq!(first, second);
    let outcomes: Vec<_> = log.iter().take_while(|line| !line.contains("200")).collect();
    assert!(outcomes.iter().any(|line| line.contains("302")), "{outcomes:?}");
}

#[test]
fn events_are_delivered_by_plain_http_only() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let (_service, log) = declined_call("https", &listener);
    assert_eq!(log.recv().unwrap(), "call.declined 1: NoAnswer");
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}
