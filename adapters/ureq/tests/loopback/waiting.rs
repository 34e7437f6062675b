//! A wait outlives transient failures, and ends at its deadline or at a refusal.
use crate::scripted::{Server, Step, answer, json, raw, record, shown, within};
use byourside_ureq::{
    CallId, ClientOptions, Status,
    machine::{
        Backoff,
        wait::{WaitCounts, WaitFailure, WaitOptions},
    },
};
use std::{
    thread,
    time::{Duration, Instant},
};

fn quick() -> WaitOptions {
    WaitOptions {
        interval: Duration::from_millis(10),
        backoff: Backoff::doubling(Duration::from_millis(10), Duration::from_millis(20)),
        timeout: Duration::from_secs(10),
        ..WaitOptions::default()
    }
}

fn options(wait: WaitOptions) -> ClientOptions {
    ClientOptions {
        wait,
        ..ClientOptions::default()
    }
}

fn id() -> CallId {
    CallId::new("c1").unwrap()
}

#[test]
fn wait_outlives_transient_failures() {
    let server = Server::answering(vec![
        record("queued"),
        json(503, r#"{"error":"store_error"}"#),
        answer(429, "retry-after: 2\r\n", ""),
        answer(
            502,
            "content-type: text/html\r\n",
            "<html><h1>502 Bad Gateway</h1></html>",
        ),
        raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":\"c1\",\"sta"),
        vec![Step::Reset],
        json(
            200,
            r#"{"id":"c1","status":"completed","summary":"Confirmed.","extracted":{"confirmed":true}}"#,
        ),
    ]);
    let began = Instant::now();
    let ended = server.client(options(quick())).wait_for_call(&id()).unwrap();
    assert!(
        began.elapsed() >= Duration::from_secs(2),
        "retry-after was not honoured"
    );
    assert_eq!(ended.call.summary(), Some("Confirmed."));
    let counts = WaitCounts {
        polls: 7,
        rate_limited: 1,
        refused: 2,
        unreadable: 0,
        transport: 2,
    };
    assert_eq!(ended.counts, counts);
    assert_eq!(server.requests().len(), 7);
}

#[test]
fn wait_ends_at_once_when_unauthorized() {
    let server = Server::answering(vec![record("in_progress"), json(401, r#"{"error":"unauthorized"}"#)]);
    let error = server.client(options(quick())).wait_for_call(&id()).unwrap_err();
    assert_eq!((error.code(), error.status()), ("unauthorized", 401));
    assert!(matches!(error.failure, WaitFailure::Refused(_)));
    assert_eq!(
        error.last.as_ref().and_then(|call| call.status()),
        Some(Status::InProgress)
    );
    assert_eq!(server.requests().len(), 2);
    shown(&error);
}

#[test]
fn wait_error_has_the_last_record_and_the_counts() {
    let server = Server::answering(vec![json(503, ""), record("in_progress")]);
    let wait = WaitOptions {
        timeout: Duration::from_millis(300),
        ..quick()
    };
    let error = within(Duration::from_secs(2), || {
        server.client(options(wait)).wait_for_call(&id())
    })
    .unwrap_err();
    assert!(matches!(error.failure, WaitFailure::TimedOut));
    assert_eq!((error.code(), error.status()), ("timeout", 0));
    assert_eq!(
        error.last.as_ref().and_then(|call| call.status()),
        Some(Status::InProgress)
    );
    assert_eq!(error.counts.polls as usize, server.requests().len());
    assert_eq!(error.counts.refused, 1);
    shown(&error);
}

#[test]
fn wait_ends_at_its_deadline_when_the_service_is_silent() {
    let server = Server::answering(vec![vec![Step::Silence(Duration::from_secs(10))]]);
    let wait = WaitOptions {
        timeout: Duration::from_millis(200),
        grace: Duration::from_millis(100),
        ..quick()
    };
    let error = within(Duration::from_secs(3), || {
        server.client(options(wait)).wait_for_call(&id())
    })
    .unwrap_err();
    assert_eq!(error.code(), "timeout");
    assert!(error.counts.transport >= 1);
    shown(&error);
}

#[test]
fn callback_gets_each_status_once() {
    let statuses = ["queued", "queued", "in_progress", "no_answer"];
    let server = Server::answering(statuses.into_iter().map(record).collect());
    let mut seen = Vec::new();
    let client = server.client(options(quick()));
    let ended = client
        .wait_for_call_with(&id(), quick(), |status| seen.push(status.clone()))
        .unwrap();
    assert_eq!(seen, [Status::Queued, Status::InProgress, Status::NoAnswer]);
    assert_eq!(ended.call.status(), Some(Status::NoAnswer));
}

#[test]
fn wait_ends_at_a_redirect_without_forwarding_the_key() {
    let elsewhere = Server::answering(vec![record("completed")]);
    let location = format!("location: {}/v1/agent/calls/c1\r\n", elsewhere.url());
    let server = Server::answering(vec![answer(302, &location, "")]);
    let error = server.client(options(quick())).wait_for_call(&id()).unwrap_err();
    assert_eq!(error.status(), 302);
    assert!(elsewhere.requests().is_empty());
    shown(&error);
}

#[test]
fn polls_share_one_connection() {
    let statuses = ["queued", "in_progress", "in_progress", "completed"];
    let server = Server::answering(statuses.into_iter().map(record).collect());
    server.client(options(quick())).wait_for_call(&id()).unwrap();
    assert!(server.requests().iter().all(|request| request.connection == 0));
}

#[test]
fn clones_wait_in_several_threads() {
    let server = Server::start(|_, request| {
        let id = request
            .head
            .split(' ')
            .nth(1)
            .and_then(|path| path.rsplit('/').next())
            .unwrap_or_default();
        json(200, &format!(r#"{{"id":"{id}","status":"completed"}}"#))
    });
    let client = server.client(options(quick()));
    let waits: Vec<_> = (0..8)
        .map(|nth| {
            let (client, id) = (client.clone(), CallId::new(format!("c{nth}")).unwrap());
            thread::spawn(move || (client.wait_for_call(&id).unwrap().call.id().map(str::to_owned), id))
        })
        .collect();
    for wait in waits {
        let (answered, asked) = wait.join().unwrap();
        assert_eq!(answered.as_deref(), Some(asked.as_str()));
    }
}

#[test]
fn clients_do_not_block_each_other() {
    let silent = Server::answering(vec![vec![Step::Silence(Duration::from_secs(10))]]);
    let wait = WaitOptions {
        timeout: Duration::from_secs(1),
        ..quick()
    };
    let held = silent.client(options(wait));
    let waiting = thread::spawn(move || held.wait_for_call(&id()).unwrap_err());
    let server = Server::answering(vec![record("completed")]);
    within(Duration::from_millis(900), || {
        server.client(options(quick())).wait_for_call(&id())
    })
    .unwrap();
    assert_eq!(waiting.join().unwrap().code(), "timeout");
}
