//! A lifecycle as a program of a simulation.
use super::Lifecycle;
use crate::check::{invariant::Invariant, stages::Stage, trace::Note};
use crate::{Program, Received};
use byourside_proto::{
    CallId, Monotonic, UnixTime,
    api::correlation_token,
    machine::wait::EventEffect,
    webhook::{Event, SIGNATURE_HEADER},
};
use http::{Request, StatusCode};
use serde_json::Value;
use std::time::Duration;

impl Program for Lifecycle {
    fn away(&mut self, now: Monotonic, duration: Duration, clock_stands_still: bool) {
        let history = &mut self.history;
        if let Some(dirty_checks) = history.dirty_checks.as_mut().filter(|_| clock_stands_still) {
            dirty_checks.suspended(duration);
            history.checks.postpone(duration);
        }
        history.checks.process_down(now, duration);
    }

    fn crash(&mut self, now: Monotonic, pause: Duration) {
        self.end_process(now, pause);
    }

    fn receive(&mut self, now: Monotonic, received: UnixTime, delivery: &Request<Vec<u8>>) -> StatusCode {
        if let Stage::Stopped(_) = self.stage {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        let header = delivery
            .headers()
            .get(SIGNATURE_HEADER)
            .and_then(|value| value.to_str().ok());
        let verified = self
            .shared
            .verifier
            .verify(header.unwrap_or_default(), delivery.body(), received);
        let Ok(verified) = verified else {
            return StatusCode::BAD_REQUEST;
        };
        let Ok(event) = verified.event() else {
            if self.history.dirty_checks.is_some() {
                let what = "an event that is signed and that the official client reads is not read";
                self.history.checks.breaks(Invariant::Read, what);
            }
            return StatusCode::BAD_REQUEST;
        };
        if self.history.dirty_checks.is_some() {
            return self.take_event(now, &event, delivery);
        }
        let Some(id) = event.event_id() else {
            return StatusCode::BAD_REQUEST;
        };
        let new = self.seen.first_time(id);
        self.history.checks.event(id, new);
        self.history.events += 1;
        if !new {
            self.history.repeated += 1;
            self.history.trace.note(now, Note::Repeated);
            return StatusCode::NO_CONTENT;
        }
        let own = self.history.id.as_ref().map(CallId::as_str) == event.call_id();
        let kind = event.kind().clone();
        self.history.trace.note(now, Note::Event { kind, own });
        let seen_bodies = self.stage.on_event(now, &event, correlation_token(delivery.uri()));
        if let (EventEffect::Ended, Some(status)) = (seen_bodies, event.kind().status()) {
            self.history.checks.status(&status);
        }
        self.check_status();
        StatusCode::NO_CONTENT
    }

    fn observe(&mut self, now: Monotonic, received: &Received) {
        self.history.trace.received(now, received);
        self.history.checks.received(received);
        let history = &mut self.history;
        if let Some(dirty_checks) = &mut history.dirty_checks {
            dirty_checks.observed(&mut history.checks, &history.intent.call, received);
        }
    }
}

impl Lifecycle {
    /// Handles an event as the example receivers do: an event with an id is handed on once.
    fn take_event(&mut self, now: Monotonic, event: &Event, delivery: &Request<Vec<u8>>) -> StatusCode {
        let clock = self.clock(now);
        let history = &mut self.history;
        let Some(dirty_checks) = &mut history.dirty_checks else {
            return StatusCode::INTERNAL_SERVER_ERROR;
        };
        let again = dirty_checks.seen_before(delivery.body());
        dirty_checks.has_learnt = true;
        let new = event.event_id().is_none_or(|id| self.seen.first_time(id));
        let shared = event.event_id() == Some("shared");
        let numeric = event.raw().get("eventId").is_some_and(Value::is_number);
        history.events += 1;
        if again && new && numeric {
            history
                .checks
                .breaks(Invariant::EventOnce, "an event whose id is a number is told twice");
        }
        if !again && !new && !shared {
            history
                .checks
                .breaks(Invariant::EventOnce, "an event is taken for another one and dropped");
        }
        if !new {
            history.repeated += 1;
            history.trace.note(now, Note::Repeated);
            return StatusCode::NO_CONTENT;
        }
        let own = history.id.as_ref().map(CallId::as_str) == event.call_id();
        let kind = event.kind().clone();
        history.trace.note(now, Note::Event { kind, own });
        self.stage.on_event(clock, event, correlation_token(delivery.uri()));
        self.inspect(now);
        StatusCode::NO_CONTENT
    }

    pub(super) fn inspect(&mut self, now: Monotonic) {
        let history = &mut self.history;
        if let Some(dirty_checks) = &history.dirty_checks {
            dirty_checks.inspect(&mut history.checks, &history.intent, &self.stage, now);
        }
    }
}
