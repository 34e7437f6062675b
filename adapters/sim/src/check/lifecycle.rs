//! One call, from its order to its end.
use super::{
    checks::Checks,
    intent::Intent,
    invariant::Invariant,
    restarts::{Down, Restarts},
    scrutiny::{Meter, Scrutiny},
    stages::{Limits, Stage, Verdict},
    states,
    trace::{Note, Trace},
};
use crate::{Program, Received};
use byourside_proto::{
    Action, CallId, Machine, Monotonic, Status, UnixTime,
    api::correlation_token,
    machine::{
        Reply, ReplySlot,
        place::Placement,
        reconcile::Reconciliation,
        wait::{EndSource, EventEffect, WaitFailure, WaitOptions},
    },
    webhook::{Deduplicator, Event, SIGNATURE_HEADER, Verifier},
};
use fastrand::Rng;
use http::{Method, Request, StatusCode};
use serde_json::Value;
use std::{
    cell::{Cell, RefCell},
    fmt::{Debug, Display},
    mem,
    rc::Rc,
    time::Duration,
};

/// The debug output of one call in so many is searched for secrets, at each of its steps.
const SAMPLED: u64 = 101;
/// How often a call is placed again after it was proved absent.
const PLACINGS: u32 = 2;
/// Of how many events a program knows that they came.
const SEEN: usize = 4096;

/// What the programs of a wave have in common.
pub struct Shared {
    pub verifier: Verifier,
    pub mailroom: RefCell<Mailroom>,
    pub restarts: RefCell<Restarts>,
}

/// A driver that now and then hands a reply to the wrong program: every machine must ignore it.
pub struct Mailroom {
    pub random: Rng,
    pub percent: u32,
    /// The number of the intent whose reply it is, and the reply.
    pub astray: Option<(u64, Reply)>,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ended(Status, EndSource),
    TimedOut,
    GaveUp,
    NotPlaced,
    Unknown,
}

/// What a lifecycle comes to.
pub struct Report {
    pub outcome: Outcome,
    pub life: Box<Life>,
}

/// Everything about one call but its machine.
pub struct Life {
    pub intent: Rc<Intent>,
    pub checks: Checks,
    pub trace: Trace,
    pub id: Option<CallId>,
    /// The call of this id is known to be its own.
    pub is_verified: Cell<bool>,
    pub posts: u32,
    pub requests: u32,
    pub reconciled: u32,
    pub restarts: u32,
    pub events: u32,
    pub repeated: u32,
    placings: u32,
    pub reported_not_placed: bool,
    /// What it is watched by beyond the rest, where the world is dirty.
    pub(super) scrutiny: Option<Scrutiny>,
}

pub struct Lifecycle {
    pub stage: Stage,
    pub life: Box<Life>,
    seen: Deduplicator,
    shared: Rc<Shared>,
}

impl Lifecycle {
    pub fn new(intent: Rc<Intent>, shared: Rc<Shared>) -> Self {
        let limits = Limits {
            last_request: None,
            over: intent.begins,
            grace: Duration::ZERO,
            max_retry_after: intent.place.max_retry_after,
        };
        Self {
            stage: Stage::Before(intent.begins),
            life: Box::new(Life {
                intent,
                checks: Checks::new(limits),
                trace: Trace::default(),
                id: None,
                is_verified: Cell::new(false),
                posts: 0,
                requests: 0,
                reconciled: 0,
                restarts: 0,
                events: 0,
                repeated: 0,
                placings: 0,
                reported_not_placed: false,
                scrutiny: None,
            }),
            seen: Deduplicator::new(SEEN),
            shared,
        }
    }

    /// One whose world is dirty, and whose clock has this origin.
    pub fn under_scrutiny(
        intent: Rc<Intent>,
        shared: Rc<Shared>,
        origin: Duration,
        meter: Option<Meter>,
        lazy: bool,
    ) -> Self {
        let mut lifecycle = Self::new(intent, shared);
        lifecycle.stage = Stage::Before(lifecycle.life.intent.begins.after(origin));
        let mut scrutiny = Scrutiny::new(origin, meter);
        scrutiny.lazy = lazy;
        let wait = &lifecycle.life.intent.wait;
        scrutiny.extreme = *wait
            != WaitOptions {
                seed: wait.seed,
                settle: wait.settle,
                ..WaitOptions::default()
            };
        lifecycle.life.scrutiny = Some(scrutiny);
        lifecycle
    }

    /// What the clock of its machines shows.
    fn clock(&self, now: Monotonic) -> Monotonic {
        self.life
            .scrutiny
            .as_ref()
            .map_or(now, |scrutiny| scrutiny.machine_time(now))
    }

