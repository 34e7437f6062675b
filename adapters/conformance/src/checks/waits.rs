//! Waits that the adapter runs.
use super::probe::{PATIENCE, Probe, SLACK, fast};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Server, Step, answer, head, json},
};
use byourside_proto::machine::wait::WaitFailure;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

pub(super) fn outlives_transient_failures(subject: &dyn Subject) -> Outcome {
    let server = Server::start(|request| match request.nth {
        0 => answer(503, &[], b"<html>busy</html>"),
        1 => answer(429, &[("retry-after", "0")], br#"{"error":"rate_limited"}"#),
        2 => vec![Step::Reset],
        3 => vec![Step::Send(head(200, &[("content-length", "99")])), Step::Close],
        4 => json("{\"id\":"),
        5 => vec![Step::Silence],
        6 => json(r#"{"id":"c1","status":"in_progress"}"#),
        _ => json(r#"{"id":"c1","status":"completed"}"#),
    })?;
    let probe = Probe::new(subject, &server.url())?;
    let mut options = fast();
    options.attempt_timeout = Duration::from_millis(500);
    let ended = probe.session.wait(vec![probe.waiter("c1", options)?]).remove(0)?;
    let counts = ended.counts;
    let expected = (8, 1, 1, 1, 3);
    let seen = (
        counts.polls,
        counts.rate_limited,
        counts.refused,
        counts.unreadable,
        counts.transport,
    );
    ensure!(seen == expected, "the wait counted {counts:?}");
    Ok(())
}

pub(super) fn ends_on_time(subject: &dyn Subject) -> Outcome {
    let server = Server::start(|_| vec![Step::Silence])?;
    let probe = Probe::new(subject, &server.url())?;
    let mut options = fast();
    (options.timeout, options.grace) = (Duration::from_millis(700), Duration::from_millis(300));
    let began = Instant::now();
    let ended = probe.session.wait(vec![probe.waiter("c1", options)?]).remove(0);
    let took = began.elapsed();
    let failure = ended.err().map(|error| error.failure);
    ensure!(failure == Some(WaitFailure::TimedOut), "it ended with {failure:?}");
    let most = options.timeout + 2 * options.grace + SLACK;
    ensure!(
        took >= options.timeout && took <= most,
        "it took {took:?}, the timeout was {:?}",
        options.timeout
    );
    Ok(())
}

pub(super) fn cancelled_and_resumed(subject: &dyn Subject) -> Outcome {
    let half = [&head(200, &[("content-length", "40")])[..], br#"{"id":"c1","#].concat();
    for (case, first) in [("no answer", Vec::new()), ("half an answer", half)] {
        let server = Server::start(move |request| match request.nth {
            0 => vec![Step::Send(first.clone()), Step::Silence],
            _ => json(r#"{"id":"c1","status":"completed"}"#),
        })?;
        let probe = Probe::new(subject, &server.url())?;
        let mut options = fast();
        options.attempt_timeout = Duration::from_millis(800);
        let mut waiter = probe.waiter("c1", options)?;
        let end = probe.session.cancel(&mut waiter, Duration::from_millis(300));
        ensure!(end.is_none(), "{case}: it ended before it was cancelled: {end:?}");
        let began = Instant::now();
        let ended = probe.session.wait(vec![waiter]).remove(0)?;
        let (polls, seen) = (ended.counts.polls, server.log().requests().len());
        ensure!(
            polls == 2 && seen == 2,
            "{case}: {polls} GETs and {seen} requests, not two"
        );
        ensure!(began.elapsed() < PATIENCE, "{case}: resumed, it hung");
    }
    Ok(())
}

/// Each wait gets the end of its own call. No call ends before the adapter runs as many waits at once as it can.
pub(super) fn a_thousand(subject: &dyn Subject) -> Outcome {
    const CALLS: usize = 1000;
    let together = subject.waits_at_once().min(CALLS);
    let polled = Mutex::new(HashMap::<String, usize>::new());
    let server = Server::start(move |request| {
        let id = request.target.rsplit('/').next().unwrap_or_default().to_owned();
        let mut polled = polled.lock().unwrap_or_else(PoisonError::into_inner);
        let polls = polled.entry(id.clone()).or_default();
        *polls += 1;
        let status = match *polls > 2 && polled.len() >= together {
            true => "completed",
            false => "in_progress",
        };
        json(&format!(r#"{{"id":"{id}","status":"{status}"}}"#))
    })?;
    let probe = Probe::new(subject, &server.url())?;
    let mut options = fast();
    options.interval = Duration::from_millis(100);
    let ids = (0..CALLS).map(|nth| format!("call-{nth}")).collect::<Vec<_>>();
    let waiters = ids
        .iter()
        .map(|id| probe.waiter(id, options))
        .collect::<Result<Vec<_>, _>>()?;
    let ends = probe.session.wait(waiters);
    ensure!(ends.len() == CALLS, "{} of {CALLS} waits ended", ends.len());
    for (id, end) in ids.iter().zip(ends) {
        let ended = end.map_err(|error| format!("{id}: {error}"))?;
        ensure!(ended.call.id() == Some(id), "{id} got the end of {:?}", ended.call.id());
    }
    Ok(())
}
