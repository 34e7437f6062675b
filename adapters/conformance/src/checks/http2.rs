//! HTTP/2, where both sides have it.
use super::probe::{PATIENCE, Probe, REUSED, SLACK};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Http2, Http2Step, authority},
};
use byourside_proto::machine::{Sent, place::Placement};
use std::time::Duration;

pub(super) fn spoken(subject: &dyn Subject) -> Outcome {
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
    ensure!(seen == 20, "{seen} requests came of 20");
    ensure!(
        connections <= REUSED,
        "20 requests, one after the other, took {connections} connections"
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
    let soon = Duration::from_millis(500);
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
            .failure_within(soon)
            .map_err(|reason| format!("{name}: {reason}"))?;
        ensure!(failure.sent() == Sent::Maybe, "{name}: told as not sent");
        ensure!(took <= soon + SLACK, "{name}: known only after {took:?}");
        let before = server.log().posts();
        ensure!(before == 1, "{name}: {before} POSTs came of one");
        let placement = probe.place(soon)?;
        let posts = server.log().posts() - before;
        ensure!(posts == 1, "{name}: {posts} POSTs came for one call");
        ensure!(
            matches!(placement, Placement::Unknown(_)),
            "{name}: it ended as {placement:?}"
        );
    }
    let server = Http2::start(&authority()?.identity("localhost")?, |_| Http2Step::Silence)?;
    let (failure, took) = Probe::new(subject, &server.url())?.failure_within(soon)?;
    ensure!(
        failure.is_timeout() && took < PATIENCE,
        "silence: {failure} after {took:?}"
    );
    Ok(())
}
