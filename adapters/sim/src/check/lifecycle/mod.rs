//! A program that places one call and waits for its end.
mod machine;
mod process;
mod program;
mod reply_router;

pub use reply_router::ReplyRouter;

use super::{
    checks::Checks,
    dirty_checks::{DirtyChecks, Meter},
    intent::Intent,
    invariant::Invariant,
    restarts::Restarts,
    stages::{Limits, Stage, StageEnd},
    states,
    trace::{Note, Trace},
};
use byourside_proto::{
    Action, CallId, Machine, Monotonic, Status,
    machine::{
        ReplySlot,
        place::Placement,
        reconcile::Reconciliation,
        wait::{EndSource, WaitFailure, WaitOptions},
    },
    webhook::{Deduplicator, Verifier},
};
use http::{Method, Request};
use std::{
    cell::{Cell, RefCell},
    fmt::{Debug, Display},
    rc::Rc,
    time::Duration,
};

/// The debug output of one call in this many is searched for secrets at every step.
const SAMPLE_EVERY: u64 = 101;
/// How often a call is placed at the most. It is placed again after the reconciler reported *absent*.
const MAX_PLACINGS: u32 = 2;
/// How many event ids a program remembers.
const SEEN_EVENTS: usize = 4096;

/// What the programs of a wave share.
pub struct Shared {
    pub verifier: Verifier,
    pub reply_router: RefCell<ReplyRouter>,
    pub restarts: RefCell<Restarts>,
}

/// How a call ended for its program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ended(Status, EndSource),
    TimedOut,
    GaveUp,
    NotPlaced,
    Unknown,
}

/// The output of a lifecycle.
pub struct CallReport {
    pub outcome: Outcome,
    pub history: Box<CallHistory>,
}

/// Everything about one call except its machine.
pub struct CallHistory {
    pub intent: Rc<Intent>,
    pub checks: Checks,
    pub trace: Trace,
    pub id: Option<CallId>,
    /// Whether the id was checked to be that of its own call.
    pub is_verified: Cell<bool>,
    pub posts: u32,
    pub requests: u32,
    pub reconciled: u32,
    pub restarts: u32,
    pub events: u32,
    pub repeated: u32,
    placings: u32,
    pub reported_not_placed: bool,
    /// Further checks, under dirty data.
    pub(super) dirty_checks: Option<DirtyChecks>,
}

pub struct Lifecycle {
    pub stage: Stage,
    pub history: Box<CallHistory>,
    seen: Deduplicator,
    shared: Rc<Shared>,
}

impl Lifecycle {
    pub fn new(intent: Rc<Intent>, shared: Rc<Shared>) -> Self {
        let limits = Limits {
            last_request: None,
            ends_by: intent.begins,
            grace: Duration::ZERO,
            max_retry_after: intent.place.max_retry_after,
        };
        Self {
            stage: Stage::Scheduled(intent.begins),
            history: Box::new(CallHistory {
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
                dirty_checks: None,
            }),
            seen: Deduplicator::new(SEEN_EVENTS),
            shared,
        }
    }

    /// A lifecycle under dirty data, whose clock starts at `origin`.
    pub fn with_dirty_checks(
        intent: Rc<Intent>,
        shared: Rc<Shared>,
        origin: Duration,
        meter: Option<Meter>,
        lazy: bool,
    ) -> Self {
        let mut lifecycle = Self::new(intent, shared);
        lifecycle.stage = Stage::Scheduled(lifecycle.history.intent.begins.after(origin));
        let mut dirty_checks = DirtyChecks::new(origin, meter);
        dirty_checks.lazy = lazy;
        let wait = &lifecycle.history.intent.wait;
        dirty_checks.extreme = *wait
            != WaitOptions {
                seed: wait.seed,
                settle: wait.settle,
                ..WaitOptions::default()
            };
        lifecycle.history.dirty_checks = Some(dirty_checks);
        lifecycle
    }

    /// The time of its machines' clock.
    fn clock(&self, now: Monotonic) -> Monotonic {
        self.history
            .dirty_checks
            .as_ref()
            .map_or(now, |dirty_checks| dirty_checks.machine_time(now))
    }

    fn sent(&mut self, now: Monotonic, request: Request<Vec<u8>>, slot: ReplySlot) -> Action<Box<CallReport>> {
        let history = &mut self.history;
        let post = request.method() == Method::POST;
        history.trace.note(now, Note::Sent { post });
        history.posts += u32::from(post);
        history.requests += 1;
        history.checks.sent(now);
        if let Some(dirty_checks) = &mut history.dirty_checks {
            let waits = matches!(self.stage, Stage::Waiting(_));
            dirty_checks.sent(&mut history.checks, now, (&history.intent.call, waits), &request);
        }
        if history.intent.number.is_multiple_of(SAMPLE_EVERY) {
            history
                .checks
                .shows_nothing_secret(&history.intent.to, &(&request, &slot));
        }
        Action::Send(request, slot)
    }

