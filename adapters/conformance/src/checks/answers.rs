//! Answers are passed on as the server sent them.
use super::probe::{KEY, Probe};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Server, Step, answer, json},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

pub(super) fn unchanged(subject: &dyn Subject) -> Outcome {
    let body = "{\"id\": \"c1\",\n \"status\": \"queued\"}";
    let server = Server::start(move |request| match request.method.as_str() {
        "GET" => answer(
            200,
            &[("x-request-id", "r-1"), ("x-two", "a"), ("x-two", "b")],
            body.as_bytes(),
        ),
        _ => answer(201, &[], body.as_bytes()),
    })?;
    let probe = Probe::new(subject, &server.url())?;
    let got = probe.get()?;
    ensure!(
        got.status() == 200 && got.body() == body.as_bytes(),
        "GET: {} {:?}",
        got.status(),
        got.body()
    );
    let id = got.headers().get("x-request-id").map(|id| id.as_bytes());
    ensure!(id == Some(b"r-1"), "the answer's x-request-id became {id:?}");
    let two = got.headers().get_all("x-two").iter().count();
    ensure!(two == 2, "a header that was sent twice came {two} times");
    let posted = probe.post()?;
    ensure!(
        posted.status() == 201 && posted.body() == body.as_bytes(),
        "POST: {}",
        posted.status()
    );

    let requests = server.log().requests();
    let [get, post] = &requests[..] else {
        return Err(format!("the server received {} requests, not two", requests.len()).into());
    };
    ensure!(
        get.method == "GET" && get.target == "/v1/agent/calls/c1",
        "{} {}",
        get.method,
        get.target
    );
    let framed = get.header("content-length").or(get.header("transfer-encoding"));
    ensure!(framed.is_none(), "a GET without a body has a length: {framed:?}");
    let sent = probe.post_request()?;
    ensure!(
        post.method == "POST" && post.target == "/v1/agent/calls",
        "{} {}",
        post.method,
        post.target
    );
    ensure!(post.body == *sent.body(), "the POST's body was changed");
    let kind = post.header("content-type");
    ensure!(kind == Some("application/json"), "the POST's content-type is {kind:?}");
    let bearer = format!("Bearer {KEY}");
    let keyed = requests
        .iter()
        .all(|request| request.header("authorization") == Some(&bearer));
    ensure!(keyed, "a request was sent without the key");
    Ok(())
}

pub(super) fn every_status(subject: &dyn Subject) -> Outcome {
    let current = Arc::new(AtomicU16::new(0));
    let server = {
        let current = current.clone();
        Server::start(move |_| {
            let status = current.load(Ordering::SeqCst);
            answer(
                status,
                &[("content-type", "application/json")],
                error(status).as_bytes(),
            )
        })?
    };
    let probe = Probe::new(subject, &server.url())?;
    for status in 400..=599 {
        current.store(status, Ordering::SeqCst);
        for response in [probe.get(), probe.post()] {
            let response = response.map_err(|failure| format!("{status}: {failure}"))?;
            let body = String::from_utf8_lossy(response.body());
            ensure!(response.status() == status, "{status} became {}", response.status());
            ensure!(body == error(status), "the body of {status} became {body:?}");
        }
    }
    Ok(())
}

pub(super) fn retry_after(subject: &dyn Subject) -> Outcome {
    const FORMS: [&str; 2] = ["7", "Sun, 06 Nov 1994 08:50:07 GMT"];
    for form in FORMS {
        let server = Server::start(move |request| {
            let status = u16::try_from(400 + request.nth).unwrap_or(599);
            answer(status, &[("retry-after", form)], b"")
        })?;
        let probe = Probe::new(subject, &server.url())?;
        for status in 400..=599 {
            let response = probe.get()?;
            let headers = response.headers();
            let got = headers
                .get("retry-after")
                .map(|value| String::from_utf8_lossy(value.as_bytes()));
            ensure!(
                got.as_deref() == Some(form),
                "{status}: Retry-After: {form} became {got:?}"
            );
            ensure!(
                headers.contains_key("date"),
                "{status}: a Retry-After date needs the answer's Date"
            );
        }
    }
    Ok(())
}

pub(super) fn interim(subject: &dyn Subject) -> Outcome {
    let server = Server::start(|_| {
        let hints = b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n".to_vec();
        let mut steps = vec![Step::Send(hints), Step::Pause(Duration::from_millis(20))];
        steps.extend(json("{}"));
        steps
    })?;
    let probe = Probe::new(subject, &server.url())?;
    for response in [probe.get()?, probe.post()?] {
        ensure!(
            response.status() == 200 && response.body() == b"{}",
            "103 and 200 became {}",
            response.status()
        );
    }
    Ok(())
}

fn error(status: u16) -> String {
    format!(r#"{{"error":"token_{status}"}}"#)
}
