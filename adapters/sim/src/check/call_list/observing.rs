//! Checks of a list when it sends a request, takes a reply or receives an event.
use super::{CallList, Stage};
use crate::check::{invariant::Invariant, restarts, trace::Note};
use byourside_proto::{
    Machine, Monotonic,
    api::correlation_token,
    machine::{
        place_set::{Intent as Name, PlaceSet, PlaceSetOptions},
        wait_set::{WaitSet, WaitSetOptions},
    },
    webhook::Event,
};
use http::{Method, Request};
use serde_json::Value;
use std::time::Duration;

/// How many GETs for one call are allowed in a second.
const MAX_PER_SECOND: u32 = 5;
/// The shortest pause of a set after a 429.
const MIN_PAUSE_AFTER_429: Duration = Duration::from_millis(200);
/// A set is inspected after its 1st, 2nd, 4th, 8th, ... reply and after every reply whose number is a multiple of this.
const INSPECT_EVERY: u32 = 16;

impl CallList {
    pub(super) fn sent(&mut self, now: Monotonic, request: &Request<Vec<u8>>) {
        let history = &mut self.history;
        history.trace.note(
            now,
            Note::Sent {
                post: request.method() == Method::POST,
            },
        );
        history.sends.push_back(now);
        while history
            .sends
            .front()
            .is_some_and(|first| now.since(*first) >= Duration::from_secs(1))
        {
            history.sends.pop_front();
        }
        let usual = history.wait == WaitSetOptions::default() && history.place == PlaceSetOptions::default();
        if usual
            && history
                .limited
                .is_some_and(|limited| now.since(limited) < MIN_PAUSE_AFTER_429)
        {
            history
                .checks
                .breaks(Invariant::Pace, "a set takes no pause after a 429");
        }
        let record = request.uri().path();
        if usual && !record.ends_with("/calls") {
            let (since, count) = history.asked.entry(record.to_owned()).or_insert((now, 0));
            if now.since(*since) >= Duration::from_secs(1) {
                (*since, *count) = (now, 0);
            }
            *count += 1;
            if *count > MAX_PER_SECOND {
                history.checks.breaks(
                    Invariant::Hurry,
                    "a set asks for one call more than five times within a second",
                );
            }
        }
        if history.sends.len() > 100 {
            history.checks.breaks(
                Invariant::Pace,
                format!("a set sends {} requests within a second", history.sends.len()),
            );
        }
        history.posting = Name::of(request).map(|name| name.as_str().to_owned());
        let row = Name::of(request).and_then(|name| history.rows.get(name.as_str()));
        let call = row
            .or_else(|| history.rows.values().next())
            .map(|row| row.intent.call.clone());
        if let Some(call) = call {
            history.dirty_checks.note_request(&call, request);
        }
    }

    pub(super) fn inspect(&mut self, now: Monotonic) {
        let history = &mut self.history;
        history.replies += 1;
        if !history.replies.is_power_of_two() && !history.replies.is_multiple_of(INSPECT_EVERY) {
            return;
        }
        let clock = history.dirty_checks.machine_time(now);
        let snapshot = match &self.stage {
            Stage::Scheduled => return,
            Stage::Placing(set) => set.snapshot(clock),
            Stage::Waiting(set) => set.snapshot(clock),
        };
        let read = match restarts::round_trip(&snapshot) {
            Ok(read) => read,
            Err((invariant, what)) => return history.checks.breaks(invariant, what),
        };
        let restored = match &self.stage {
            Stage::Placing(_) => PlaceSet::restore(history.api.clone(), read, clock).is_ok(),
            _ => WaitSet::restore(history.api.clone(), read, clock).is_ok(),
        };
        if !restored {
            history
                .checks
                .breaks(Invariant::Restored, "a set cannot be restored from what it wrote down");
        }
        if history.extreme_snapshot
            && let Stage::Waiting(_) = &self.stage
        {
            let mut value = serde_json::to_value(&snapshot).unwrap_or_default();
            value["state"]["requests"] = Value::from(u64::MAX);
            let extreme = serde_json::from_value(value).ok();
            if let Some(Ok(mut set)) = extreme.map(|read| WaitSet::restore(history.api.clone(), read, clock)) {
                let before = set.requests();
                let later = clock.after(Duration::from_secs(3600));
                let _ = set.poll(later);
                if set.requests() < before {
                    history
                        .checks
                        .breaks(Invariant::Total, "a set's count of requests goes back");
                }
            }
        }
    }

    pub(super) fn take_event(&mut self, now: Monotonic, event: &Event, delivery: &Request<Vec<u8>>) {
        let history = &mut self.history;
        history.dirty_checks.seen_before(delivery.body());
        let new = event.event_id().is_none_or(|id| history.seen.first_time(id));
        if !new {
            return;
        }
        let kind = event.kind().clone();
        history.trace.note(now, Note::Event { kind, own: true });
        let clock = history.dirty_checks.machine_time(now);
        match &mut self.stage {
            Stage::Scheduled => {}
            Stage::Placing(set) => {
                set.on_event(clock, event, correlation_token(delivery.uri()));
            }
            Stage::Waiting(set) => set.on_event(clock, event),
        }
    }
}
