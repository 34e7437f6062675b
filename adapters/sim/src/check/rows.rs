//! A list of calls that is placed and waited for as a set.
use super::{
    checks::Checks,
    intent::{Intent, Wanted},
    invariant::Invariant,
    restarts,
    scrutiny::{Meter, Scrutiny},
    stages::Limits,
    states::State,
    trace::{Note, Trace},
};
use crate::{Program, Received};
use byourside_proto::{
    Action, Api, CallId, Machine, Monotonic, Status, UnixTime,
    api::correlation_token,
    machine::{
        Reply,
        place::Placement,
        place_set::{Intent as Name, PlaceSet, PlaceSetOptions},
        wait::{FinishedCall, WaitError, WaitFailure},
        wait_set::{WaitSet, WaitSetOptions},
    },
    webhook::{Deduplicator, Event, SIGNATURE_HEADER, Verifier},
};
use http::{Method, Request, StatusCode};
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    time::Duration,
};

/// How long a set may go on placing while nothing has ever answered: a single call gives up after some seconds.
const PATIENCE: Duration = Duration::from_secs(60);
const SEEN: usize = 4096;
/// How often a set may ask for one call within a second.
const HURRY: u32 = 5;
/// A set rests for this long at least after it was told to slow down.
const BREAK: Duration = Duration::from_millis(200);
/// A set is inspected after its first replies, and then after every so manieth.
const INSPECTED: u32 = 16;

/// A row, and what became of it.
pub(super) struct Row {
    pub(super) wanted: Wanted,
    pub(super) id: Option<CallId>,
    pub(super) fate: Option<Fate>,
    has_record: bool,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    NotPlaced,
    Unknown,
    Ended(Status),
    TimedOut,
    Refused,
}

/// A list of calls.
pub(super) struct Rows {
    pub(super) life: Box<RowsLife>,
    stage: Stage,
}

/// Everything about a list but its machine.
pub(super) struct RowsLife {
    pub(super) number: u64,
    pub(super) rows: BTreeMap<String, Row>,
    pub(super) checks: Checks,
    pub(super) trace: Trace,
    pub(super) scrutiny: Scrutiny,
    api: Api,
    begins: Monotonic,
    pub(super) place: PlaceSetOptions,
    pub(super) wait: WaitSetOptions,
    /// Its snapshots are read back with their numbers at the extremes.
    pub(super) extreme_snapshot: bool,
    sends: VecDeque<Monotonic>,
    /// How often each record was asked for within a second, and since when.
    asked: BTreeMap<String, (Monotonic, u32)>,
    /// Something has answered, whatever it was.
    answered: bool,
    was_away: bool,
    /// The row whose POST has just left.
    pub(super) posting: Option<String>,
    /// It was told to slow down then.
    limited: Option<Monotonic>,
    replies: u32,
    seen: Deduplicator,
    verifier: Verifier,
}

enum Stage {
    Before,
    Placing(Box<PlaceSet>),
    Waiting(Box<WaitSet>),
}

impl Rows {
    pub(super) fn new(
        intent: &Intent,
        rows: BTreeMap<String, Wanted>,
        sets: (PlaceSetOptions, WaitSetOptions),
        verifier: Verifier,
        (origin, meter): (Duration, Option<Meter>),
        extreme_snapshot: bool,
    ) -> Self {
        let limits = Limits {
            last_request: None,
            over: intent.begins,
            grace: Duration::ZERO,
            max_retry_after: Duration::MAX,
        };
        let row = |(name, wanted)| {
            let row = Row {
                wanted,
                id: None,
                fate: None,
                has_record: false,
            };
            (name, row)
        };
        let life = RowsLife {
            number: intent.number,
            rows: rows.into_iter().map(row).collect(),
            checks: Checks::new(limits),
            trace: Trace::default(),
            scrutiny: Scrutiny::new(origin, meter),
            api: intent.api.clone(),
            begins: intent.begins,
            place: sets.0,
            wait: sets.1,
            extreme_snapshot,
            sends: VecDeque::new(),
            asked: BTreeMap::new(),
            answered: false,
            replies: 0,
            was_away: false,
            posting: None,
            limited: None,
            seen: Deduplicator::new(SEEN),
            verifier,
        };
        Self {
            life: Box::new(life),
            stage: Stage::Before,
        }
    }

