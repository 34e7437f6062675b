//! Response bodies of every kind and size.
use super::probe::{MAX_BODY, PATIENCE, Probe};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Server, Step, answer, head},
};
use byourside_proto::machine::Sent;
use std::time::{Duration, Instant};

/// More bytes than a client with a body limit takes, and few enough not to hurt.
const ENDLESS: usize = 32 * 1024 * 1024;

pub(super) fn not_json(subject: &dyn Subject) -> Outcome {
    const PAGE: &[u8] = b"<html><h1>502 Bad Gateway</h1></html>";
    let server = Server::start(|request| {
        let status = if request.nth == 0 { 200 } else { 502 };
        answer(status, &[("content-type", "text/html")], PAGE)
    })?;
    let probe = Probe::new(subject, &server.url())?;
    for status in [200, 502] {
        let response = probe.get()?;
        ensure!(response.status() == status, "{status} became {}", response.status());
        ensure!(response.body() == PAGE, "the page was changed");
    }
    Ok(())
}

pub(super) fn empty(subject: &dyn Subject) -> Outcome {
    for status in [200, 204, 404, 500] {
        let server = Server::start(move |_| match status {
            204 => vec![Step::Send(head(204, &[]))],
            // Without a length, the body ends when the connection closes.
            500 => vec![Step::Send(head(500, &[("connection", "close")])), Step::Close],
            status => answer(status, &[], b""),
        })?;
        let response = Probe::new(subject, &server.url())?
            .get()
            .map_err(|failure| format!("{status}: {failure}"))?;
        ensure!(response.status() == status, "{status} became {}", response.status());
        ensure!(response.body().is_empty(), "an empty body became {:?}", response.body());
    }
    Ok(())
}

pub(super) fn invalid_utf8(subject: &dyn Subject) -> Outcome {
    const BYTES: &[u8] = b"{\"id\":\"\xff\xfe\xc3\x28\"}";
    let server = Server::start(|_| {
        let mut bytes = head(200, &[("content-type", "application/json; charset=utf-8")]);
        // In a header too: header values are opaque bytes.
        bytes.truncate(bytes.len() - 2);
        bytes.extend_from_slice(b"x-note: caf\xe9\r\ncontent-length: 13\r\n\r\n");
        bytes.extend_from_slice(BYTES);
        vec![Step::Send(bytes)]
    })?;
    let response = Probe::new(subject, &server.url())?.get()?;
    ensure!(response.body() == BYTES, "the body became {:?}", response.body());
    Ok(())
}

pub(super) fn at_the_limit(subject: &dyn Subject) -> Outcome {
    let server = Server::start(|request| framed(request.nth, MAX_BODY))?;
    let probe = Probe::new(subject, &server.url())?;
    for framing in FRAMINGS {
        let length = probe
            .get()
            .map_err(|failure| format!("{framing}: {failure}"))?
            .body()
            .len();
        ensure!(length == MAX_BODY, "{framing}: {MAX_BODY} bytes became {length}");
    }
    Ok(())
}

pub(super) fn oversized(subject: &dyn Subject) -> Outcome {
    for (nth, framing) in FRAMINGS.into_iter().enumerate() {
        let server = Server::start(move |_| framed(nth, MAX_BODY + 1))?;
        match Probe::new(subject, &server.url())?.get() {
            Ok(response) => {
                let length = response.body().len();
                return Err(format!("{framing}: {length} bytes were read, the limit is {MAX_BODY}").into());
            }
            Err(failure) => {
                ensure!(failure.sent() == Sent::Maybe, "{framing}: reported as not sent");
                ensure!(!failure.is_timeout(), "{framing}: reported as a timeout");
            }
        }
    }
    Ok(())
}

pub(super) fn never_ending(subject: &dyn Subject) -> Outcome {
    for (nth, framing) in FRAMINGS.into_iter().enumerate() {
        let server = Server::start(move |_| {
            let mut steps = framed(nth, 4 * ENDLESS);
            steps.truncate(1);
            let mut bytes = vec![b'a'; 16 * 1024];
            if framing == "chunked" {
                bytes = chunk(&bytes);
            }
            let (every, at_most) = (Duration::ZERO, ENDLESS);
            steps.push(Step::Repeat { bytes, every, at_most });
            steps
        })?;
        let began = Instant::now();
        let got = Probe::new(subject, &server.url())?.get_within(PATIENCE / 2);
        let (took, written) = (began.elapsed(), server.log().written());
        ensure!(got.is_err(), "{framing}: a body without an end was read to its end");
        ensure!(
            written < ENDLESS,
            "{framing}: {written} bytes were read of a body limited to {MAX_BODY}"
        );
        ensure!(
            took < PATIENCE / 2,
            "{framing}: it ended at the timeout, not at the body limit"
        );
    }
    Ok(())
}

const FRAMINGS: [&str; 3] = ["content-length", "chunked", "up to the close"];

/// A response with a body of `length` bytes in the nth framing: the head is the first step.
fn framed(nth: usize, length: usize) -> Vec<Step> {
    // More than twice the limit is only announced.
    let body = vec![b'a'; length.min(2 * MAX_BODY)];
    match FRAMINGS[nth % 3] {
        "content-length" => {
            let length = length.to_string();
            vec![Step::Send(head(200, &[("content-length", &length)])), Step::Send(body)]
        }
        "chunked" => {
            let mut bytes = chunk(&body);
            bytes.extend_from_slice(b"0\r\n\r\n");
            vec![
                Step::Send(head(200, &[("transfer-encoding", "chunked")])),
                Step::Send(bytes),
            ]
        }
        _ => vec![
            Step::Send(head(200, &[("connection", "close")])),
            Step::Send(body),
            Step::Close,
        ],
    }
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}