    fn sent(&mut self, now: Monotonic, request: Request<Vec<u8>>, slot: ReplySlot) -> Action<Box<Report>> {
        let life = &mut self.life;
        let post = request.method() == Method::POST;
        life.trace.note(now, Note::Sent { post });
        life.posts += u32::from(post);
        life.requests += 1;
        life.checks.sent(now);
        if let Some(scrutiny) = &mut life.scrutiny {
            let waits = matches!(self.stage, Stage::Waiting(_));
            scrutiny.sent(&mut life.checks, now, (&life.intent.call, waits), &request);
        }
        if life.intent.number.is_multiple_of(SAMPLED) {
            life.checks.shows_nothing_secret(&life.intent.to, &(&request, &slot));
        }
        Action::Send(request, slot)
    }

    /// What comes after the end of a stage: another one, or the end of it all.
    fn turn(&mut self, now: Monotonic, verdict: Verdict) -> Option<Outcome> {
        if let Some(scrutiny) = &mut self.life.scrutiny {
            match &verdict {
                Verdict::Due | Verdict::Up => {}
                Verdict::Placement(placement) => scrutiny.met(states::of_placement(placement)),
                Verdict::Reconciliation(reconciliation) => scrutiny.met(states::of_reconciliation(reconciliation)),
                Verdict::Wait(Ok(ended)) => scrutiny.met(states::of_end(ended.end_source)),
                Verdict::Wait(Err(error)) => scrutiny.met(states::of_failure(&error.failure)),
            }
        }
        match verdict {
            Verdict::Due => self.place(now),
            Verdict::Up => self.go_on(now),
            Verdict::Placement(Placement::Placed(call)) => self.wait(now, call.call_id()),
            Verdict::Placement(Placement::NotPlaced(reason)) => {
                self.told(&reason);
                Some(Outcome::NotPlaced)
            }
            Verdict::Placement(Placement::Unknown(reason)) => {
                self.told(&reason);
                self.life.reconciled += 1;
                self.begin(
                    now,
                    "to reconcile",
                    Stage::reconciling(&self.life.intent, now, self.clock(now)),
                )
            }
            Verdict::Reconciliation(Reconciliation::Found(call)) => self.wait(now, call.call_id()),
            Verdict::Reconciliation(Reconciliation::Absent) if self.life.placings < PLACINGS => self.place(now),
            Verdict::Reconciliation(Reconciliation::Absent) => Some(Outcome::NotPlaced),
            Verdict::Reconciliation(Reconciliation::Ambiguous { .. }) => Some(Outcome::Unknown),
            Verdict::Wait(Ok(ended)) => {
                if ended.call.call_id() != self.life.id {
                    self.life
                        .checks
                        .breaks(Invariant::OwnCall, "its wait ended with the record of another call");
                }
                let status = ended.call.status().unwrap_or(Status::Queued);
                self.life.checks.status(&status);
                Some(Outcome::Ended(status, ended.end_source))
            }
            Verdict::Wait(Err(error)) => {
                self.told(&error);
                if let Some(scrutiny) = &self.life.scrutiny
                    && scrutiny.has_record()
                    && error.last.is_none()
                {
                    let what = "it has read a record, and times out without one";
                    self.life.checks.breaks(Invariant::LastKept, what);
                }
                if self.life.checks.has_ended() {
                    self.life.checks.breaks(
                        Invariant::Sticky,
                        format!("its end was known, and its wait ended with: {error}"),
                    );
                }
                match error.failure {
                    WaitFailure::TimedOut => Some(Outcome::TimedOut),
                    WaitFailure::GaveUp(_) => Some(Outcome::GaveUp),
                    _ => {
                        self.life.checks.breaks(
                            Invariant::NotRefused,
                            format!("the wait for a call that was placed was refused: {error}"),
                        );
                        Some(Outcome::GaveUp)
                    }
                }
            }
        }
    }

    /// A person is told why.
    fn told(&mut self, error: &(impl Display + Debug)) {
        let life = &mut self.life;
        if let Some(scrutiny) = &life.scrutiny {
            scrutiny.told(
                &mut life.checks,
                &life.intent.to,
                &error.to_string(),
                &format!("{error:?}"),
            );
        }
    }

    fn place(&mut self, now: Monotonic) -> Option<Outcome> {
        self.life.placings += 1;
        self.begin(now, "to place", Stage::placing(&self.life.intent, now, self.clock(now)))
    }

