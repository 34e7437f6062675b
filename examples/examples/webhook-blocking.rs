//! Receives webhook events with only the standard library's sockets, and prints each event once.
//!
//! `BYOURSIDE_WEBHOOK_SECRET=whsec_example cargo run --example webhook-blocking -- 127.0.0.1:8080`; without an
//! address it picks a port. `webhook-sign` shows how to send an event.
//!
//! Each of a few threads takes one connection at a time, and one request from it. Head, body, time and threads are
//! bounded.
use byourside_examples::{
    Inbox, MAX_BODY, READ_TIMEOUT, print_events, refused, say, unix_now, verifier_from_env, worth_reading,
};
use byourside_proto::{UnixTime, webhook::Verifier};
use http::{Request, StatusCode, header};
use std::{
    error::Error,
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

const THREADS: usize = 16;
const MAX_HEAD: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;
const LINGER: Duration = Duration::from_millis(200);

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".into());
    let (inbox, events) = Inbox::new(1000);
    let verifier = verifier_from_env()?;
    print_events(events);

    let listener = TcpListener::bind(address)?;
    say(format_args!("listening on http://{}", listener.local_addr()?))?;
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    match listener.accept() {
                        Ok((stream, _)) => serve(stream, &verifier, &inbox),
                        // Most likely out of file descriptors. Connections will end and free some.
                        Err(_) => thread::sleep(Duration::from_millis(50)),
                    }
                }
            });
        }
    });
    Ok(())
}

/// Handles a connection. If it breaks, the sender delivers the event again.
fn serve(stream: TcpStream, verifier: &Verifier, inbox: &Inbox) {
    // The time before the body is read: a slow sender does not make the delivery older.
    let received = unix_now();
    let mut connection = Connection {
        stream,
        deadline: Instant::now() + READ_TIMEOUT,
    };
    let status = match connection.request(verifier, received) {
        Ok(Ok(request)) => inbox.receive(verifier, &request, received),
        Ok(Err(status)) => status,
        Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
            StatusCode::REQUEST_TIMEOUT
        }
        Err(_) => return,
    };
    let _ = connection.answer(status);
}

struct Connection {
    stream: TcpStream,
    deadline: Instant,
}

impl Connection {
    /// Reads the request, or returns the status to answer with.
    fn request(&mut self, verifier: &Verifier, received: UnixTime) -> io::Result<Result<Request<Vec<u8>>, StatusCode>> {
        let mut read = Vec::new();
        let (head_length, head) = loop {
            match head(&read) {
                Ok(Some(found)) => break found,
                Ok(None) if read.len() < MAX_HEAD => self.more(&mut read)?,
                Ok(None) => return Ok(Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)),
                Err(status) => return Ok(Err(status)),
            }
        };
        let length = match body_length(&head, verifier, received) {
            Ok(length) => length,
            Err(status) => return Ok(Err(status)),
        };
        if head.headers().get(header::EXPECT).is_some() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let mut body = read.split_off(head_length);
        while body.len() < length {
            self.more(&mut body)?;
        }
        body.truncate(length);
        Ok(Ok(head.map(|()| body)))
    }

    /// Reads more bytes before the deadline, or fails.
    fn more(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        let mut chunk = [0; 8 * 1024];
        match self.stream.read(&mut chunk)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                into.extend_from_slice(&chunk[..count]);
                Ok(())
            }
        }
    }

    fn answer(&mut self, status: StatusCode) -> io::Result<()> {
        self.stream.set_write_timeout(Some(READ_TIMEOUT))?;
        // In one piece, since `write!` would send each part of the format separately.
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        self.stream.write_all(answer.as_bytes())?;
        // Closing with unread bytes resets the connection, and the answer may be lost. So read on for a moment.
        self.stream.shutdown(Shutdown::Write)?;
        self.stream.set_read_timeout(Some(LINGER))?;
        let until = Instant::now() + LINGER;
        let mut chunk = [0; 8 * 1024];
        while Instant::now() < until && self.stream.read(&mut chunk)? > 0 {}
        Ok(())
    }
}

/// Parses the head and returns it with its length once it is complete, or the status to answer with.
fn head(read: &[u8]) -> Result<Option<(usize, Request<()>)>, StatusCode> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let length = match parsed.parse(read) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        Err(_) => return Err(StatusCode::BAD_REQUEST),
    };
    let start = Request::builder()
        .method(parsed.method.unwrap_or_default())
        .uri(parsed.path.unwrap_or_default());
    let headers = parsed.headers.iter();
    let built = headers
        .fold(start, |request, header| request.header(header.name, header.value))
        .body(());
    built
        .map(|request| Some((length, request)))
        .map_err(|_| StatusCode::BAD_REQUEST)
}

/// The length of the body to read, or the status to answer with: a request that cannot be a delivery is not read.
fn body_length(head: &Request<()>, verifier: &Verifier, received: UnixTime) -> Result<usize, StatusCode> {
    if head.method() != http::Method::POST {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    worth_reading(verifier, head.headers(), received).map_err(refused)?;
    let mut lengths = head.headers().get_all(header::CONTENT_LENGTH).iter();
    let (Some(length), None) = (lengths.next(), lengths.next()) else {
        return Err(StatusCode::LENGTH_REQUIRED);
    };
    // Two lengths for one body: a proxy in front may have read another request from the same bytes.
    if head.headers().contains_key(header::TRANSFER_ENCODING) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let digits = length
        .to_str()
        .ok()
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
    match digits.and_then(|digits| digits.parse::<usize>().ok()) {
        Some(length) if length <= MAX_BODY => Ok(length),
        Some(_) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        None => Err(StatusCode::BAD_REQUEST),
    }
}