    /// Whether it has a deadline: a set that places has none.
    pub(super) fn has_deadline(&self) -> bool {
        matches!(self.stage, Stage::Waiting(_))
    }

    fn begin(&mut self, now: Monotonic) {
        let life = &mut self.life;
        let clock = life.scrutiny.machine_time(now);
        let mut set = PlaceSet::new(life.api.clone(), life.place, clock);
        for (name, row) in &life.rows {
            set.add(Name::new(name), row.wanted.call.clone());
        }
        life.trace.note(now, Note::Began("to place its rows"));
        self.stage = Stage::Placing(Box::new(set));
    }

    /// What the set that places has found out.
    fn collect_placements(&mut self) {
        let Stage::Placing(set) = &mut self.stage else { return };
        while let Some((name, placement)) = set.take_result() {
            self.life.scrutiny.met(match &placement {
                Placement::Placed(_) => State::PlaceSetPlaced,
                Placement::NotPlaced(_) => State::PlaceSetNotPlaced,
                Placement::Unknown(_) => State::PlaceSetUnknown,
            });
            let Some(row) = self.life.rows.get_mut(name.as_str()) else {
                continue;
            };
            match placement {
                Placement::Placed(call) => row.id = call.call_id(),
                Placement::NotPlaced(_) => row.fate = Some(Fate::NotPlaced),
                Placement::Unknown(_) => row.fate = Some(Fate::Unknown),
            }
        }
    }

    fn wait(&mut self, now: Monotonic) {
        let life = &mut self.life;
        let clock = life.scrutiny.machine_time(now);
        let mut set = WaitSet::new(life.api.clone(), life.wait, clock);
        for row in life.rows.values().filter(|row| row.fate.is_none()) {
            if let Some(id) = &row.id {
                set.add(id, clock);
            }
        }
        life.sends.clear();
        life.trace.note(now, Note::Began("to wait for its rows"));
        life.checks.turn(Limits {
            last_request: None,
            over: now
                .after(life.wait.plan(life.rows.len()).duration)
                .after(Duration::from_secs(1)),
            grace: Duration::ZERO,
            max_retry_after: Duration::MAX,
        });
        self.stage = Stage::Waiting(Box::new(set));
    }

    fn collect_ends(&mut self) {
        let Stage::Waiting(set) = &mut self.stage else { return };
        let mut ends: Vec<(CallId, Result<FinishedCall, WaitError>)> = Vec::new();
        while let Some(end) = set.take_result() {
            ends.push(end);
        }
        for (id, end) in ends {
            let life = &mut self.life;
            let Some(row) = life
                .rows
                .values_mut()
                .find(|row| row.id.as_ref() == Some(&id) && row.fate.is_none())
            else {
                continue;
            };
            life.scrutiny.met(match &end {
                Ok(_) => State::WaitSetEnded,
                Err(error) if matches!(error.failure, WaitFailure::TimedOut) => State::WaitSetTimedOut,
                Err(_) => State::WaitSetRefused,
            });
            match end {
                Ok(ended) => {
                    if ended.call.call_id().as_ref() != Some(&id) {
                        life.checks.breaks(
                            Invariant::OwnCall,
                            "a wait of a set ended with the record of another call",
                        );
                    }
                    row.fate = ended.call.status().map(Fate::Ended);
                }
                Err(error) => {
                    if error.last.is_none() && row.has_record {
                        let what = "a wait of a set has read a record, and ends without one";
                        life.checks.breaks(Invariant::LastKept, what);
                    }
                    row.fate = Some(match error.failure {
                        WaitFailure::TimedOut => Fate::TimedOut,
                        _ => Fate::Refused,
                    });
                    if row.fate == Some(Fate::Refused) && life.wait == WaitSetOptions::default() {
                        let what = format!("a set's wait for a call that was placed was refused: {error}");
                        life.checks.breaks(Invariant::NotRefused, what);
                    }
                    life.scrutiny.told(
                        &mut life.checks,
                        &row.wanted.to,
                        &error.to_string(),
                        &format!("{error:?}"),
                    );
                }
            }
        }
    }

