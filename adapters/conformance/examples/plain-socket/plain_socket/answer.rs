//! Reads a whole HTTP/1.1 response, up to a body limit.
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version};
use std::io::{self, Error, Read};

const MAX_HEAD: usize = 64 * 1024;

/// Reads from a connection, and buffers what is not used yet.
struct Reader<R> {
    wire: R,
    bytes: Vec<u8>,
}

enum Length {
    Known(usize),
    Chunked,
    UntilClose,
}

/// Reads a response. Returns it, and whether the connection can be reused.
pub fn read(wire: &mut impl Read, max_body: usize) -> io::Result<(Response<Vec<u8>>, bool)> {
    let mut reader = Reader {
        wire,
        bytes: Vec::new(),
    };
    let mut response = reader.head()?;
    while response.status().is_informational() {
        response = reader.head()?;
    }
    let length = length(&response)?;
    match length {
        Length::Known(length) if length > max_body => return Err(too_long()),
        Length::Known(length) => *response.body_mut() = reader.take(length)?,
        Length::Chunked => *response.body_mut() = reader.chunks(max_body)?,
        Length::UntilClose => *response.body_mut() = reader.rest(max_body)?,
    }
    let closes = response
        .headers()
        .get("connection")
        .is_some_and(|value| value == "close");
    let keep = !closes && !matches!(length, Length::UntilClose) && reader.bytes.is_empty();
    Ok((response, keep))
}

impl<R: Read> Reader<R> {
    fn fill(&mut self) -> io::Result<usize> {
        let mut buffer = [0; 8 * 1024];
        let count = self.wire.read(&mut buffer)?;
        self.bytes.extend_from_slice(&buffer[..count]);
        Ok(count)
    }

    fn need(&mut self) -> io::Result<()> {
        match self.fill()? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    fn head(&mut self) -> io::Result<Response<Vec<u8>>> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 100];
            let mut head = httparse::Response::new(&mut headers);
            if let httparse::Status::Complete(end) = head.parse(&self.bytes).map_err(Error::other)? {
                let mut response = Response::new(Vec::new());
                *response.status_mut() = StatusCode::from_u16(head.code.unwrap_or(0)).map_err(Error::other)?;
                if head.version == Some(0) {
                    *response.version_mut() = Version::HTTP_10;
                }
                for header in head.headers.iter() {
                    let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(Error::other)?;
                    let value = HeaderValue::from_bytes(header.value).map_err(Error::other)?;
                    response.headers_mut().append(name, value);
                }
                self.bytes.drain(..end);
                return Ok(response);
            }
            if self.bytes.len() > MAX_HEAD {
                return Err(Error::other("the headers are too long"));
            }
            self.need()?;
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.bytes.len() < length {
            self.need()?;
        }
        Ok(self.bytes.drain(..length).collect())
    }

    fn chunks(&mut self, max_body: usize) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            match httparse::parse_chunk_size(&self.bytes).map_err(|_| Error::other("invalid chunk length"))? {
                httparse::Status::Complete((start, size)) => {
                    let size = usize::try_from(size).unwrap_or(usize::MAX);
                    if size > max_body - body.len() {
                        return Err(too_long());
                    }
                    self.bytes.drain(..start);
                    let mut chunk = self.take(size + 2)?;
                    chunk.truncate(size);
                    body.extend_from_slice(&chunk);
                    if size == 0 {
                        return Ok(body);
                    }
                }
                httparse::Status::Partial => self.need()?,
            }
        }
    }

    fn rest(&mut self, max_body: usize) -> io::Result<Vec<u8>> {
        while self.bytes.len() <= max_body {
            if self.fill()? == 0 {
                return Ok(std::mem::take(&mut self.bytes));
            }
        }
        Err(too_long())
    }
}

fn length(response: &Response<Vec<u8>>) -> io::Result<Length> {
    let headers: &HeaderMap = response.headers();
    if matches!(response.status().as_u16(), 204 | 304) {
        return Ok(Length::Known(0));
    }
    if headers.contains_key("transfer-encoding") {
        return Ok(Length::Chunked);
    }
    let mut lengths = headers.get_all("content-length").iter();
    let Some(first) = lengths.next() else {
        return Ok(Length::UntilClose);
    };
    let digits = !first.is_empty() && first.as_bytes().iter().all(u8::is_ascii_digit);
    let length = first
        .to_str()
        .ok()
        .filter(|_| digits)
        .and_then(|text| text.parse().ok());
    match length {
        Some(length) if lengths.all(|other| other == first) => Ok(Length::Known(length)),
        _ => Err(Error::other("invalid content-length")),
    }
}

fn too_long() -> Error {
    Error::other("the body is too long")
}
