//! An adapter with one flaw fails the checks for that flaw, and no others.
#[path = "../examples/plain-socket/plain_socket/mod.rs"]
mod plain_socket;

use byourside_conformance::{Blocking, Setup, Subject};
use byourside_proto::{Monotonic, TransportFailure, client::blocking::Transport, machine::Sent};
use http::{Method, Request, Response};
use plain_socket::PlainSocket;
use std::{sync::Arc, time::Duration};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Flaw {
    FollowsRedirects,
    RetriesPost,
    DropsRetryAfter,
    UnboundedBody,
    ClaimsNotSent,
    IsLate,
    ErrorsOnStatus,
    NeverReuses,
}

struct Flawed {
    flaw: Flaw,
    setup: Setup,
    correct: PlainSocket,
}

impl Flawed {
    fn new(flaw: Flaw, setup: &Setup) -> Self {
        let mut setup = setup.clone();
        if flaw == Flaw::UnboundedBody {
            setup.max_body = usize::MAX;
        }
        let correct = PlainSocket::new(&setup);
        Self { flaw, setup, correct }
    }

    fn follow(&self, request: Request<Vec<u8>>, response: &Response<Vec<u8>>) -> Option<Request<Vec<u8>>> {
        let location = response.headers().get("location")?.to_str().ok()?;
        let mut parts = request.uri().clone().into_parts();
        let target = location.parse::<http::Uri>().ok()?.into_parts();
        parts.path_and_query = target.path_and_query;
        parts.authority = target.authority.or(parts.authority);
        let mut next = request;
        *next.uri_mut() = http::Uri::from_parts(parts).ok()?;
        Some(next)
    }
}

impl Transport for Flawed {
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let timeout = match self.flaw {
            Flaw::IsLate => timeout + Duration::from_secs(3),
            _ => timeout,
        };
        if self.flaw == Flaw::NeverReuses {
            return PlainSocket::new(&self.setup).send(request, timeout);
        }
        let post = request.method() == Method::POST;
        let sent = self.correct.send(request.clone(), timeout);
        match (self.flaw, sent) {
            (Flaw::FollowsRedirects, Ok(response)) if response.status().is_redirection() => {
                match self.follow(request, &response) {
                    Some(next) => self.correct.send(next, timeout),
                    None => Ok(response),
                }
            }
            (Flaw::RetriesPost, Ok(response)) if post && response.status().is_server_error() => {
                self.correct.send(request, timeout)
            }
            (Flaw::RetriesPost, Err(failure)) if post && failure.sent() == Sent::Maybe => {
                self.correct.send(request, timeout)
            }
            (Flaw::DropsRetryAfter, Ok(mut response)) => {
                response.headers_mut().remove("retry-after");
                Ok(response)
            }
            (Flaw::ClaimsNotSent, Err(failure)) if !failure.is_timeout() => Err(TransportFailure::not_sent(failure)),
            (Flaw::ErrorsOnStatus, Ok(response)) if !response.status().is_success() => {
                Err(TransportFailure::maybe_sent(response.status()))
            }
            (_, sent) => sent,
        }
    }

    fn sleep(&self, duration: Duration) {
        self.correct.sleep(duration);
    }

    fn now(&self) -> Monotonic {
        self.correct.now()
    }

    fn seed(&self) -> u64 {
        self.correct.seed()
    }
}

const FLAWS: [(Flaw, &[&str]); 8] = [
    (
        Flaw::FollowsRedirects,
        &[
            "redirects are not followed",
            "the key goes to no other origin",
            "no answer causes a second POST",
        ],
    ),
    (
        Flaw::RetriesPost,
        &["no fault causes a second POST", "no answer causes a second POST"],
    ),
    (Flaw::DropsRetryAfter, &["Retry-After is passed on in both forms"]),
    (
        Flaw::UnboundedBody,
        &["an oversized body is refused", "a body that never ends is refused"],
    ),
    (
        Flaw::ClaimsNotSent,
        &[
            "an oversized body is refused",
            "a truncated body is a failure",
            "an invalid content-length is a failure",
            "headers that never end are refused",
            "an answer that is not HTTP is a failure",
            "every fault is reported correctly as sent or not sent",
            "no fault causes a second POST",
        ],
    ),
    (
        Flaw::IsLate,
        &[
            "a silent server times out on time",
            "dripping headers time out on time",
            "a dripping body times out on time",
            "a connection that is not established times out on time",
            "every fault is reported correctly as sent or not sent",
            "TLS: a stalled handshake times out on time",
            "a wait ends on time",
        ],
    ),
    (
        Flaw::ErrorsOnStatus,
        &[
            "every 4xx and 5xx is an answer",
            "Retry-After is passed on in both forms",
            "redirects are not followed",
            "bodies that are not JSON are passed on",
            "empty bodies are passed on",
            "a wait outlives transient failures",
        ],
    ),
    (
        Flaw::NeverReuses,
        &["connections are reused", "TLS: a trusted authority is accepted"],
    ),
];

#[test]
fn flawed_adapters_fail_exactly_the_checks_for_their_flaw() {
    let subject = |(flaw, _)| -> Arc<dyn Subject> {
        Arc::new(Blocking::new(format!("{flaw:?}"), move |setup| {
            Flawed::new(flaw, setup)
        }))
    };
    let report = byourside_conformance::run(&FLAWS.map(subject));
    println!("{report}");
    assert!(!report.passed());
    for (flaw, checks) in FLAWS {
        assert_eq!(report.failed(&format!("{flaw:?}")), checks, "{flaw:?}");
    }
}
