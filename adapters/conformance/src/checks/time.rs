//! Timeouts end on time.
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
/// The pause between the bytes of a dripping answer.
const DRIP: Duration = Duration::from_millis(100);

fn times_out(subject: &dyn Subject, steps: Vec<Step>) -> Outcome {
    let server = Server::start(move |_| steps.clone())?;
    let probe = Probe::new(subject, &server.url())?;
    for timeout in [TIMEOUT, 2 * TIMEOUT] {
        let (failure, took) = probe.failure_within(timeout)?;
        ensure!(failure.is_timeout(), "not reported as a timeout: {failure}");
        ensure!(failure.sent() == Sent::Maybe, "reported as not sent");
        ensure!(
            took >= timeout - TIMEOUT / 6,
            "timed out after {took:?}, the timeout was {timeout:?}"
        );
        ensure!(
            took <= timeout + SLACK,
            "timed out only after {took:?}, the timeout was {timeout:?}"
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
    times_out(subject, vec![Step::Silence])
}

pub(super) fn dripping_headers(subject: &dyn Subject) -> Outcome {
    times_out(
        subject,
        vec![Step::Send(b"HTTP/1.1 200 OK\r\nx-drip: ".to_vec()), drip(b"a")],
    )
}

pub(super) fn dripping_body(subject: &dyn Subject) -> Outcome {
    times_out(
        subject,
        vec![Step::Send(head(200, &[("content-length", "60000")])), drip(b" ")],
    )?;
    let chunked = head(200, &[("transfer-encoding", "chunked")]);
    times_out(subject, vec![Step::Send(chunked), drip(b"1\r\n \r\n")])
}

pub(super) fn connecting(subject: &dyn Subject) -> Outcome {
    let Some(full) = full_backlog()? else {
        // Some systems complete every connection; there is no way to delay one.
        return Ok(());
    };
    let probe = Probe::with_connect_timeout(subject, &full.url(), TIMEOUT)?;
    let (failure, took) = probe.failure_within(PATIENCE)?;
    ensure!(
        failure.sent() == Sent::No,
        "reported as sent, without a connection: {failure}"
    );
    ensure!(
        took <= TIMEOUT + SLACK,
        "timed out only after {took:?}, the connect timeout was {TIMEOUT:?}"
    );
    // The attempt timeout applies too, and starts before the connection.
    let probe = Probe::with_connect_timeout(subject, &full.url(), PATIENCE)?;
    let (_, took) = probe.failure_within(TIMEOUT)?;
    ensure!(
        took <= TIMEOUT + SLACK,
        "timed out only after {took:?}, the timeout was {TIMEOUT:?}"
    );
    Ok(())
}
