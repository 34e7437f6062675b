//! Hostile responses are bounded in time and memory.
use crate::scripted::{KEY, Recorded, Server, Step, answer, json, logged, raw, record, shown, within};
use byourside_ureq::{
    Call, CallId, ClientOptions, TransportFailure,
    machine::{Error, Sent, read::ReadOptions},
};
use std::time::Duration;

const MAX_BODY: usize = 1000;

fn options() -> ClientOptions {
    ClientOptions {
        read: ReadOptions {
            retries: 0,
            attempt_timeout: Duration::from_millis(500),
            ..ReadOptions::default()
        },
        max_body: MAX_BODY,
        ..ClientOptions::default()
    }
}

/// Reads a call that is answered with these steps. It must end soon after the attempt timeout.
fn read(steps: Vec<Step>) -> Result<Call, Error> {
    let server = Server::answering(vec![steps]);
    let client = server.client(options());
    let answer = within(Duration::from_millis(1500), || {
        client.get_call(&CallId::new("c1").unwrap())
    });
    assert_eq!(server.requests().len(), 1);
    if let Err(error) = &answer {
        shown(error);
    }
    answer
}

/// The same for a response that must be a transport failure.
fn lost(steps: Vec<Step>) -> TransportFailure {
    match read(steps) {
        Err(Error::Transport(failure)) => {
            assert_eq!(failure.sent(), Sent::Maybe);
            failure
        }
        other => panic!("{other:?}"),
    }
}

/// A record of this length in bytes.
fn long(length: usize) -> String {
    let start = r#"{"id":"c1","status":"queued","x":""#;
    format!("{start}{}\"}}", "x".repeat(length - start.len() - 2))
}

#[test]
fn body_is_read_up_to_max_body() {
    assert!(read(json(200, &long(MAX_BODY))).is_ok());
    assert!(!lost(json(200, &long(MAX_BODY + 1))).is_timeout());
}

#[test]
fn chunked_body_is_read_up_to_max_body() {
    let chunked = |body: &str| {
        let (one, two) = body.split_at(20);
        let chunk = |part: &str| format!("{:x}\r\n{part}\r\n", part.len());
        let chunks = chunk(one) + &chunk(two) + "0\r\n\r\n";
        vec![Step::Write(format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}"
        ))]
    };
    assert_eq!(read(chunked(&long(500))).unwrap().id(), Some("c1"));
    lost(chunked(&long(MAX_BODY + 1)));
}

#[test]
fn endless_body_is_cut_off() {
    let head = "HTTP/1.1 200 OK\r\n\r\n";
    let endless = Step::Repeat("x".repeat(4096), Duration::ZERO);
    assert!(!lost(vec![Step::Write(head.into()), endless]).is_timeout());
}

#[test]
fn dripping_body_ends_at_the_attempt_timeout() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n";
    let drip = Step::Repeat(" ".into(), Duration::from_millis(20));
    assert!(lost(vec![Step::Write(head.into()), drip]).is_timeout());
}

#[test]
fn dripping_head_ends_at_the_attempt_timeout() {
    let drip = Step::Repeat("x-a: b\r\n".into(), Duration::from_millis(20));
    assert!(lost(vec![Step::Write("HTTP/1.1 200 OK\r\n".into()), drip]).is_timeout());
}

#[test]
fn endless_head_is_cut_off() {
    let lines = Step::Repeat("x-a: bbbbbbbbbbbbbbbbbbbbbbbb\r\n".repeat(64), Duration::ZERO);
    lost(vec![Step::Write("HTTP/1.1 200 OK\r\n".into()), lines]);
    let line = Step::Repeat("b".repeat(4096), Duration::ZERO);
    lost(vec![Step::Write("HTTP/1.1 200 OK\r\nx-a: ".into()), line]);
}

#[test]
fn truncated_body_is_a_transport_failure() {
    lost(raw("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"id\":\"c1\"}"));
    lost(raw(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{\"id\":\"c1\"}",
    ));
}

#[test]
fn surplus_bytes_are_not_read_as_the_next_answer() {
    let smuggled = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"id\":\"c2\"}";
    let first = format!("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{{\"id\":\"c1\"}}{smuggled}");
    let server = Server::answering(vec![vec![Step::Write(first)], record("queued")]);
    let client = server.client(options());
    let id = CallId::new("c1").unwrap();
    for _ in 0..2 {
        assert_eq!(client.get_call(&id).unwrap().id(), Some("c1"));
    }
    assert_eq!(server.requests()[1].connection, 1);
}

#[test]
fn response_that_is_not_http_is_a_transport_failure() {
    for bytes in [
        "",
        "\r\n\r\n",
        "HTTP/9 x\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "{\"id\":\"c1\"}",
    ] {
        lost(raw(bytes));
    }
}

#[test]
fn every_status_is_an_answer() {
    for status in [300, 304, 400, 404, 418, 500, 599] {
        let error = read(answer(status, "", "x")).unwrap_err();
        assert_eq!(error.status(), status);
        assert!(matches!(error, Error::Api(_)));
    }
}

#[test]
fn echoed_request_does_not_expose_the_key() {
    let server = Server::start(|_, request: &Recorded| answer(400, "", &request.head));
    let error = server
        .client(options())
        .get_call(&CallId::new("c1").unwrap())
        .unwrap_err();
    assert_eq!(error.status(), 400);
    shown(&error);
}

#[test]
fn key_is_not_logged() {
    read(record("queued")).unwrap();
    lost(vec![Step::Reset]);
    let logged = logged();
    assert!(logged.contains("/v1/agent/calls"), "{logged}");
    assert!(!logged.contains(KEY));
}
