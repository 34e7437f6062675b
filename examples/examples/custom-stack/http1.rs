//! One HTTP/1.1 exchange over a blocking socket, without TLS: for the simulated service.
use byourside_proto::TransportFailure;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri, header, uri::Scheme};
use httparse::Status;
use std::{
    error::Error,
    io::{self, ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

const MAX_HEADERS: usize = 64;
const MAX_HEAD: usize = 16 * 1024;
const MAX_BODY: usize = 16 * 1024 * 1024;

/// Sends a request once and returns what came back, whatever its status.
///
/// A failure before the connection is made proves that nothing was sent. After any later failure the request may have
/// been sent.
pub fn send(request: &Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
    let mut stream = Timed::connect(request.uri(), timeout).map_err(TransportFailure::not_sent)?;
    exchange(&mut stream, request).map_err(|error| match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => TransportFailure::timed_out(),
        _ => TransportFailure::maybe_sent(error),
    })
}

fn exchange(stream: &mut Timed, request: &Request<Vec<u8>>) -> io::Result<Response<Vec<u8>>> {
    stream.write_all(&head(request)?)?;
    stream.write_all(request.body())?;
    receive(stream)
}

fn head(request: &Request<Vec<u8>>) -> io::Result<Vec<u8>> {
    let uri = request.uri();
    let target = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let mut head = Vec::new();
    write!(
        head,
        "{} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n",
        request.method()
    )?;
    for (name, value) in request.headers() {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    if !request.body().is_empty() {
        write!(head, "content-length: {}\r\n", request.body().len())?;
    }
    head.extend(b"\r\n");
    Ok(head)
}

/// Reads exactly one response.
pub fn receive(from: &mut impl Read) -> io::Result<Response<Vec<u8>>> {
    let mut incoming = Incoming {
        from,
        buffer: Vec::new(),
        used: 0,
    };
    let mut response = incoming.head()?;
    while response.status().is_informational() {
        response = incoming.head()?;
    }
    let body = match Framing::of(&response)? {
        Framing::Length(length) => incoming.take(length)?.to_vec(),
        Framing::Chunked => incoming.chunks()?,
        Framing::UntilClose => incoming.rest()?,
    };
    Ok(response.map(|()| body))
}

/// Where a body ends: RFC 9112, section 6.3.
enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

impl Framing {
    fn of(response: &Response<()>) -> io::Result<Self> {
        if matches!(response.status().as_u16(), 204 | 304) {
            return Ok(Self::Length(0));
        }
        if let Some(coding) = only(response.headers(), header::TRANSFER_ENCODING)? {
            let chunked = coding.as_bytes().eq_ignore_ascii_case(b"chunked");
            return if chunked {
                Ok(Self::Chunked)
            } else {
                Err(malformed("an unsupported transfer coding"))
            };
        }
        match only(response.headers(), header::CONTENT_LENGTH)? {
            Some(length) => length
                .to_str()
                .ok()
                // `parse` takes a sign as well.
                .filter(|length| length.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|length| length.parse().ok())
                .map(Self::Length)
                .ok_or_else(|| malformed("a length that is not a number")),
            None => Ok(Self::UntilClose),
        }
    }
}

/// A header that may occur once. If it occurs twice, it is not certain where the body ends.
fn only(headers: &HeaderMap, name: HeaderName) -> io::Result<Option<&HeaderValue>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(malformed("a header that occurs twice")),
        (value, None) => Ok(value),
    }
}

/// The bytes that were received.
struct Incoming<'a, R> {
    from: &'a mut R,
    buffer: Vec<u8>,
    /// How many of them were consumed.
    used: usize,
}

impl<R: Read> Incoming<'_, R> {
    fn head(&mut self) -> io::Result<Response<()>> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut head = httparse::Response::new(&mut headers);
            if let Status::Complete(length) = head.parse(self.unused()).map_err(malformed)? {
                let mut response = Response::builder().status(head.code.unwrap_or_default());
                for header in head.headers.iter() {
                    response = response.header(header.name, header.value);
                }
                self.used += length;
                return response.body(()).map_err(malformed);
            }
            self.more(MAX_HEAD)?;
        }
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let unused = self.unused();
            // The parser reads a line without a digit as 0.
            let digit = unused.first().is_none_or(u8::is_ascii_hexdigit);
            match httparse::parse_chunk_size(unused).map_err(|_| malformed("a chunk size that is not a number"))? {
                _ if !digit => return Err(malformed("a chunk without a size")),
                // Only trailers may follow, and the request did not accept any.
                Status::Complete((_, 0)) => return Ok(body),
                Status::Complete((line, size)) => {
                    self.used += line;
                    let size = usize::try_from(size).unwrap_or(usize::MAX);
                    if size > MAX_BODY - body.len() {
                        return Err(too_long());
                    }
                    body.extend(self.take(size)?);
                    if self.take(2)? != b"\r\n" {
                        return Err(malformed("a chunk longer than its size"));
                    }
                }
                Status::Partial => self.more(MAX_HEAD)?,
            }
        }
    }

    fn take(&mut self, length: usize) -> io::Result<&[u8]> {
        if length > MAX_BODY {
            return Err(too_long());
        }
        while self.unused().len() < length {
            self.more(MAX_BODY)?;
        }
        self.used += length;
        Ok(&self.buffer[self.used - length..self.used])
    }

    fn rest(&mut self) -> io::Result<Vec<u8>> {
        loop {
            match self.more(MAX_BODY) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(self.unused().to_vec()),
                Err(error) => return Err(error),
            }
        }
    }

    fn unused(&self) -> &[u8] {
        &self.buffer[self.used..]
    }

    /// Waits for more bytes; fails if `enough` bytes are there already, since the message would never end.
    fn more(&mut self, enough: usize) -> io::Result<()> {
        self.buffer.drain(..self.used);
        self.used = 0;
        if self.buffer.len() >= enough {
            return Err(too_long());
        }
        let mut part = [0; 8 * 1024];
        let length = self.from.read(&mut part)?;
        self.buffer.extend_from_slice(&part[..length]);
        if length == 0 {
            Err(ErrorKind::UnexpectedEof.into())
        } else {
            Ok(())
        }
    }
}

/// A connection whose reads and writes end by the deadline.
struct Timed {
    stream: TcpStream,
    clock: Timer,
}

impl Timed {
    fn connect(uri: &Uri, timeout: Duration) -> io::Result<Self> {
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err(io::Error::new(ErrorKind::Unsupported, "only http is supported"));
        }
        let clock = Timer {
            began: Instant::now(),
            timeout,
        };
        let host = uri
            .host()
            .unwrap_or_default()
            .trim_start_matches('[')
            .trim_end_matches(']');
        let mut failure = ErrorKind::NotFound.into();
        for addr in (host, uri.port_u16().unwrap_or(80)).to_socket_addrs()? {
            match TcpStream::connect_timeout(&addr, clock.left()?) {
                Ok(stream) => return Ok(Self { stream, clock }),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.clock.left()?))?;
        self.stream.read(buffer)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.clock.left()?))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

struct Timer {
    began: Instant,
    timeout: Duration,
}

impl Timer {
    /// The time until the deadline, never zero.
    fn left(&self) -> io::Result<Duration> {
        let left = self.timeout.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            Err(ErrorKind::TimedOut.into())
        } else {
            Ok(left)
        }
    }
}

fn malformed(reason: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}

fn too_long() -> io::Error {
    malformed("an answer that is too long")
}
