//! HTTP/2, if both sides offer it.
use super::probe::{MAX_CONNECTIONS, PATIENCE, Probe, SLACK};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Http2, Http2Step, authority},
};
use byourside_proto::machine::{Sent, place::Placement};
use std::time::Duration;

pub(super) fn used(subject: &dyn Subject) -> Outcome {
    let server = Http2::start(&authority()?.identity("localhost")?, |request| {
        let status = if request.method == "GET" { 200 } else { 503 };
        Http2Step::Answer(status, request.method.clone().into_bytes())
    })?;
    let probe = Probe::new(subject, &server.url())?;
    for _ in 0..20 {
        let got = probe.get()?;
        ensure!(got.status() == 200 && got.body() == b"GET", "GET: {}", got.status());
    }
    let (seen, connections) = (server.log().requests().len(), server.log().connections());
    ensure!(seen == 20, "the server received {seen} requests of 20");
    ensure!(
        connections <= MAX_CONNECTIONS,
        "20 requests in sequence used {connections} connections"
    );
    let posted = probe.post()?;
    ensure!(
        posted.status() == 503 && posted.body() == b"POST",
        "POST: {}",
        posted.status()
    );
    Ok(())
}

pub(super) fn faults(subject: &dyn Subject) -> Outcome {
    const REFUSED_STREAM: u32 = 7;
    let short_timeout = Duration::from_millis(500);
    for (name, step) in [
        ("the stream is reset", Http2Step::Reset(2)),
        ("the stream is refused", Http2Step::Reset(REFUSED_STREAM)),
        ("the body is cut", Http2Step::Cut(b"{\"callId\":".to_vec())),
        ("the connection goes away", Http2Step::GoAway),
        ("silence", Http2Step::Silence),
    ] {
        let server = Http2::start(&authority()?.identity("localhost")?, move |request| {
            match request.method.as_str() {
                "GET" => Http2Step::Answer(200, b"{}".to_vec()),
                _ => step.clone(),
            }
        })?;
        let probe = Probe::new(subject, &server.url())?;
        probe.get()?;
        let (failure, took) = probe
            .failure_within(short_timeout)
            .map_err(|reason| format!("{name}: {reason}"))?;
        ensure!(failure.sent() == Sent::Maybe, "{name}: reported as not sent");
        ensure!(took <= short_timeout + SLACK, "{name}: it failed only after {took:?}");
        let before = server.log().posts();
        ensure!(before == 1, "{name}: the server received {before} POSTs of one");
        let placement = probe.place(short_timeout)?;
        let posts = server.log().posts() - before;
        ensure!(posts == 1, "{name}: the server received {posts} POSTs for one call");
        ensure!(
            matches!(placement, Placement::Unknown(_)),
            "{name}: it ended as {placement:?}"
        );
    }
    let server = Http2::start(&authority()?.identity("localhost")?, |_| Http2Step::Silence)?;
    let (failure, took) = Probe::new(subject, &server.url())?.failure_within(short_timeout)?;
    ensure!(
        failure.is_timeout() && took < PATIENCE,
        "silence: {failure} after {took:?}"
    );
    Ok(())
}
