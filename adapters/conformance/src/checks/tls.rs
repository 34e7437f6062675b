//! Whom TLS trusts.
use super::probe::{PATIENCE, Probe, REUSED, SLACK};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Identity, Opening, Server, authority, json, stranger},
};
use byourside_proto::machine::Sent;
use std::time::Duration;

pub(super) fn good(subject: &dyn Subject) -> Outcome {
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
        connections <= REUSED,
        "10 requests, one after the other, took {connections} connections"
    );
    Ok(())
}

pub(super) fn unknown_issuer(subject: &dyn Subject) -> Outcome {
    refused(subject, &stranger()?.identity("localhost")?)
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
    ensure!(server.log().posts() == 0, "the request was sent all the same");
    ensure!(failure.sent() == Sent::No, "told as sent: {failure}");
    Ok(())
}

pub(super) fn stalled(subject: &dyn Subject) -> Outcome {
    let timeout = Duration::from_millis(600);
    let server = Server::no_tls(Opening::Silence)?;
    let (failure, took) = Probe::connecting(subject, &server.url(), timeout)?.failure_within(PATIENCE)?;
    ensure!(
        took <= timeout + SLACK,
        "given up only after {took:?}, connecting was given {timeout:?}"
    );
    ensure!(failure.sent() == Sent::No, "told as sent: {failure}");
    // The attempt's own time-out counts as well.
    let (_, took) = Probe::new(subject, &server.url())?.failure_within(timeout)?;
    ensure!(
        took <= timeout + SLACK,
        "given up only after {took:?}, {timeout:?} was given"
    );
    Ok(())
}
