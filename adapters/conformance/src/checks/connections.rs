//! Connections that are reused, closed, or written to too early.
use super::probe::{MAX_CONNECTIONS, PATIENCE, Probe, fast};
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
    // Only reads: an adapter may place every call over a new connection.
    for _ in 0..30 {
        let _ = probe.get();
    }
    let (seen, connections) = (server.log().requests().len(), server.log().connections());
    ensure!(seen == 30, "the server received {seen} requests of 30");
    ensure!(
        connections <= MAX_CONNECTIONS,
        "30 requests in sequence used {connections} connections"
    );
    Ok(())
}

pub(super) fn closed_between_requests(subject: &dyn Subject) -> Outcome {
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
    // A call is placed at most once, even if the pooled connection was closed.
    thread::sleep(Duration::from_millis(100));
    let placement = probe.place(PATIENCE)?;
    let posts = server.log().posts();
    ensure!(
        posts <= 1,
        "{posts} POSTs on a connection that was closed ({placement:?})"
    );
    Ok(())
}

/// An answer that was sent before its request belongs to no request. As the answer to the next one, it would report one
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
        ensure!(
            first.body() == br#"{"id":"first"}"#,
            "the first request got another answer"
        );
        thread::sleep(Duration::from_millis(150));
        let began = Instant::now();
        if let Ok(second) = probe.get() {
            let body = String::from_utf8_lossy(second.body());
            ensure!(body.contains("second"), "the second request got the answer {body}");
        }
        let took = began.elapsed();
        ensure!(took < PATIENCE, "the second request hung");
    }
    Ok(())
}
