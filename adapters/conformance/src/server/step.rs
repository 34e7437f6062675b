//! The steps that a script consists of.
use std::time::Duration;

/// What a server does with a new connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Opening {
    /// Serves requests.
    Serve,
    /// Resets the connection.
    Reset,
    /// Reads this many bytes, and then resets the connection.
    ResetAfter(usize),
    /// Sends nothing, and keeps the connection open.
    Silence,
    /// Reads something, sends this, and closes the connection.
    Say(&'static [u8]),
}

/// What a server does after it has read a request. After the last step it reads the next request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    Pause(Duration),
    /// Sends this repeatedly, with a pause of `every`, up to `at_most` bytes in all, and then nothing more.
    Repeat {
        bytes: Vec<u8>,
        every: Duration,
        at_most: usize,
    },
    /// Sends nothing more, and keeps the connection open.
    Silence,
    /// Closes the connection normally.
    Close,
    /// Resets the connection.
    Reset,
}

/// A complete answer, with its length and date.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<Step> {
    let length = body.len().to_string();
    let mut headers = headers.to_vec();
    headers.push(("content-length", &length));
    let mut bytes = head(status, &headers);
    bytes.extend_from_slice(body);
    vec![Step::Send(bytes)]
}

/// A 200 answer with this JSON body.
pub(crate) fn json(body: &str) -> Vec<Step> {
    answer(200, &[("content-type", "application/json")], body.as_bytes())
}

/// The status line and headers, with the empty line after them.
pub(crate) fn head(status: u16, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Some Reason\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}
