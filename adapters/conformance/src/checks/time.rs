//! Time-outs are on time.
use super::{
    faults::full_backlog,
    probe::{PATIENCE, Probe, SLACK},
};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Server, Step, head},
};
use byourside_proto::machine::Sent;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_millis(600);
/// A byte at a time, for good.
const DRIP: Duration = Duration::from_millis(100);

fn given_up(subject: &dyn Subject, steps: Vec<Step>) -> Outcome {
    let server = Server::start(move |_| steps.clone())?;
    let probe = Probe::new(subject, &server.url())?;
    for timeout in [TIMEOUT, 2 * TIMEOUT] {
        let (failure, took) = probe.failure_within(timeout)?;
        ensure!(failure.is_timeout(), "not told as a time-out: {failure}");
        ensure!(failure.sent() == Sent::Maybe, "told as not sent");
        ensure!(took >= timeout - TIMEOUT / 6, "given up after {took:?} of {timeout:?}");
        ensure!(
            took <= timeout + SLACK,
            "given up only after {took:?}, {timeout:?} was given"
        );
    }
    Ok(())
}

fn drip(bytes: &[u8]) -> Step {
    Step::Repeat {
        bytes: bytes.to_vec(),
        every: DRIP,
        at_most: usize::MAX,
    }
}

pub(super) fn silence(subject: &dyn Subject) -> Outcome {
    given_up(subject, vec![Step::Silence])
}

pub(super) fn dripping_headers(subject: &dyn Subject) -> Outcome {
    given_up(
        subject,
        vec![Step::Send(b"HTTP/1.1 200 OK\r\nx-drip: ".to_vec()), drip(b"a")],
    )
}

pub(super) fn dripping_body(subject: &dyn Subject) -> Outcome {
    given_up(
        subject,
        vec![Step::Send(head(200, &[("content-length", "60000")])), drip(b" ")],
    )?;
    let chunked = head(200, &[("transfer-encoding", "chunked")]);
    given_up(subject, vec![Step::Send(chunked), drip(b"1\r\n \r\n")])
}

pub(super) fn connecting(subject: &dyn Subject) -> Outcome {
    let Some(full) = full_backlog()? else {
        // Some systems complete every connection, so that none can be held up here.
        return Ok(());
    };
    let probe = Probe::connecting(subject, &full.url(), TIMEOUT)?;
    let (failure, took) = probe.failure_within(PATIENCE)?;
    ensure!(
        failure.sent() == Sent::No,
        "told as sent, over no connection: {failure}"
    );
    ensure!(
        took <= TIMEOUT + SLACK,
        "given up only after {took:?}, connecting was given {TIMEOUT:?}"
    );
    // The attempt's own time-out counts as well, from before the connection.
    let probe = Probe::connecting(subject, &full.url(), PATIENCE)?;
    let (_, took) = probe.failure_within(TIMEOUT)?;
    ensure!(
        took <= TIMEOUT + SLACK,
        "given up only after {took:?}, {TIMEOUT:?} was given"
    );
    Ok(())
}
