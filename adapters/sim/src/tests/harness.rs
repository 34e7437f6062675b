//! Helpers of the service's tests.
use crate::{Answer, DeliveryOptions, DeliveryOutcome, Service, ServiceOptions};
use byourside_proto::{
    Api, Monotonic, UnixTime,
    webhook::{Refusal, SIGNATURE_HEADER, Verifier, WebhookSecret},
};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const KEY: &str = "bys_ak_test";
pub(crate) const CALLS: &str = "/v1/agent/calls";

pub(crate) fn api() -> Api {
    Api::with_key(KEY).unwrap()
}

pub(crate) fn at(seconds: u64) -> Monotonic {
    Monotonic::new(Duration::from_secs(seconds))
}

pub(crate) fn ask(service: &mut Service, now: Monotonic, key: &str, request: (&str, &str, &str)) -> Answer {
    let (method, uri, body) = request;
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("authorization", format!("Bearer {key}"))
        .body(body)
        .unwrap();
    service.handle(now, &request)
}

pub(crate) fn response(answer: Answer) -> Response<Vec<u8>> {
    match answer {
        Answer::Response(response) => response,
        Answer::Lost => panic!("the answer is lost"),
    }
}

pub(crate) fn json_of(answer: Answer) -> (u16, Value) {
    let response = response(answer);
    assert_eq!(response.headers()["content-type"], "application/json");
    (
        response.status().as_u16(),
        serde_json::from_slice(response.body()).unwrap(),
    )
}

pub(crate) fn place(service: &mut Service, now: Monotonic, to: &str) -> Answer {
    let body = json!({"to": to, "objective": "Ask."});
    ask(service, now, KEY, ("POST", CALLS, &format!("{body}")))
}

/// Places a call that must be accepted, and returns its id.
pub(crate) fn placed(service: &mut Service, now: Monotonic, to: &str) -> String {
    let (status, body) = json_of(place(service, now, to));
    assert_eq!((status, &body["status"]), (202, &json!("queued")), "{to}");
    body["callId"].as_str().unwrap().into()
}

/// The record at `now`, which must be readable.
pub(crate) fn record(service: &mut Service, now: Monotonic, id: &str) -> Value {
    let (status, body) = json_of(ask(service, now, KEY, ("GET", &format!("{CALLS}/{id}"), "")));
    assert_eq!(status, StatusCode::OK.as_u16());
    body
}

/// A service that has placed one call with a webhook to each of these numbers, all at time 0.
pub(crate) fn service_with_webhooks(deliveries: DeliveryOptions, numbers: &[&str]) -> Service {
    let options = ServiceOptions {
        deliveries,
        ..ServiceOptions::default()
    };
    let mut service = Service::with_options(7, options);
    for to in numbers {
        let body = json!({"to": to, "objective": "Ask.", "webhookUrl": "https://example.com/hook?a=b"});
        let answer = ask(&mut service, at(0), KEY, ("POST", CALLS, &format!("{body}")));
        assert_eq!(response(answer).status(), 202);
    }
    service
}

/// A delivery as it arrives.
pub(crate) struct Arrival {
    pub(crate) at: Monotonic,
    pub(crate) request: Request<Vec<u8>>,
    pub(crate) attempt: u32,
    pub(crate) body: Value,
}

impl Arrival {
    pub(crate) fn event(&self) -> &str {
        self.body["event"].as_str().unwrap()
    }

    pub(crate) fn signed_at(&self) -> Result<i64, Refusal> {
        let verifier = Verifier::new(WebhookSecret::new("whsec_simulated").unwrap());
        let received = UnixTime::new(1_767_225_600 + i64::try_from(self.at.since_origin().as_secs()).unwrap());
        let header = self.request.headers()[SIGNATURE_HEADER].to_str().unwrap();
        let delivery = verifier.verify(header, self.request.body(), received)?;
        Ok(delivery.signed_at().seconds())
    }
}

/// Delivers all events of the service, with this outcome for each arrival.
pub(crate) fn deliver(service: &mut Service, mut outcome: impl FnMut(&Arrival) -> DeliveryOutcome) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    // Far more wake-ups than any test needs.
    for _ in 0..10_000 {
        let Some(now) = service.next_wake() else {
            return arrivals;
        };
        while let Some((request, ticket)) = service.poll_delivery(now) {
            let arrival = Arrival {
                at: now,
                attempt: ticket.attempt(),
                body: serde_json::from_slice(request.body()).unwrap(),
                request,
            };
            assert_eq!(arrival.event(), ticket.event());
            assert_eq!(arrival.body["eventId"], json!(ticket.event_id()));
            assert_eq!(arrival.body["callId"], json!(ticket.call_id().as_str()));
            service.delivered(now, ticket, outcome(&arrival));
            arrivals.push(arrival);
        }
        assert!(service.next_wake().is_none_or(|wake| wake > now), "time moves on");
    }
    panic!("the deliveries never end");
}

pub(crate) fn taken(_: &Arrival) -> DeliveryOutcome {
    DeliveryOutcome::Answered(StatusCode::NO_CONTENT)
}