    fn wait(&mut self, now: Monotonic, id: Option<CallId>) -> Option<Outcome> {
        self.life.id.clone_from(&id);
        self.life.is_verified.set(false);
        match id {
            Some(id) => self.begin(
                now,
                "to wait",
                Stage::waiting(&self.life.intent, id, now, self.clock(now)),
            ),
            None => {
                self.life
                    .checks
                    .breaks(Invariant::OwnCall, "it was placed, without an id");
                Some(Outcome::Unknown)
            }
        }
    }

    fn begin(&mut self, now: Monotonic, what: &'static str, (stage, limits): (Stage, Limits)) -> Option<Outcome> {
        self.life.trace.note(now, Note::Began(what));
        self.life.checks.turn(limits);
        self.stage = stage;
        let clock = self.clock(now);
        if let Some(scrutiny) = &mut self.life.scrutiny
            && let Some(state) = states::of_stage(&self.stage, 0, clock)
        {
            scrutiny.met(state);
        }
        None
    }

    /// How long a driver sleeps that goes by `next_wake` alone.
    pub(super) fn lazy_pause(&self, now: Monotonic) -> Option<Duration> {
        let lazy = self.life.scrutiny.as_ref().is_some_and(|scrutiny| scrutiny.lazy);
        let pause = self.stage.next_wake()?.since(self.clock(now));
        (lazy && pause > Duration::ZERO).then_some(pause)
    }

    /// The process may end here, as anywhere.
    fn may_end(&mut self, now: Monotonic) {
        let pause = self.shared.restarts.borrow_mut().draw();
        if let Some(pause) = pause {
            self.end_process(now, pause);
        }
    }

    fn end_process(&mut self, now: Monotonic, pause: Duration) {
        match Down::of(&self.stage, &self.seen, self.clock(now), pause) {
            None => {}
            Some(Ok(down)) => {
                self.stage = Stage::Down(Box::new(down));
                self.life.restarts += 1;
                self.life.trace.note(now, Note::Down(pause));
                self.life.checks.down(now, pause);
            }
            Some(Err((invariant, what))) => self.life.checks.breaks(invariant, what),
        }
    }

    fn go_on(&mut self, now: Monotonic) -> Option<Outcome> {
        let clock = self.clock(now);
        if let Stage::Down(down) = mem::replace(&mut self.stage, Stage::Before(clock)) {
            match down.up(self.life.intent.api.clone(), clock) {
                Ok((stage, seen)) => (self.stage, self.seen) = (stage, seen),
                Err(error) => {
                    self.life.checks.breaks(Invariant::Restored, error.to_string());
                    return Some(Outcome::Unknown);
                }
            }
        }
        self.life.trace.note(now, Note::Up);
        None
    }

    fn watch(&mut self) {
        if let Stage::Waiting(waiter) = &mut self.stage
            && let Some(status) = waiter.take_change()
        {
            self.life.checks.status(&status);
        }
        if self.life.intent.number.is_multiple_of(SAMPLED) {
            self.life.checks.shows_nothing_secret(&self.life.intent.to, &self.stage);
        }
    }
}

impl Machine for Lifecycle {
    type Output = Box<Report>;

    fn poll(&mut self, now: Monotonic) -> Action<Box<Report>> {
        self.may_end(now);
        if let Some(pause) = self.lazy_pause(now) {
            return Action::Sleep(pause);
        }
        let clock = self.clock(now);
        if let Some(scrutiny) = &mut self.life.scrutiny
            && let Some(state) = states::of_stage(&self.stage, self.life.posts, clock)
        {
            scrutiny.met(state);
        }
        loop {
            let outcome = match self.stage.poll(self.clock(now)) {
                Action::Send(request, slot) => return self.sent(now, request, slot),
                Action::Sleep(duration) => return Action::Sleep(duration),
                Action::Done(verdict) => self.turn(now, verdict),
            };
            if let Some(outcome) = outcome {
                self.life.reported_not_placed = outcome == Outcome::NotPlaced;
                // The world lets go of it now.
                let gone = Lifecycle::new(self.life.intent.clone(), self.shared.clone()).life;
                let life = mem::replace(&mut self.life, gone);
                return Action::Done(Box::new(Report { outcome, life }));
            }
        }
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        let (reply, own) = self.shared.mailroom.borrow_mut().sort(self.life.intent.number, reply);
        let before = self.stage.next_wake();
        if let Some(reply) = reply {
            let clock = self.clock(now);
            self.stage.handle(clock, reply);
        }
        let accepted = self.stage.next_wake() != before;
        match (own, accepted) {
            (true, true) => {
                self.life.checks.accepted(now);
                if let (Some(scrutiny), Stage::Waiting(_)) = (&mut self.life.scrutiny, &self.stage) {
                    scrutiny.accepted();
                }
            }
            (true, false) => {}
            (false, accepted) => {
                self.life.trace.note(now, Note::Misrouted);
                if accepted {
                    self.life
                        .checks
                        .breaks(Invariant::OwnReply, "it took the reply to another program's request");
                }
            }
        }
        self.inspect(now);
        self.watch();
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.stage.next_wake()
    }
}

