//! Every webhook receiver over a real socket: what it accepts, refuses and survives.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_examples::{MAX_BODY, READ_TIMEOUT, unix_now};
use byourside_proto::{
    UnixTime,
    webhook::{Signer, WebhookSecret},
};
use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

mod programs;
use programs::{Receiver, SECRET};

/// Sends these bytes and reads the status of the answer; `None` if the connection closes without one.
fn exchange(address: SocketAddr, bytes: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    // A receiver that refuses early may close before the whole request is written.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut chunk = [0; 1024];
    while !answer.windows(2).any(|two| two == b"\r\n") {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("no answer: {error}"),
        }
    }
    std::str::from_utf8(&answer).unwrap().split(' ').nth(1)?.parse().ok()
}

fn post(header: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST /hooks?token=1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{header}\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn signed_at(t: UnixTime, secret: &str, body: &[u8]) -> Vec<u8> {
    let header = Signer::new(WebhookSecret::new(secret).unwrap()).sign(t, body);
    post(&format!("X-BYS-Signature: {header}\r\n"), body)
}

fn signed(body: &[u8]) -> Vec<u8> {
    signed_at(unix_now(), SECRET, body)
}

fn event(id: &str) -> Vec<u8> {
    format!(r#"{{"event": "call.completed", "eventId": "{id}", "callId": "c1", "to": "+14155550123"}}"#).into()
}

/// Checks a receiver. `on_chunks` is its status for a malformed chunked body.
fn a_receiver_holds(name: &str, on_chunks: u16) {
    let mut receiver = Receiver::start(name);
    let address = receiver.address;
    let answer = |bytes: &[u8]| exchange(address, bytes);

    assert_eq!(answer(&signed(&event("e1"))), Some(200));
    assert_eq!(receiver.line(), "call.completed call c1 event e1");
    assert_eq!(answer(&signed(&event("e1"))), Some(200), "a repetition is acknowledged");

    assert_eq!(
        answer(&signed_at(unix_now(), "whsec_other", &event("forged"))),
        Some(400)
    );
    assert_eq!(answer(&signed_at(UnixTime::new(1), SECRET, &event("old"))), Some(400));
    assert_eq!(answer(&post("", &event("unsigned"))), Some(400));
    assert_eq!(
        answer(&post("X-BYS-Signature: t=1,v1=x\r\n", &event("malformed"))),
        Some(400)
    );
    let changed = signed(&event("changed1"))
        .into_iter()
        .map(|byte| if byte == b'1' { b'2' } else { byte });
    assert_eq!(answer(&changed.collect::<Vec<u8>>()), Some(400));
    assert_eq!(
        answer(&signed(b"no event at all")),
        Some(200),
        "it is the service's, and asking again brings the same"
    );
    assert_eq!(
        answer(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
        Some(405)
    );
    assert_eq!(answer(&signed(&vec![b'x'; MAX_BODY + 1])), Some(413));

    let head = |at: UnixTime, fields: &str| {
        let header = Signer::new(WebhookSecret::new(SECRET).unwrap()).sign(at, b"never sent");
        format!("POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nX-BYS-Signature: {header}\r\n{fields}\r\n")
    };
    assert_eq!(
        answer(head(UnixTime::new(1), "content-length: 10\r\n").as_bytes()),
        Some(400),
        "a header that no body fits is refused without one"
    );
    let broken = head(unix_now(), "transfer-encoding: chunked\r\n") + "no length\r\n";
    assert_eq!(
        answer(broken.as_bytes()),
        Some(on_chunks),
        "a broken body is not a long one"
    );
    for _ in 0..20 {
        let forged = signed_at(unix_now(), "whsec_other", &event("forged"));
        assert_eq!(answer(&forged), Some(400), "however many are refused");
    }

    for garbage in [
        &b"\0\xff\xfe\r\n\r\n"[..],
        b"POST",
        b"POST / HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(garbage).unwrap();
    }
    // Some connections that never send anything.
    let _silent: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(address).unwrap()).collect();

    assert_eq!(answer(&signed(&event("e2"))), Some(200));
    assert_eq!(
        receiver.line(),
        "call.completed call c1 event e2",
        "and nothing between"
    );

    receiver.stop_reading();
    // It may end before it has answered. The service would then deliver the event again.
    assert!(matches!(answer(&signed(&event("e3"))), Some(200) | None));
    assert_eq!(
        receiver.exit_code(),
        Some(1),
        "it acknowledges nothing that goes nowhere"
    );
}

#[test]
fn axum_receiver_holds() {
    a_receiver_holds("webhook-axum", 400);
}

#[test]
fn hyper_receiver_holds() {
    a_receiver_holds("webhook-hyper", 400);
}

#[test]
fn blocking_receiver_holds() {
    a_receiver_holds("webhook-blocking", 411);
}

#[test]
fn head_that_never_ends_is_given_up() {
    let receivers = ["webhook-axum", "webhook-hyper", "webhook-blocking"].map(Receiver::start);
    let streams = receivers.each_ref().map(|receiver| {
        let mut stream = TcpStream::connect(receiver.address).unwrap();
        stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\n").unwrap();
        stream.set_read_timeout(Some(2 * READ_TIMEOUT)).unwrap();
        stream
    });
    for mut stream in streams {
        // It closes the connection, whatever it answers before that.
        assert!(stream.read_to_end(&mut Vec::new()).is_ok());
    }
}

#[test]
fn blocking_receiver_takes_no_body_of_two_lengths() {
    let receiver = Receiver::start("webhook-blocking");
    let header = Signer::new(WebhookSecret::new(SECRET).unwrap()).sign(unix_now(), b"");
    let both = post(
        &format!("X-BYS-Signature: {header}\r\ntransfer-encoding: chunked\r\n"),
        b"",
    );
    assert_eq!(exchange(receiver.address, &both), Some(400));
}
