//! The transport of the custom stack, against well-formed and malformed bytes and sockets.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

#[path = "../examples/custom-stack/http1.rs"]
mod http1;

use byourside_proto::{TransportFailure, machine::Sent};
use http::{Request, Response};
use std::{
    io::{self, Cursor, Read, Write},
    net::{Shutdown, TcpListener},
    thread,
    time::{Duration, Instant},
};

/// A reader that returns one byte at a time.
struct Dribble<R>(R);

impl<R: Read> Read for Dribble<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(&mut buffer[..1])
    }
}

/// Reads the bytes whole and one at a time, and expects the same outcome.
fn receive(bytes: &[u8]) -> Result<(u16, String), String> {
    let outcome = |result: io::Result<Response<Vec<u8>>>| match result {
        Ok(response) => Ok((
            response.status().as_u16(),
            String::from_utf8(response.into_body()).unwrap(),
        )),
        Err(error) => Err(error.to_string()),
    };
    let at_once = outcome(http1::receive(&mut Cursor::new(bytes)));
    let dribbled = outcome(http1::receive(&mut Dribble(Cursor::new(bytes))));
    assert_eq!(at_once, dribbled);
    at_once
}

#[test]
fn body_ends_where_the_head_says() {
    for (bytes, status, body) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef", 200, "abc"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""),
        ("HTTP/1.1 503 No\r\n\r\nuntil the close", 503, "until the close"),
        ("HTTP/1.1 204 No Content\r\n\r\nnot a body", 204, ""),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 OK\r\ncontent-length: 1\r\n\r\na",
            202,
            "a",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
            200,
            "abc0123456789",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 99\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\n\r\n",
            200,
            "a",
        ),
    ] {
        assert_eq!(receive(bytes.as_bytes()), Ok((status, body.to_owned())), "{bytes}");
    }
}

#[test]
fn cut_or_malformed_answer_is_an_error() {
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ncontent-length: +3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n;\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nabc",
    ] {
        assert!(receive(bytes.as_bytes()).is_err(), "{bytes}");
    }
}

#[test]
fn answer_without_an_end_is_given_up() {
    let endless = |start: &str, more: &'static str| Cursor::new(start.to_owned()).chain(Repeat(more.as_bytes()));
    for (start, more) in [
        ("HTTP/1.1 200 OK\r\n", "a: b\r\n"),
        ("HTTP/1.1 200 OK\r\na: ", "b"),
        ("HTTP/1.1 200 OK\r\n\r\n", "b"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n", "b"),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "10\r\n0123456789abcdef\r\n",
        ),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", "a"),
    ] {
        assert!(http1::receive(&mut endless(start, more)).is_err(), "{start}");
    }
}

/// A reader that repeats the same bytes without end.
struct Repeat(&'static [u8]);

impl Read for Repeat {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let whole = buffer.len() / self.0.len() * self.0.len();
        buffer[..whole]
            .chunks_mut(self.0.len())
            .for_each(|part| part.copy_from_slice(self.0));
        Ok(whole)
    }
}

/// Sends a request to a server that reads `wanted` bytes of it, answers this and closes.
fn exchange(wanted: usize, answer: &'static str) -> (Result<Response<Vec<u8>>, TransportFailure>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = vec![0; wanted];
        stream.read_exact(&mut request).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        stream.read_to_end(&mut request).unwrap();
        String::from_utf8(request).unwrap()
    });
    let request = Request::post(format!("http://{addr}/v1/x?y=z"))
        .header("content-type", "text/plain")
        .body(b"body".to_vec());
    let answer = http1::send(&request.unwrap(), Duration::from_secs(10));
    (answer, server.join().unwrap())
}

#[test]
fn request_is_written_once_and_its_answer_read() {
    let (answer, request) = exchange(20, "HTTP/1.1 201 Created\r\nx-a: b\r\n\r\nok");
    let answer = answer.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.body().as_slice()),
        (201, b"ok".as_slice())
    );
    assert_eq!(answer.headers()["x-a"], "b");
    let (start, rest) = request.split_once("\r\nhost: 127.0.0.1:").unwrap();
    assert_eq!(start, "POST /v1/x?y=z HTTP/1.1");
    let (_port, rest) = rest.split_once("\r\n").unwrap();
    assert_eq!(
        rest,
        "connection: close\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nbody"
    );
}

#[test]
fn closed_connection_may_have_delivered() {
    assert_eq!(exchange(1, "").0.unwrap_err().sent(), Sent::Maybe);
}

#[test]
fn failed_connection_sent_nothing() {
    let addr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for uri in [
        format!("http://{addr}/"),
        format!("https://{addr}/"),
        "http://".to_owned() + "host.invalid/",
    ] {
        let request = Request::get(&uri).body(Vec::new()).unwrap();
        let failure = http1::send(&request, Duration::from_secs(10)).unwrap_err();
        assert_eq!(failure.sent(), Sent::No, "{uri}");
    }
}

#[test]
fn silent_server_costs_the_timeout_and_no_more() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let request = Request::get(format!("http://{}/", listener.local_addr().unwrap())).body(Vec::new());
    let began = Instant::now();
    let failure = http1::send(&request.unwrap(), Duration::from_millis(200)).unwrap_err();
    assert!(failure.is_timeout() && failure.sent() == Sent::Maybe);
    assert!((Duration::from_millis(200)..Duration::from_secs(8)).contains(&began.elapsed()));
}