impl Program for Lifecycle {
    fn away(&mut self, now: Monotonic, duration: Duration, clock_stands_still: bool) {
        let life = &mut self.life;
        if let Some(scrutiny) = life.scrutiny.as_mut().filter(|_| clock_stands_still) {
            scrutiny.suspended(duration);
            life.checks.put_off(duration);
        }
        life.checks.down(now, duration);
    }

    fn crash(&mut self, now: Monotonic, pause: Duration) {
        self.end_process(now, pause);
    }

    fn receive(&mut self, now: Monotonic, received: UnixTime, delivery: &Request<Vec<u8>>) -> StatusCode {
        if let Stage::Down(_) = self.stage {
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
            if self.life.scrutiny.is_some() {
                let what = "an event that is signed and that the official client reads is not read";
                self.life.checks.breaks(Invariant::Read, what);
            }
            return StatusCode::BAD_REQUEST;
        };
        if self.life.scrutiny.is_some() {
            return self.hear(now, &event, delivery);
        }
        let Some(id) = event.event_id() else {
            return StatusCode::BAD_REQUEST;
        };
        let new = self.seen.first_time(id);
        self.life.checks.event(id, new);
        self.life.events += 1;
        if !new {
            self.life.repeated += 1;
            self.life.trace.note(now, Note::Repeated);
            return StatusCode::NO_CONTENT;
        }
        let own = self.life.id.as_ref().map(CallId::as_str) == event.call_id();
        let kind = event.kind().clone();
        self.life.trace.note(now, Note::Heard { kind, own });
        let heard = self.stage.on_event(now, &event, correlation_token(delivery.uri()));
        if let (EventEffect::Ended, Some(status)) = (heard, event.kind().status()) {
            self.life.checks.status(&status);
        }
        self.watch();
        StatusCode::NO_CONTENT
    }

    fn observe(&mut self, now: Monotonic, received: &Received) {
        self.life.trace.received(now, received);
        self.life.checks.received(received);
        let life = &mut self.life;
        if let Some(scrutiny) = &mut life.scrutiny {
            scrutiny.observed(&mut life.checks, &life.intent.call, received);
        }
    }
}

impl Lifecycle {
    /// Takes in an event as the receivers do that are there to copy: what has an id is told once.
    fn hear(&mut self, now: Monotonic, event: &Event, delivery: &Request<Vec<u8>>) -> StatusCode {
        let clock = self.clock(now);
        let life = &mut self.life;
        let Some(scrutiny) = &mut life.scrutiny else {
            return StatusCode::INTERNAL_SERVER_ERROR;
        };
        let again = scrutiny.heard_before(delivery.body());
        scrutiny.knows = true;
        let new = event.event_id().is_none_or(|id| self.seen.first_time(id));
        let shared = event.event_id() == Some("shared");
        let numeric = event.raw().get("eventId").is_some_and(Value::is_number);
        life.events += 1;
        if again && new && numeric {
            life.checks
                .breaks(Invariant::EventOnce, "an event whose id is a number is told twice");
        }
        if !again && !new && !shared {
            life.checks
                .breaks(Invariant::EventOnce, "an event is taken for another one and dropped");
        }
        if !new {
            life.repeated += 1;
            life.trace.note(now, Note::Repeated);
            return StatusCode::NO_CONTENT;
        }
        let own = life.id.as_ref().map(CallId::as_str) == event.call_id();
        let kind = event.kind().clone();
        life.trace.note(now, Note::Heard { kind, own });
        self.stage.on_event(clock, event, correlation_token(delivery.uri()));
        self.inspect(now);
        StatusCode::NO_CONTENT
    }

    fn inspect(&mut self, now: Monotonic) {
        let life = &mut self.life;
        if let Some(scrutiny) = &life.scrutiny {
            scrutiny.inspect(&mut life.checks, &life.intent, &self.stage, now);
        }
    }
}

impl Mailroom {
    /// The reply to hand over, if any, and whether it is the program's own.
    fn sort(&mut self, whose: u64, reply: Reply) -> (Option<Reply>, bool) {
        if self.random.u32(..100) >= self.percent {
            return (Some(reply), true);
        }
        // One of its own that comes late would be no stranger's: it is lost.
        let other = self.astray.replace((whose, reply)).filter(|(of, _)| *of != whose);
        (other.map(|(_, reply)| reply), false)
    }
}
