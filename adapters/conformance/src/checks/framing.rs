//! Answers that are framed wrongly.
use super::probe::{PATIENCE, Probe};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Server, Step, head, json},
};
use byourside_proto::machine::Sent;
use std::time::{Duration, Instant};

/// Each answer must fail at once and as *maybe sent*: the request did arrive.
fn all_fail(subject: &dyn Subject, cases: &[(&str, &[Step])]) -> Outcome {
    for (case, steps) in cases {
        let steps = steps.to_vec();
        let server = Server::start(move |_| steps.clone())?;
        let (failure, took) = Probe::new(subject, &server.url())?
            .failure_within(PATIENCE / 2)
            .map_err(|reason| format!("{case}: {reason}"))?;
        ensure!(failure.sent() == Sent::Maybe, "{case}: reported as not sent");
        ensure!(took < PATIENCE / 2, "{case}: it failed only at the timeout");
    }
    Ok(())
}

fn close_after(headers: &[(&str, &str)], body: &[u8]) -> [Step; 2] {
    [Step::Send([&head(200, headers), body].concat()), Step::Close]
}

pub(super) fn truncated(subject: &dyn Subject) -> Outcome {
    let chunked = [("transfer-encoding", "chunked")];
    all_fail(
        subject,
        &[
            (
                "too few bytes for the length",
                &close_after(&[("content-length", "20")], br#"{"id":"c1"}"#),
            ),
            ("none of the bytes", &close_after(&[("content-length", "20")], b"")),
            ("no last chunk", &close_after(&chunked, b"b\r\n{\"id\":\"c1\"}\r\n")),
            ("half a chunk", &close_after(&chunked, b"ff\r\n{\"id\":\"c1\"}")),
            (
                "half the headers",
                &[Step::Send(b"HTTP/1.1 200 OK\r\nconte".to_vec()), Step::Close],
            ),
        ],
    )
}

/// A length that is too short ends the body. What follows it is not the answer to the next request.
pub(super) fn short_length(subject: &dyn Subject) -> Outcome {
    let server = Server::start(|request| match request.nth {
        0 => vec![Step::Send(
            [&head(200, &[("content-length", "2")])[..], b"{}{\"id\":\"left over\"}"].concat(),
        )],
        _ => json(r#"{"id":"second"}"#),
    })?;
    let probe = Probe::new(subject, &server.url())?;
    match probe.get() {
        Ok(first) => ensure!(first.body() == b"{}", "the first answer became {:?}", first.body()),
        Err(failure) => ensure!(failure.sent() == Sent::Maybe, "reported as not sent"),
    }
    match probe.get() {
        Ok(second) => {
            let body = String::from_utf8_lossy(second.body());
            ensure!(body == r#"{"id":"second"}"#, "the second answer became {body}");
        }
        Err(failure) => ensure!(!failure.is_timeout(), "the second request hung"),
    }
    Ok(())
}

pub(super) fn invalid_length(subject: &dyn Subject) -> Outcome {
    let body = br#"{"id":"c1"}"#;
    all_fail(
        subject,
        &[
            ("a word", &close_after(&[("content-length", "eleven")], body)),
            ("negative", &close_after(&[("content-length", "-1")], body)),
            (
                "too large for an integer",
                &close_after(&[("content-length", "99999999999999999999999")], body),
            ),
            (
                "two that differ",
                &close_after(&[("content-length", "11"), ("content-length", "12")], body),
            ),
            (
                "an invalid chunk length",
                &close_after(&[("transfer-encoding", "chunked")], b"zz\r\n{}\r\n0\r\n\r\n"),
            ),
        ],
    )
}

pub(super) fn endless_headers(subject: &dyn Subject) -> Outcome {
    const ENDLESS: usize = 32 * 1024 * 1024;
    let many = b"x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(64);
    for (case, bytes) in [("headers", many), ("a header", vec![b'a'; 4096])] {
        let server = Server::start(move |_| {
            let (bytes, every) = (bytes.clone(), Duration::ZERO);
            vec![
                Step::Send(b"HTTP/1.1 200 OK\r\nx-first: a".to_vec()),
                Step::Send(if bytes[0] == b'x' { b"\r\n".to_vec() } else { Vec::new() }),
                Step::Repeat {
                    bytes,
                    every,
                    at_most: ENDLESS,
                },
            ]
        })?;
        let (failure, took) = Probe::new(subject, &server.url())?.failure_within(PATIENCE)?;
        let written = server.log().written();
        ensure!(failure.sent() == Sent::Maybe, "endless {case}: reported as not sent");
        ensure!(written < ENDLESS, "endless {case}: {written} bytes were read");
        ensure!(
            took < PATIENCE,
            "endless {case}: it ended at the timeout, not at a limit"
        );
    }
    Ok(())
}

pub(super) fn not_http(subject: &dyn Subject) -> Outcome {
    let began = Instant::now();
    let say = |bytes: &[u8]| [Step::Send(bytes.to_vec()), Step::Close];
    all_fail(
        subject,
        &[
            ("another protocol", &say(b"SSH-2.0-OpenSSH_9.9\r\n")),
            ("bytes", &say(&[0, 255, 13, 10, 13, 10])),
            ("an invalid status", &say(b"HTTP/1.1 abc OK\r\n\r\n")),
            ("an unknown version", &say(b"HTTP/9.9 200 OK\r\n\r\n")),
            ("nothing", &[Step::Close]),
        ],
    )?;
    ensure!(began.elapsed() < PATIENCE, "it failed only at the timeout");
    Ok(())
}