    /// Starts the next stage after the end of one, or returns the outcome.
    fn next_stage(&mut self, now: Monotonic, end: StageEnd) -> Option<Outcome> {
        if let Some(dirty_checks) = &mut self.history.dirty_checks {
            match &end {
                StageEnd::Due | StageEnd::Restarted => {}
                StageEnd::Placement(placement) => dirty_checks.count_state(states::of_placement(placement)),
                StageEnd::Reconciliation(reconciliation) => {
                    dirty_checks.count_state(states::of_reconciliation(reconciliation))
                }
                StageEnd::Wait(Ok(ended)) => dirty_checks.count_state(states::on_end(ended.end_source)),
                StageEnd::Wait(Err(error)) => dirty_checks.count_state(states::of_failure(&error.failure)),
            }
        }
        match end {
            StageEnd::Due => self.place(now),
            StageEnd::Restarted => self.restart(now),
            StageEnd::Placement(Placement::Placed(call)) => self.wait(now, call.call_id()),
            StageEnd::Placement(Placement::NotPlaced(reason)) => {
                self.check_error_text(&reason);
                Some(Outcome::NotPlaced)
            }
            StageEnd::Placement(Placement::Unknown(reason)) => {
                self.check_error_text(&reason);
                self.history.reconciled += 1;
                self.begin(
                    now,
                    "to reconcile",
                    Stage::reconciling(&self.history.intent, now, self.clock(now)),
                )
            }
            StageEnd::Reconciliation(Reconciliation::Found(call)) => self.wait(now, call.call_id()),
            StageEnd::Reconciliation(Reconciliation::Absent) if self.history.placings < MAX_PLACINGS => self.place(now),
            StageEnd::Reconciliation(Reconciliation::Absent) => Some(Outcome::NotPlaced),
            StageEnd::Reconciliation(Reconciliation::Ambiguous { .. }) => Some(Outcome::Unknown),
            StageEnd::Wait(Ok(ended)) => {
                if ended.call.call_id() != self.history.id {
                    self.history
                        .checks
                        .breaks(Invariant::OwnCall, "its wait ended with the record of another call");
                }
                let status = ended.call.status().unwrap_or(Status::Queued);
                self.history.checks.status(&status);
                Some(Outcome::Ended(status, ended.end_source))
            }
            StageEnd::Wait(Err(error)) => {
                self.check_error_text(&error);
                if let Some(dirty_checks) = &self.history.dirty_checks
                    && dirty_checks.has_record()
                    && error.last.is_none()
                {
                    let what = "it has read a record, and times out without one";
                    self.history.checks.breaks(Invariant::LastKept, what);
                }
                if self.history.checks.has_ended() {
                    self.history.checks.breaks(
                        Invariant::Sticky,
                        format!("its end was known, and its wait ended with: {error}"),
                    );
                }
                match error.failure {
                    WaitFailure::TimedOut => Some(Outcome::TimedOut),
                    WaitFailure::GaveUp(_) => Some(Outcome::GaveUp),
                    _ => {
                        self.history.checks.breaks(
                            Invariant::NotRefused,
                            format!("the wait for a call that was placed was refused: {error}"),
                        );
                        Some(Outcome::GaveUp)
                    }
                }
            }
        }
    }

    /// Checks the text of an error that a person would read.
    fn check_error_text(&mut self, error: &(impl Display + Debug)) {
        let history = &mut self.history;
        if let Some(dirty_checks) = &history.dirty_checks {
            dirty_checks.check_error_text(
                &mut history.checks,
                &history.intent.to,
                &error.to_string(),
                &format!("{error:?}"),
            );
        }
    }

    fn place(&mut self, now: Monotonic) -> Option<Outcome> {
        self.history.placings += 1;
        self.begin(
            now,
            "to place",
            Stage::placing(&self.history.intent, now, self.clock(now)),
        )
    }

    fn wait(&mut self, now: Monotonic, id: Option<CallId>) -> Option<Outcome> {
        self.history.id.clone_from(&id);
        self.history.is_verified.set(false);
        match id {
            Some(id) => self.begin(
                now,
                "to wait",
                Stage::waiting(&self.history.intent, id, now, self.clock(now)),
            ),
            None => {
                self.history
                    .checks
                    .breaks(Invariant::OwnCall, "it was placed, without an id");
                Some(Outcome::Unknown)
            }
        }
    }

    fn begin(&mut self, now: Monotonic, what: &'static str, (stage, limits): (Stage, Limits)) -> Option<Outcome> {
        self.history.trace.note(now, Note::Began(what));
        self.history.checks.next_stage(limits);
        self.stage = stage;
        let clock = self.clock(now);
        if let Some(dirty_checks) = &mut self.history.dirty_checks
            && let Some(state) = states::of_stage(&self.stage, 0, clock)
        {
            dirty_checks.count_state(state);
        }
        None
    }

    /// How long a driver sleeps that polls only when `next_wake` says so.
    pub(super) fn lazy_pause(&self, now: Monotonic) -> Option<Duration> {
        let lazy = self
            .history
            .dirty_checks
            .as_ref()
            .is_some_and(|dirty_checks| dirty_checks.lazy);
        let pause = self.stage.next_wake()?.since(self.clock(now));
        (lazy && pause > Duration::ZERO).then_some(pause)
    }

    fn check_status(&mut self) {
        if let Stage::Waiting(waiter) = &mut self.stage
            && let Some(status) = waiter.take_change()
        {
            self.history.checks.status(&status);
        }
        if self.history.intent.number.is_multiple_of(SAMPLE_EVERY) {
            self.history
                .checks
                .shows_nothing_secret(&self.history.intent.to, &self.stage);
        }
    }
}
