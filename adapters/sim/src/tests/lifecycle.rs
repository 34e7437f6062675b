//! A program that places a call and waits for its end.
use super::harness::api;
use crate::Program;
use byourside_proto::{
    Action, CallId, Machine, Monotonic, PlaceCall, Status, UnixTime,
    machine::{
        Reply,
        place::{PlaceOptions, Placement, Placer},
        wait::{CallWaiter, WaitFailure, WaitOptions},
    },
    webhook::{Deduplicator, SIGNATURE_HEADER, Verifier, WebhookSecret},
};
use http::{Request, StatusCode};
use std::collections::BTreeMap;
use std::time::Duration;

/// How one call ended for its program.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    NotPlaced,
    Unknown,
    Ended(Status),
    TimedOut,
    GaveUp,
    Refused,
}

/// Places a call, and waits for its end by GETs and by events.
pub(crate) struct Lifecycle {
    stage: Stage,
    verifier: Verifier,
    seen: Deduplicator,
    events: BTreeMap<String, Status>,
    refused: u32,
}

#[expect(clippy::large_enum_variant, reason = "there are few of them in a test")]
enum Stage {
    Placing(Placer),
    Waiting(String, CallWaiter),
    Done(End),
}

impl Lifecycle {
    pub(crate) fn new(call: PlaceCall, now: Monotonic) -> Self {
        Self {
            stage: Stage::Placing(Placer::new(api(), call, PlaceOptions::default(), now)),
            verifier: Verifier::new(WebhookSecret::new("whsec_simulated").unwrap()),
            seen: Deduplicator::new(10),
            events: BTreeMap::new(),
            refused: 0,
        }
    }

    fn placed(&mut self, now: Monotonic, placement: &Placement) -> Stage {
        match placement {
            Placement::NotPlaced(_) => Stage::Done(End::NotPlaced),
            Placement::Unknown(_) => Stage::Done(End::Unknown),
            Placement::Placed(call) => {
                let id = call.id().unwrap();
                let waiter = CallWaiter::new(api(), CallId::new(id).unwrap(), WaitOptions::default(), now);
                Stage::Waiting(id.into(), waiter)
            }
        }
    }
}

impl Machine for Lifecycle {
    type Output = End;

    fn poll(&mut self, now: Monotonic) -> Action<End> {
        if let Stage::Placing(placer) = &mut self.stage {
            match placer.poll(now) {
                Action::Send(request, slot) => return Action::Send(request, slot),
                Action::Sleep(duration) => return Action::Sleep(duration),
                Action::Done(placement) => self.stage = self.placed(now, &placement),
            }
        }
        if let Stage::Waiting(id, waiter) = &mut self.stage {
            let end = match self.events.get(id) {
                Some(status) => End::Ended(status.clone()),
                None => match waiter.poll(now) {
                    Action::Send(request, slot) => return Action::Send(request, slot),
                    Action::Sleep(duration) => return Action::Sleep(duration),
                    Action::Done(Ok(ended)) => End::Ended(ended.call.status().unwrap()),
                    Action::Done(Err(error)) => match error.failure {
                        WaitFailure::TimedOut => End::TimedOut,
                        WaitFailure::GaveUp(_) => End::GaveUp,
                        _ => End::Refused,
                    },
                },
            };
            self.stage = Stage::Done(end);
        }
        match &self.stage {
            Stage::Done(end) => Action::Done(end.clone()),
            Stage::Placing(_) | Stage::Waiting(..) => Action::Sleep(Duration::from_secs(1)),
        }
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        match &mut self.stage {
            Stage::Placing(placer) => placer.handle(now, reply),
            Stage::Waiting(_, waiter) => waiter.handle(now, reply),
            Stage::Done(_) => {}
        }
    }

    fn next_wake(&self) -> Option<Monotonic> {
        match &self.stage {
            Stage::Placing(placer) => placer.next_wake(),
            Stage::Waiting(_, waiter) => waiter.next_wake(),
            Stage::Done(_) => None,
        }
    }
}

impl Program for Lifecycle {
    fn receive(&mut self, _now: Monotonic, received: UnixTime, delivery: &Request<Vec<u8>>) -> StatusCode {
        let header = delivery.headers()[SIGNATURE_HEADER].to_str().unwrap();
        let Ok(verified) = self.verifier.verify(header, delivery.body(), received) else {
            self.refused += 1;
            return StatusCode::BAD_REQUEST;
        };
        let event = verified.event().unwrap();
        if self.seen.first_time(event.event_id().unwrap()) && event.is_terminal() {
            let status = event.kind().status().unwrap();
            self.events.insert(event.call_id().unwrap().into(), status);
        }
        StatusCode::OK
    }
}
