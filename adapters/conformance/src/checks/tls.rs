//! Which certificates TLS accepts.
use super::probe::{MAX_CONNECTIONS, PATIENCE, Probe, SLACK};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Identity, Opening, Server, authority, json, untrusted_authority},
};
use byourside_proto::machine::Sent;
use std::time::Duration;

pub(super) fn trusted(subject: &dyn Subject) -> Outcome {
    let server = Server::tls(&authority()?.identity("localhost")?, |_| json("{}"))?;
    let probe = Probe::new(subject, &server.url())?;
    for _ in 0..10 {
        let response = probe.get()?;
        ensure!(
            response.status() == 200 && response.body() == b"{}",
            "the answer became {}",
            response.status()
        );
    }
    let connections = server.log().connections();
    ensure!(
        connections <= MAX_CONNECTIONS,
        "10 requests in sequence used {connections} connections"
    );
    Ok(())
}

pub(super) fn unknown_issuer(subject: &dyn Subject) -> Outcome {
    refused(subject, &untrusted_authority()?.identity("localhost")?)
}

pub(super) fn wrong_name(subject: &dyn Subject) -> Outcome {
    refused(subject, &authority()?.identity("other.test")?)
}

pub(super) fn expired(subject: &dyn Subject) -> Outcome {
    refused(subject, &authority()?.expired("localhost")?)
}

fn refused(subject: &dyn Subject, identity: &Identity) -> Outcome {
    let server = Server::tls(identity, |_| json("{}"))?;
    let probe = Probe::new(subject, &server.url())?;
    let (failure, _) = probe.failure_within(PATIENCE)?;
    ensure!(server.log().posts() == 0, "the request was sent nevertheless");
    ensure!(failure.sent() == Sent::No, "reported as sent: {failure}");
    Ok(())
}

pub(super) fn stalled(subject: &dyn Subject) -> Outcome {
    let timeout = Duration::from_millis(600);
    let server = Server::without_tls(Opening::Silence)?;
    let (failure, took) = Probe::with_connect_timeout(subject, &server.url(), timeout)?.failure_within(PATIENCE)?;
    ensure!(
        took <= timeout + SLACK,
        "timed out only after {took:?}, the connect timeout was {timeout:?}"
    );
    ensure!(failure.sent() == Sent::No, "reported as sent: {failure}");
    // The attempt timeout applies too.
    let (_, took) = Probe::new(subject, &server.url())?.failure_within(timeout)?;
    ensure!(
        took <= timeout + SLACK,
        "timed out only after {took:?}, the timeout was {timeout:?}"
    );
    Ok(())
}
