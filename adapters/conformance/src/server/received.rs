//! Reads a request from a client that is trusted to send valid HTTP/1.1.
use super::Log;
use std::io::{self, Read};

/// A request as it was received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Received {
    /// The number of its connection, from 0.
    pub(crate) connection: usize,
    /// The number of the request at this server, from 0.
    pub(crate) nth: usize,
    pub(crate) method: String,
    pub(crate) target: String,
    /// Header names in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// Reads one request, or `None` if the connection was closed before one began. `left` keeps bytes after the
    /// request.
    pub(super) fn read(wire: &mut impl Read, left: &mut Vec<u8>, log: &Log) -> io::Result<Option<Self>> {
        let mut began = false;
        let mut fill = |left: &mut Vec<u8>| {
            let mut buffer = [0; 16 * 1024];
            let count = wire.read(&mut buffer)?;
            left.extend_from_slice(&buffer[..count]);
            io::Result::Ok(count)
        };
        let head = loop {
            if !began && left.len() >= 4 {
                began = true;
                log.began(left);
            }
            if let Some(end) = find(left, b"\r\n\r\n") {
                break left.drain(..end + 4).collect::<Vec<u8>>();
            }
            if fill(left)? == 0 {
                return match left.len() {
                    0 => Ok(None),
                    _ => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        };
        let mut request = Self::parse(&String::from_utf8_lossy(&head));
        let chunked = request.header("transfer-encoding").is_some();
        let length = request
            .header("content-length")
            .and_then(|length| length.parse().ok())
            .unwrap_or(0);
        // Clients send these bodies with a length, but may send them chunked.
        while left.len() < length || (chunked && find(left, b"0\r\n\r\n").is_none()) {
            if fill(left)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let end = if chunked { left.len() } else { length };
        request.body = left.drain(..end).collect();
        Ok(Some(request))
    }

    fn parse(head: &str) -> Self {
        let mut lines = head.lines();
        let mut first = lines.next().unwrap_or_default().split(' ');
        Self {
            method: first.next().unwrap_or_default().into(),
            target: first.next().unwrap_or_default().into(),
            headers: lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().into()))
                .collect(),
            ..Self::default()
        }
    }
}

fn find(bytes: &[u8], end: &[u8]) -> Option<usize> {
    bytes.windows(end.len()).position(|window| window == end)
}
