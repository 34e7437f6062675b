//! The stages of a call: one machine after another.
use super::{intent::Intent, restarts::StoppedProcess};
use byourside_proto::{
    Action, CallId, Machine, Monotonic,
    machine::{
        Reply, Snapshot,
        place::{Placement, Placer},
        reconcile::{Reconciler, Reconciliation},
        wait::{CallWaiter, EventEffect, FinishedCall, WaitError},
    },
    webhook::Event,
};
use std::time::Duration;

/// How long an attempt may take, however short the options make it.
const MIN_ATTEMPT: Duration = Duration::from_millis(11);

/// The stage of a call.
#[derive(Clone, Debug)]
pub enum Stage {
    Scheduled(Monotonic),
    Placing(Box<Placer>),
    Reconciling(Box<Reconciler>),
    Waiting(Box<CallWaiter>),
    /// No process runs it.
    Stopped(Box<StoppedProcess>),
}

/// What a stage ends with.
#[derive(Debug)]
pub enum StageEnd {
    Due,
    /// The next process has started.
    Restarted,
    Placement(Placement),
    Reconciliation(Reconciliation),
    Wait(Result<FinishedCall, WaitError>),
}

/// The time limits of a stage.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// When the last request may be sent, regardless of `Retry-After`.
    pub last_request: Option<Monotonic>,
    /// When the stage must have ended.
    pub ends_by: Monotonic,
    /// How long the stage may take after its last request.
    pub grace: Duration,
    /// The longest `Retry-After` that is honoured in full.
    pub max_retry_after: Duration,
}

impl Stage {
    /// Starts placing. `now` is the simulation's time, and `clock` the time of the machine's own clock; likewise below.
    pub fn placing(intent: &Intent, now: Monotonic, clock: Monotonic) -> (Self, Limits) {
        let options = intent.place;
        let limits = Limits {
            last_request: None,
            grace: Duration::ZERO,
            ends_by: now
                .after(
                    options
                        .attempt_timeout
                        .max(MIN_ATTEMPT)
                        .saturating_mul(options.retries.saturating_add(1)),
                )
                .after(
                    options
                        .max_retry_after
                        .max(options.backoff.max)
                        .saturating_mul(options.retries),
                ),
            max_retry_after: options.max_retry_after,
        };
        let placer = Placer::new(intent.api.clone(), intent.call.clone(), options, clock);
        (Self::Placing(Box::new(placer)), limits)
    }

    pub fn reconciling(intent: &Intent, now: Monotonic, clock: Monotonic) -> (Self, Limits) {
        let options = intent.reconcile;
        let deadline = now.after(options.timeout);
        let limits = Limits {
            last_request: Some(deadline),
            ends_by: deadline.after(options.attempt_timeout.max(MIN_ATTEMPT)),
            grace: options.attempt_timeout.max(MIN_ATTEMPT),
            max_retry_after: options.max_retry_after,
        };
        let reconciler = Reconciler::new(intent.api.clone(), intent.call.clone(), options, clock);
        (Self::Reconciling(Box::new(reconciler)), limits)
    }

    pub fn waiting(intent: &Intent, id: CallId, now: Monotonic, clock: Monotonic) -> (Self, Limits) {
        let options = intent.wait;
        let deadline = now.after(options.timeout);
        let limits = Limits {
            last_request: Some(deadline),
            ends_by: deadline.after(options.grace.max(MIN_ATTEMPT).saturating_mul(2)),
            grace: options.grace.max(MIN_ATTEMPT).saturating_mul(2),
            max_retry_after: options.max_retry_after,
        };
        let waiter = CallWaiter::new(intent.api.clone(), id, options, clock);
        (Self::Waiting(Box::new(waiter)), limits)
    }

    /// Passes an event to the current machine, and returns its effect on the wait.
    pub fn on_event(&mut self, now: Monotonic, event: &Event, token: Option<&str>) -> EventEffect {
        match self {
            Self::Scheduled(_) | Self::Stopped(_) => {}
            Self::Placing(placer) => {
                placer.on_event(now, event, token);
            }
            Self::Reconciling(reconciler) => {
                reconciler.on_event(now, event, token);
            }
            Self::Waiting(waiter) => return waiter.on_event(now, event),
        }
        EventEffect::Nothing
    }

    /// The snapshot that a process saves, so that another one can continue.
    pub fn snapshot(&self, now: Monotonic) -> Option<Snapshot> {
        match self {
            Self::Scheduled(_) | Self::Stopped(_) => None,
            Self::Placing(placer) => Some(placer.snapshot(now)),
            Self::Reconciling(reconciler) => Some(reconciler.snapshot(now)),
            Self::Waiting(waiter) => Some(waiter.snapshot(now)),
        }
    }
}

impl Machine for Stage {
    type Output = StageEnd;

    fn poll(&mut self, now: Monotonic) -> Action<StageEnd> {
        match self {
            Self::Scheduled(begins) if now < *begins => Action::Sleep(begins.since(now)),
            Self::Scheduled(_) => Action::Done(StageEnd::Due),
            Self::Stopped(down) if now < down.until() => Action::Sleep(down.until().since(now)),
            Self::Stopped(_) => Action::Done(StageEnd::Restarted),
            Self::Placing(placer) => map(placer.poll(now), StageEnd::Placement),
            Self::Reconciling(reconciler) => map(reconciler.poll(now), StageEnd::Reconciliation),
            Self::Waiting(waiter) => map(waiter.poll(now), StageEnd::Wait),
        }
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        match self {
            Self::Scheduled(_) | Self::Stopped(_) => {}
            Self::Placing(placer) => placer.handle(now, reply),
            Self::Reconciling(reconciler) => reconciler.handle(now, reply),
            Self::Waiting(waiter) => waiter.handle(now, reply),
        }
    }

    fn next_wake(&self) -> Option<Monotonic> {
        match self {
            Self::Scheduled(begins) => Some(*begins),
            Self::Stopped(down) => Some(down.until()),
            Self::Placing(placer) => placer.next_wake(),
            Self::Reconciling(reconciler) => reconciler.next_wake(),
            Self::Waiting(waiter) => waiter.next_wake(),
        }
    }
}

fn map<T>(action: Action<T>, end: impl Fn(T) -> StageEnd) -> Action<StageEnd> {
    match action {
        Action::Send(request, slot) => Action::Send(request, slot),
        Action::Sleep(duration) => Action::Sleep(duration),
        Action::Done(output) => Action::Done(end(output)),
    }
}
