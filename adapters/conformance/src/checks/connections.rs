//! Connections that stay, and that do not.
use super::probe::{PATIENCE, Probe, REUSED, fast};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Server, Step, answer, head, json},
};
use std::{
    thread,
    time::{Duration, Instant},
};

pub(super) fn reused(subject: &dyn Subject) -> Outcome {
    let server = Server::start(|request| match request.nth % 3 {
        0 => json("{}"),
        1 => answer(404, &[], br#"{"error":"not_found"}"#),
        _ => {
            let mut chunked = head(503, &[("transfer-encoding", "chunked")]);
            chunked.extend_from_slice(b"3\r\nabc\r\n0\r\n\r\n");
            vec![Step::Send(chunked)]
        }
    })?;
    let probe = Probe::new(subject, &server.url())?;
    // Reads only: an adapter may well place every call over a connection of its own.
    for _ in 0..30 {
        let _ = probe.get();
    }
    let (seen, connections) = (server.log().requests().len(), server.log().connections());
    ensure!(seen == 30, "{seen} requests came of 30");
    ensure!(
        connections <= REUSED,
        "30 requests, one after the other, took {connections} connections"
    );
    Ok(())
}

pub(super) fn closed_between_polls(subject: &dyn Subject) -> Outcome {
    let server = Server::start(|request| {
        let status = if request.nth < 4 { "in_progress" } else { "completed" };
        let mut steps = json(&format!(r#"{{"id":"c1","status":"{status}"}}"#));
        steps.push(Step::Close);
        steps
    })?;
    let probe = Probe::new(subject, &server.url())?;
    let mut options = fast();
    options.interval = Duration::from_millis(100);
    let ended = probe.session.wait(vec![probe.waiter("c1", options)?]).remove(0);
    ensure!(ended.is_ok(), "the wait ended with {ended:?}");
    // A call is placed once or not at all, even where the connection that was kept has gone.
    thread::sleep(Duration::from_millis(100));
    let placement = probe.place(PATIENCE)?;
    let posts = server.log().posts();
    ensure!(
        posts <= 1,
        "{posts} POSTs on a connection that was closed ({placement:?})"
    );
    Ok(())
}

/// An answer that was sent before it was asked for belongs to nobody: given to the next request, it would tell one
/// call's end as another's.
pub(super) fn unsolicited(subject: &dyn Subject) -> Outcome {
    for pause in [None, Some(Duration::from_millis(50))] {
        let server = Server::start(move |request| {
            if request.nth > 0 {
                return json(r#"{"id":"second"}"#);
            }
            let mut steps = json(r#"{"id":"first"}"#);
            steps.extend(pause.map(Step::Pause));
            let Some(Step::Send(extra)) = json(r#"{"id":"nobody"}"#).pop() else {
                return steps;
            };
            match (&mut steps[0], pause) {
                (Step::Send(bytes), None) => bytes.extend_from_slice(&extra),
                _ => steps.push(Step::Send(extra)),
            }
            steps
        })?;
        let probe = Probe::new(subject, &server.url())?;
        let first = probe.get()?;
        ensure!(first.body() == br#"{"id":"first"}"#, "the first answer became another");
        thread::sleep(Duration::from_millis(150));
        let began = Instant::now();
        if let Ok(second) = probe.get() {
            let body = String::from_utf8_lossy(second.body());
            ensure!(body.contains("second"), "the second request was answered with {body}");
        }
        let took = began.elapsed();
        ensure!(took < PATIENCE, "the second request hung");
    }
    Ok(())
}
