//! The list as a machine, and as a program of a simulation.
use super::{CallList, ListHistory, Stage};
use crate::check::{
    checks::Checks, dirty_checks::DirtyChecks, invariant::Invariant, restarts, states::State, trace::Trace,
};
use crate::{Program, Received};
use byourside_proto::{
    Action, Machine, Monotonic, UnixTime,
    machine::{Reply, place_set::PlaceSet, wait_set::WaitSet},
    webhook::{Deduplicator, SIGNATURE_HEADER},
};
use http::{Request, StatusCode};
use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    time::Duration,
};

/// How long a set may go on placing if no answer has ever arrived. A single call gives up after some seconds.
const MAX_SILENCE: Duration = Duration::from_secs(60);

impl Machine for CallList {
    type Output = Box<ListHistory>;

    fn poll(&mut self, now: Monotonic) -> Action<Box<ListHistory>> {
        loop {
            let clock = self.history.dirty_checks.machine_time(now);
            let action = match &mut self.stage {
                Stage::Scheduled if now < self.history.begins => return Action::Sleep(self.history.begins.since(now)),
                Stage::Scheduled => {
                    self.begin(now);
                    continue;
                }
                Stage::Placing(set) => {
                    self.history.dirty_checks.count_state(State::PlaceSetRuns);
                    set.poll(clock)
                }
                Stage::Waiting(set) => {
                    self.history.dirty_checks.count_state(State::WaitSetRuns);
                    set.poll(clock)
                }
            };
            self.collect_placements();
            self.collect_ends();
            match action {
                Action::Send(request, slot) => {
                    self.sent(now, &request);
                    return Action::Send(request, slot);
                }
                Action::Sleep(duration) => return Action::Sleep(duration),
                Action::Done(()) if matches!(self.stage, Stage::Placing(_)) => self.wait(now),
                Action::Done(()) => {
                    let gone = ListHistory {
                        rows: BTreeMap::new(),
                        checks: Checks::new(self.history.checks.limits()),
                        trace: Trace::default(),
                        dirty_checks: DirtyChecks::new(Duration::ZERO, None),
                        api: self.history.api.clone(),
                        sends: VecDeque::new(),
                        asked: BTreeMap::new(),
                        posting: None,
                        seen: Deduplicator::new(1),
                        verifier: self.history.verifier.clone(),
                        ..*self.history
                    };
                    return Action::Done(mem::replace(&mut self.history, Box::new(gone)));
                }
            }
        }
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        let clock = self.history.dirty_checks.machine_time(now);
        match &mut self.stage {
            Stage::Scheduled => {}
            Stage::Placing(set) => set.handle(clock, reply),
            Stage::Waiting(set) => set.handle(clock, reply),
        }
        self.collect_placements();
        self.collect_ends();
        self.inspect(now);
    }

    fn next_wake(&self) -> Option<Monotonic> {
        None
    }
}

impl Program for CallList {
    fn receive(&mut self, now: Monotonic, received: UnixTime, delivery: &Request<Vec<u8>>) -> StatusCode {
        let header = delivery
            .headers()
            .get(SIGNATURE_HEADER)
            .and_then(|value| value.to_str().ok());
        let verified = self
            .history
            .verifier
            .verify(header.unwrap_or_default(), delivery.body(), received);
        let Some(event) = verified.ok().and_then(|verified| verified.event().ok()) else {
            return StatusCode::BAD_REQUEST;
        };
        self.take_event(now, &event, delivery);
        StatusCode::NO_CONTENT
    }

    /// Saves the set, and another process continues with it at once. Answers to requests in flight are lost.
    fn crash(&mut self, now: Monotonic, _pause: Duration) {
        let history = &mut self.history;
        let clock = history.dirty_checks.machine_time(now);
        let api = history.api.clone();
        let snapshot = match &self.stage {
            Stage::Scheduled => return,
            Stage::Placing(set) => set.snapshot(clock),
            Stage::Waiting(set) => set.snapshot(clock),
        };
        let restored = restarts::round_trip(&snapshot).and_then(|read| {
            let stage = match &self.stage {
                Stage::Waiting(_) => WaitSet::restore(api, read, clock).map(|set| Stage::Waiting(Box::new(set))),
                _ => PlaceSet::restore(api, read, clock).map(|set| Stage::Placing(Box::new(set))),
            };
            stage.map_err(|error| (Invariant::Restored, error.to_string()))
        });
        match restored {
            Ok(stage) => self.stage = stage,
            Err((invariant, what)) => history.checks.breaks(invariant, what),
        }
    }

    fn away(&mut self, now: Monotonic, duration: Duration, clock_stands_still: bool) {
        let history = &mut self.history;
        if clock_stands_still {
            history.dirty_checks.suspended(duration);
            history.checks.postpone(duration);
        }
        history.checks.process_down(now, duration);
        history.was_away = true;
    }

    fn observe(&mut self, now: Monotonic, received: &Received) {
        let history = &mut self.history;
        history.trace.received(now, received);
        if matches!(received, Received::Response(response) if response.status() == StatusCode::TOO_MANY_REQUESTS) {
            history.limited = Some(now);
        }
        history.answered |= matches!(received, Received::Response(_));
        let placing = matches!(self.stage, Stage::Placing(_));
        if placing && !history.answered && !history.was_away && now.since(history.begins) > MAX_SILENCE {
            history.checks.breaks(
                Invariant::Ends,
                "nothing has ever answered a set, and it goes on without a word",
            );
        }
        if !placing
            && let Some(id) = history.dirty_checks.record_read(received)
            && let Some(row) = history.rows.values_mut().find(|row| row.id.as_ref() == Some(&id))
        {
            row.has_record = true;
        }
    }
}
