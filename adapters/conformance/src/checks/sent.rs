//! A POST is sent once, and a failure says whether it can have left.
use super::{
    faults::{FAULTS, Fault, FaultySite, SHORT_TIMEOUT},
    probe::{PATIENCE, Probe, SLACK},
};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Server, Step, answer, json},
};
use byourside_proto::machine::{
    Sent,
    place::{NotPlaced, Placement},
};
use std::{error::Error, time::Duration};

/// A connection that was good for one request; every later one gets this.
fn kept_connection(subject: &dyn Subject, step: Step) -> Result<(Server, Probe<'_>), Box<dyn Error + Send + Sync>> {
    let server = Server::start(move |request| match request.nth {
        0 => json("{}"),
        _ => vec![step.clone()],
    })?;
    let probe = Probe::new(subject, &server.url())?;
    probe.get()?;
    Ok((server, probe))
}

/// A site with this fault, a client for it, and how long the client may take to fail.
fn start<'a>(
    subject: &'a dyn Subject,
    fault: &Fault,
) -> Result<(FaultySite, Probe<'a>, Duration), Box<dyn Error + Send + Sync>> {
    let faulty = (fault.start)()?;
    let probe = Probe::with_connect_timeout(subject, &faulty.url(), SHORT_TIMEOUT)?;
    let within = if fault.sent == Some(Sent::No) {
        PATIENCE
    } else {
        SHORT_TIMEOUT
    };
    Ok((faulty, probe, within))
}

/// A wrong *not sent* rings a phone twice. A wrong *maybe sent* loses a retry that was safe.
pub(super) fn reported_correctly(subject: &dyn Subject) -> Outcome {
    for fault in FAULTS {
        let (_faulty, probe, within) = start(subject, fault)?;
        let (failure, took) = probe
            .failure_within(within)
            .map_err(|reason| format!("{}: {reason}", fault.name))?;
        let correct = fault.sent.is_none_or(|sent| failure.sent() == sent);
        ensure!(
            correct,
            "{}: reported as sent: {:?} ({failure})",
            fault.name,
            failure.sent()
        );
        ensure!(
            took <= SHORT_TIMEOUT + SLACK,
            "{}: it failed only after {took:?}",
            fault.name
        );
    }
    for (case, step) in [("closed", Step::Close), ("reset", Step::Reset)] {
        let (_server, probe) = kept_connection(subject, step)?;
        let (failure, _) = probe
            .failure_within(PATIENCE)
            .map_err(|reason| format!("{case} on a reused connection: {reason}"))?;
        let sent = failure.sent();
        ensure!(
            sent == Sent::Maybe,
            "{case} after a request on a reused connection: reported as not sent"
        );
    }
    Ok(())
}

/// HTTP clients like to retry when a reused connection closes before the answer. The machine decides that, not the
/// client.
pub(super) fn once_on_a_reused_connection(subject: &dyn Subject) -> Outcome {
    for (case, step) in [("closes", Step::Close), ("is reset", Step::Reset)] {
        let (server, probe) = kept_connection(subject, step)?;
        let got = probe.get();
        let seen = server.log().requests().len();
        ensure!(seen == 2, "it {case}: the server received {seen} requests of two");
        ensure!(
            got.is_err(),
            "it {case}: the client returned an answer that the server did not send"
        );
    }
    Ok(())
}

pub(super) fn one_post(subject: &dyn Subject) -> Outcome {
    for fault in FAULTS {
        let (faulty, probe, within) = start(subject, fault)?;
        let placement = probe.place(within)?;
        let (posts, name) = (faulty.posts(), fault.name);
        let (most, correct) = match fault.sent {
            Some(Sent::No) => (0, matches!(placement, Placement::NotPlaced(NotPlaced::NoConnection(_)))),
            Some(Sent::Maybe) => (1, matches!(placement, Placement::Unknown(_))),
            None => (1, !matches!(placement, Placement::Placed(_))),
        };
        ensure!(
            posts <= most,
            "{name}: {posts} POSTs began to arrive, at most {most} may"
        );
        ensure!(correct, "{name}: it ended as {placement:?}");
    }
    let server = Server::start(|request| match request.nth {
        0 => json("{}"),
        _ => vec![Step::Close],
    })?;
    let probe = Probe::new(subject, &server.url())?;
    probe.get()?;
    let placement = probe.place(PATIENCE)?;
    let posts = server.log().posts();
    ensure!(
        posts == 1,
        "a reused connection that closes on a POST: {posts} POSTs ({placement:?})"
    );
    Ok(())
}

pub(super) fn one_post_after_any_answer(subject: &dyn Subject) -> Outcome {
    const STATUSES: [u16; 17] = [
        301, 302, 303, 307, 308, 401, 407, 408, 409, 413, 417, 421, 425, 500, 502, 503, 504,
    ];
    for status in STATUSES {
        let headers = [
            ("location", "/v1/agent/calls/again"),
            ("retry-after", "0"),
            ("www-authenticate", "Basic realm=\"a\""),
        ];
        let server = Server::start(move |_| answer(status, &headers, b""))?;
        let placement = Probe::new(subject, &server.url())?.place(PATIENCE)?;
        let seen = server.log().requests().len();
        ensure!(
            seen == 1,
            "{status}: the server received {seen} requests for one call ({placement:?})"
        );
    }
    Ok(())
}

pub(super) fn unknown_host(subject: &dyn Subject) -> Outcome {
    // RFC 6761 reserves `.invalid` for names that never resolve.
    for url in ["http://byourside.invalid", "https://byourside.invalid"] {
        let (failure, took) = Probe::new(subject, url)?.failure_within(2 * PATIENCE)?;
        ensure!(
            failure.sent() == Sent::No,
            "reported as sent, to a name that does not resolve: {failure}"
        );
        ensure!(took <= PATIENCE + SLACK, "it failed only after {took:?}");
    }
    Ok(())
}
