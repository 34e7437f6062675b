//! The cues.
use std::time::Duration;

/// What a server does with a connection before any request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Opening {
    /// Reads requests, and answers them.
    Serve,
    /// Resets it.
    Reset,
    /// Reads this many bytes, then resets it.
    ResetAfter(usize),
    /// Says nothing, for good.
    Silence,
    /// Reads something, says this, and closes.
    Say(&'static [u8]),
}

/// What a server does once it has read a request. After the last step it reads the next one.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    Pause(Duration),
    /// Sends this again and again, `every` so often, up to so many bytes; then it says nothing more.
    Repeat {
        bytes: Vec<u8>,
        every: Duration,
        at_most: usize,
    },
    /// Says nothing more, for good.
    Silence,
    /// Ends the connection in good order.
    Close,
    /// Ends it so that the other side gets an error.
    Reset,
}

/// A whole answer: its length is said, its date is there.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<Step> {
    let length = body.len().to_string();
    let mut headers = headers.to_vec();
    headers.push(("content-length", &length));
    let mut bytes = head(status, &headers);
    bytes.extend_from_slice(body);
    vec![Step::Send(bytes)]
}

/// The record of a call, or whatever else is JSON.
pub(crate) fn json(body: &str) -> Vec<Step> {
    answer(200, &[("content-type", "application/json")], body.as_bytes())
}

/// Status line and headers, with the empty line that ends them.
pub(crate) fn head(status: u16, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Some Reason\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}
