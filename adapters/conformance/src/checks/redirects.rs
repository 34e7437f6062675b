//! A redirect is an answer. A client that follows it takes the key along.
use super::probe::{KEY, Probe};
use crate::{
    Subject,
    check::{Outcome, ensure},
    server::{Server, answer, json},
};

const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

pub(super) fn not_followed(subject: &dyn Subject) -> Outcome {
    let server = Server::start(|request| {
        let status = REDIRECTS[request.nth / 2 % REDIRECTS.len()];
        answer(status, &[("location", "/v1/agent/calls/elsewhere")], b"gone")
    })?;
    let probe = Probe::new(subject, &server.url())?;
    for (nth, status) in REDIRECTS.into_iter().enumerate() {
        for response in [probe.get()?, probe.post()?] {
            ensure!(response.status() == status, "{status} became {}", response.status());
            let body = String::from_utf8_lossy(response.body());
            ensure!(body == "gone", "the body of {status} became {body:?}");
            let location = response.headers().contains_key("location");
            ensure!(location, "{status} lost its Location");
        }
        let seen = server.log().requests().len();
        ensure!(
            seen == 2 * (nth + 1),
            "{status}: the server received {seen} requests, not {}",
            2 * (nth + 1)
        );
    }
    Ok(())
}

pub(super) fn key_stays(subject: &dyn Subject) -> Outcome {
    for status in REDIRECTS {
        let other = Server::start(|_| json(r#"{"id":"c1","callId":"c1","status":"completed"}"#))?;
        let location = format!("{}/v1/agent/calls/c1", other.url());
        let server = Server::start(move |_| answer(status, &[("location", &location)], b""))?;
        let probe = Probe::new(subject, &server.url())?;
        // Another check is about the answers; this one is about where the requests went.
        let _ = (probe.get(), probe.post());
        let requests = other.log().requests();
        let keyed = requests.iter().any(|request| {
            let authorization = request.header("authorization");
            authorization.is_some_and(|value| value.contains(KEY))
        });
        ensure!(!keyed, "{status}: another origin received the key");
        ensure!(requests.is_empty(), "{status}: another origin received a request");
    }
    Ok(())
}
