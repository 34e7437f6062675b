//! A request and its answer, for logs.
use byourside_sim::Received;
use http::{Request, StatusCode};
use serde_json::Value;
use std::fmt;

/// The longest path segment that is shown, in bytes, unless it is a call's id.
const MAX_WORD: usize = 16;
/// How many segments of a path are shown.
const MAX_SEGMENTS: usize = 8;
/// The longest body in which a note is looked for, in bytes.
const MAX_NOTED: usize = 1024;

/// A request to the service and its answer. It holds no key, body or phone number, so it is safe to log. It prints as
/// one line.
///
/// ```
/// use byourside_local_service::LocalService;
/// use std::{io::{Read, Write}, net::TcpStream, sync::mpsc};
///
/// let (log, told) = mpsc::channel();
/// let service = LocalService::builder().on_request(move |exchange| { let _ = log.send(exchange.clone()); }).start()?;
/// let mut stream = TcpStream::connect(service.addr())?;
/// stream.write_all(b"GET /v1/agent/calls HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
/// stream.read_to_end(&mut Vec::new())?;
///
/// let exchange = told.recv()?;
/// assert_eq!((exchange.method(), exchange.path()), ("GET", "/v1/agent/calls"));
/// assert_eq!((exchange.status(), exchange.note()), (Some(http::StatusCode::UNAUTHORIZED), Some("unauthorized")));
/// assert_eq!(exchange.to_string(), "GET /v1/agent/calls 401 unauthorized");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    method: String,
    path: String,
    status: Option<StatusCode>,
    note: Option<String>,
}

impl Exchange {
    pub(crate) fn of<B>(request: &Request<B>, received: &Received) -> Self {
        let (status, note) = match received {
            Received::Response(response) => (Some(response.status()), note(response.body())),
            Received::Closed | Received::Silence | Received::NoConnection => (None, None),
        };
        Self {
            method: shown(request.method().as_str()).to_owned(),
            path: shown_path(request.uri().path()),
            status,
            note,
        }
    }

    /// The method, or `…` if it is long or has unusual characters.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path without its query, with `…` for each segment that could be a key or a phone number.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The status of the answer; `None` if the answer was lost.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The id of the call that was placed, or the error token of a refusal.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.method, self.path)?;
        match self.status {
            Some(status) => write!(f, "{}", status.as_u16())?,
            None => f.write_str("(answer lost)")?,
        }
        self.note.as_ref().map_or(Ok(()), |note| write!(f, " {note}"))
    }
}

fn note(body: &[u8]) -> Option<String> {
    if body.len() > MAX_NOTED {
        return None;
    }
    let body: Value = serde_json::from_slice(body).ok()?;
    let note = body.get("error").or_else(|| body.get("callId"))?.as_str()?;
    Some(note.to_owned())
}

fn shown_path(path: &str) -> String {
    let segments: Vec<_> = path.split('/').take(MAX_SEGMENTS).map(shown).collect();
    segments.join("/")
}

fn shown(segment: &str) -> &str {
    if is_call_id(segment) || is_plain(segment) {
        segment
    } else {
        "…"
    }
}

/// Whether a segment is too short to hold a key or a phone number.
fn is_plain(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    word.len() <= MAX_WORD && plain && digits < 4
}

fn is_call_id(segment: &str) -> bool {
    let lengths: Vec<_> = segment.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