    fn sent(&mut self, now: Monotonic, request: &Request<Vec<u8>>) {
        let life = &mut self.life;
        life.trace.note(
            now,
            Note::Sent {
                post: request.method() == Method::POST,
            },
        );
        life.sends.push_back(now);
        while life
            .sends
            .front()
            .is_some_and(|first| now.since(*first) >= Duration::from_secs(1))
        {
            life.sends.pop_front();
        }
        let usual = life.wait == WaitSetOptions::default() && life.place == PlaceSetOptions::default();
        if usual && life.limited.is_some_and(|limited| now.since(limited) < BREAK) {
            life.checks.breaks(Invariant::Pace, "a set takes no pause after a 429");
        }
        let record = request.uri().path();
        if usual && !record.ends_with("/calls") {
            let (since, count) = life.asked.entry(record.to_owned()).or_insert((now, 0));
            if now.since(*since) >= Duration::from_secs(1) {
                (*since, *count) = (now, 0);
            }
            *count += 1;
            if *count > HURRY {
                life.checks.breaks(
                    Invariant::Hurry,
                    "a set asks for one call more than five times within a second",
                );
            }
        }
        if life.sends.len() > 100 {
            life.checks.breaks(
                Invariant::Pace,
                format!("a set sends {} requests within a second", life.sends.len()),
            );
        }
        life.posting = Name::of(request).map(|name| name.as_str().to_owned());
        let row = Name::of(request).and_then(|name| life.rows.get(name.as_str()));
        let call = row
            .or_else(|| life.rows.values().next())
            .map(|row| row.wanted.call.clone());
        if let Some(call) = call {
            life.scrutiny.asks(&call, request);
        }
    }

    fn inspect(&mut self, now: Monotonic) {
        let life = &mut self.life;
        life.replies += 1;
        if !life.replies.is_power_of_two() && !life.replies.is_multiple_of(INSPECTED) {
            return;
        }
        let clock = life.scrutiny.machine_time(now);
        let snapshot = match &self.stage {
            Stage::Before => return,
            Stage::Placing(set) => set.snapshot(clock),
            Stage::Waiting(set) => set.snapshot(clock),
        };
        let read = match restarts::written(&snapshot) {
            Ok(read) => read,
            Err((invariant, what)) => return life.checks.breaks(invariant, what),
        };
        let restored = match &self.stage {
            Stage::Placing(_) => PlaceSet::restore(life.api.clone(), read, clock).is_ok(),
            _ => WaitSet::restore(life.api.clone(), read, clock).is_ok(),
        };
        if !restored {
            life.checks
                .breaks(Invariant::Restored, "a set cannot be restored from what it wrote down");
        }
        if life.extreme_snapshot
            && let Stage::Waiting(_) = &self.stage
        {
            let mut value = serde_json::to_value(&snapshot).unwrap_or_default();
            value["state"]["requests"] = Value::from(u64::MAX);
            let extreme = serde_json::from_value(value).ok();
            if let Some(Ok(mut set)) = extreme.map(|read| WaitSet::restore(life.api.clone(), read, clock)) {
                let before = set.requests();
                let later = clock.after(Duration::from_secs(3600));
                let _ = set.poll(later);
                if set.requests() < before {
                    life.checks
                        .breaks(Invariant::Total, "a set's count of requests goes back");
                }
            }
        }
    }

    fn hear(&mut self, now: Monotonic, event: &Event, delivery: &Request<Vec<u8>>) {
        let life = &mut self.life;
        life.scrutiny.heard_before(delivery.body());
        let new = event.event_id().is_none_or(|id| life.seen.first_time(id));
        if !new {
            return;
        }
        let kind = event.kind().clone();
        life.trace.note(now, Note::Heard { kind, own: true });
        let clock = life.scrutiny.machine_time(now);
        match &mut self.stage {
            Stage::Before => {}
            Stage::Placing(set) => {
                set.on_event(clock, event, correlation_token(delivery.uri()));
            }
            Stage::Waiting(set) => set.on_event(clock, event),
        }
    }
}

impl Machine for Rows {
    type Output = Box<RowsLife>;

