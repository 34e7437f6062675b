//! A service with some calls, and requests to it under faults.
use super::super::harness::{CALLS, KEY, at, response};
use crate::{
    Dirt, Fault, Service, Site, Target,
    dirt::{self, ActiveFaults, InjectedDelivery, injected_deliveries},
};
use byourside_proto::Monotonic;
use http::{Request, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// When the calls of a [`Bench`] have ended.
pub(super) const LATER: u64 = 2000;
/// An objective that every fault of the echo changes.
pub(super) const OBJECTIVE: &str = " Ask L\u{e9}a & 'Bo' for <5> \u{fb01}les at 12:30.\n";
pub(super) const NUMBER: &str = "+4407911123456";

/// This fault with this parameter, and no other.
pub(super) fn only(fault: Fault, parameter: u64) -> ActiveFaults {
    let site = Site::post(0, 1);
    Dirt::scripted()
        .with(site, fault, parameter)
        .at(Monotonic::ORIGIN, site)
}

pub(super) fn clean() -> ActiveFaults {
    ActiveFaults::default()
}

pub(super) fn post(to: &str, objective: &str) -> Request<Vec<u8>> {
    let body = json!({"to": to, "objective": objective, "webhookUrl": "https://hooks.example.com/0"});
    request("POST", CALLS, body.to_string())
}

pub(super) fn get(id: &str) -> Request<Vec<u8>> {
    request("GET", &format!("{CALLS}/{id}"), String::new())
}

pub(super) fn list() -> Request<Vec<u8>> {
    request("GET", CALLS, String::new())
}

fn request(method: &str, uri: &str, body: String) -> Request<Vec<u8>> {
    Request::builder()
        .method(method)
        .uri(uri)
        .header("authorization", format!("Bearer {KEY}"))
        .body(body.into_bytes())
        .unwrap()
}

pub(super) fn json_in(response: &Response<Vec<u8>>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// The entries of a list, or the part of them that is asked for.
pub(super) fn entries(response: &Response<Vec<u8>>, member: &str) -> Vec<Value> {
    let list = json_in(response);
    let entries = list["calls"].as_array().unwrap();
    entries.iter().map(|entry| entry[member].clone()).collect()
}

/// A service with calls of one account, placed a second apart from second 1000 on: call 0 with the text `Call 0.`, ...
pub(super) struct Fixture {
    pub(super) service: Service,
    pub(super) ids: Vec<String>,
}

impl Fixture {
    pub(super) fn with_calls(calls: u64) -> Self {
        let mut fixture = Self {
            service: Service::new(7),
            ids: Vec::new(),
        };
        for number in 0..calls {
            let order = post(&format!("+1415556{number:04}"), &format!("Call {number}."));
            fixture.place(1000 + number, &order, &clean());
        }
        fixture
    }

    /// Sends a request at this second.
    pub(super) fn ask(&mut self, second: u64, request: &Request<Vec<u8>>, active: &ActiveFaults) -> Response<Vec<u8>> {
        response(dirt::handle(&mut self.service, at(second), request, active))
    }

    /// Places a call, and remembers its id.
    pub(super) fn place(&mut self, second: u64, order: &Request<Vec<u8>>, active: &ActiveFaults) -> Response<Vec<u8>> {
        let response = self.ask(second, order, active);
        let id = self.service.calls().last().map(|call| call.id().as_str().to_owned());
        self.ids.extend(id);
        response
    }

    /// The record of this call after its end.
    pub(super) fn record(&mut self, call: usize, active: &ActiveFaults) -> Response<Vec<u8>> {
        let request = get(&self.ids[call]);
        self.ask(LATER, &request, active)
    }

    pub(super) fn list(&mut self, active: &ActiveFaults) -> Response<Vec<u8>> {
        self.ask(LATER, &list(), active)
    }

    /// The deliveries for the events of the call that was placed last, in order.
    pub(super) fn events(&mut self, active: &ActiveFaults) -> Vec<Vec<InjectedDelivery>> {
        let mut events = Vec::new();
        // Far more than there are events.
        for _ in 0..1000 {
            let Some((request, ticket)) = self.service.poll_delivery(at(LATER)) else {
                return events;
            };
            if Some(ticket.call_id().as_str()) == self.ids.last().map(String::as_str) {
                events.push(injected_deliveries(
                    request.body(),
                    self.service.call_of_ticket(&ticket),
                    active,
                ));
            }
        }
        panic!("the events never end");
    }

    /// The terminal event of the call that was placed last.
    pub(super) fn last_event(&mut self, active: &ActiveFaults) -> Vec<u8> {
        let deliveries = self.events(active).pop().unwrap();
        deliveries.into_iter().find(|delivery| delivery.awaited).unwrap().body
    }
}

/// The answer to each kind of request, and an event, under these faults, in a service with four calls.
pub(super) fn answers(active: &ActiveFaults) -> BTreeMap<Target, Response<Vec<u8>>> {
    let mut fixture = Fixture::with_calls(3);
    let post = fixture.place(1003, &post(NUMBER, OBJECTIVE), active);
    let get = fixture.record(3, active);
    let list = fixture.list(active);
    let event = Response::new(fixture.last_event(active));
    BTreeMap::from([
        (Target::Post, post),
        (Target::Get, get),
        (Target::List, list),
        (Target::Event, event),
    ])
}

/// Expects that this holds at each target of a fault, and at none without the fault.
#[track_caller]
pub(super) fn expect_at_each_target(fault: Fault, parameter: u64, holds: impl Fn(&[u8]) -> bool) {
    let (without, with) = (answers(&clean()), answers(&only(fault, parameter)));
    for target in fault.targets() {
        assert!(!holds(without[target].body()), "{target:?} without it");
        let body = with[target].body();
        assert!(holds(body), "{target:?}: {}", String::from_utf8_lossy(body));
    }
}

pub(super) fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}