    fn poll(&mut self, now: Monotonic) -> Action<Box<RowsLife>> {
        loop {
            let clock = self.life.scrutiny.machine_time(now);
            let action = match &mut self.stage {
                Stage::Before if now < self.life.begins => return Action::Sleep(self.life.begins.since(now)),
                Stage::Before => {
                    self.begin(now);
                    continue;
                }
                Stage::Placing(set) => {
                    self.life.scrutiny.met(State::PlaceSetRuns);
                    set.poll(clock)
                }
                Stage::Waiting(set) => {
                    self.life.scrutiny.met(State::WaitSetRuns);
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
                    let gone = RowsLife {
                        rows: BTreeMap::new(),
                        checks: Checks::new(self.life.checks.limits()),
                        trace: Trace::default(),
                        scrutiny: Scrutiny::new(Duration::ZERO, None),
                        api: self.life.api.clone(),
                        sends: VecDeque::new(),
                        asked: BTreeMap::new(),
                        posting: None,
                        seen: Deduplicator::new(1),
                        verifier: self.life.verifier.clone(),
                        ..*self.life
                    };
                    return Action::Done(mem::replace(&mut self.life, Box::new(gone)));
                }
            }
        }
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        let clock = self.life.scrutiny.machine_time(now);
        match &mut self.stage {
            Stage::Before => {}
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

impl Program for Rows {
    fn receive(&mut self, now: Monotonic, received: UnixTime, delivery: &Request<Vec<u8>>) -> StatusCode {
        let header = delivery
            .headers()
            .get(SIGNATURE_HEADER)
            .and_then(|value| value.to_str().ok());
        let verified = self
            .life
            .verifier
            .verify(header.unwrap_or_default(), delivery.body(), received);
        let Some(event) = verified.ok().and_then(|verified| verified.event().ok()) else {
            return StatusCode::BAD_REQUEST;
        };
        self.hear(now, &event, delivery);
        StatusCode::NO_CONTENT
    }

    /// The set is written down, and another process goes on with it at once: what was out is lost.
    fn crash(&mut self, now: Monotonic, _pause: Duration) {
        let life = &mut self.life;
        let clock = life.scrutiny.machine_time(now);
        let api = life.api.clone();
        let snapshot = match &self.stage {
            Stage::Before => return,
            Stage::Placing(set) => set.snapshot(clock),
            Stage::Waiting(set) => set.snapshot(clock),
        };
        let restored = restarts::written(&snapshot).and_then(|read| {
            let stage = match &self.stage {
                Stage::Waiting(_) => WaitSet::restore(api, read, clock).map(|set| Stage::Waiting(Box::new(set))),
                _ => PlaceSet::restore(api, read, clock).map(|set| Stage::Placing(Box::new(set))),
            };
            stage.map_err(|error| (Invariant::Restored, error.to_string()))
        });
        match restored {
            Ok(stage) => self.stage = stage,
            Err((invariant, what)) => life.checks.breaks(invariant, what),
        }
    }

    fn away(&mut self, now: Monotonic, duration: Duration, clock_stands_still: bool) {
        let life = &mut self.life;
        if clock_stands_still {
            life.scrutiny.suspended(duration);
            life.checks.put_off(duration);
        }
        life.checks.down(now, duration);
        life.was_away = true;
    }

    fn observe(&mut self, now: Monotonic, received: &Received) {
        let life = &mut self.life;
        life.trace.received(now, received);
        if matches!(received, Received::Response(response) if response.status() == StatusCode::TOO_MANY_REQUESTS) {
            life.limited = Some(now);
        }
        life.answered |= matches!(received, Received::Response(_));
        let placing = matches!(self.stage, Stage::Placing(_));
        if placing && !life.answered && !life.was_away && now.since(life.begins) > PATIENCE {
            life.checks.breaks(
                Invariant::Ends,
                "nothing has ever answered a set, and it goes on without a word",
            );
        }
        if !placing
            && let Some(id) = life.scrutiny.record_read(received)
            && let Some(row) = life.rows.values_mut().find(|row| row.id.as_ref() == Some(&id))
        {
            row.has_record = true;
        }
    }
}
