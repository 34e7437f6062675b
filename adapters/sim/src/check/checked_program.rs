//! A program whose invariants are checked: one call, or a list of calls.
use super::{
    call_list::{CallList, ListHistory},
    checks::Checks,
    lifecycle::{CallReport, Lifecycle},
    states::StateCounts,
    trace::Trace,
};
use crate::{Program, Received};
use byourside_proto::{Action, Machine, Monotonic, UnixTime, machine::Reply};
use http::{Request, StatusCode};
use std::time::Duration;

/// A program whose invariants are checked.
pub(super) enum CheckedProgram {
    Call(Box<Lifecycle>),
    List(Box<CallList>),
}

/// What a checked program ends with.
pub(super) enum CheckedEnd {
    Call(Box<CallReport>),
    List(Box<ListHistory>),
}

impl CheckedProgram {
    pub(super) fn checks(&self) -> &Checks {
        match self {
            Self::Call(call) => &call.history.checks,
            Self::List(rows) => &rows.history.checks,
        }
    }

    /// How often its machines were in each state.
    pub(super) fn state_counts(&self) -> StateCounts {
        match self {
            Self::Call(call) => call
                .history
                .dirty_checks
                .as_ref()
                .map(|dirty_checks| dirty_checks.state_counts.clone())
                .unwrap_or_default(),
            Self::List(rows) => rows.history.dirty_checks.state_counts.clone(),
        }
    }

    pub(super) fn trace(&self) -> &Trace {
        match self {
            Self::Call(call) => &call.history.trace,
            Self::List(rows) => &rows.history.trace,
        }
    }
}

impl Machine for CheckedProgram {
    type Output = CheckedEnd;

    fn poll(&mut self, now: Monotonic) -> Action<CheckedEnd> {
        match self {
            Self::Call(call) => match call.poll(now) {
                Action::Send(request, slot) => Action::Send(request, slot),
                Action::Sleep(duration) => Action::Sleep(duration),
                Action::Done(report) => Action::Done(CheckedEnd::Call(report)),
            },
            Self::List(rows) => match rows.poll(now) {
                Action::Send(request, slot) => Action::Send(request, slot),
                Action::Sleep(duration) => Action::Sleep(duration),
                Action::Done(history) => Action::Done(CheckedEnd::List(history)),
            },
        }
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        match self {
            Self::Call(call) => call.handle(now, reply),
            Self::List(rows) => rows.handle(now, reply),
        }
    }

    fn next_wake(&self) -> Option<Monotonic> {
        match self {
            Self::Call(call) => call.next_wake(),
            Self::List(rows) => rows.next_wake(),
        }
    }
}

impl Program for CheckedProgram {
    fn receive(&mut self, now: Monotonic, received: UnixTime, delivery: &Request<Vec<u8>>) -> StatusCode {
        match self {
            Self::Call(call) => call.receive(now, received, delivery),
            Self::List(rows) => rows.receive(now, received, delivery),
        }
    }

    fn away(&mut self, now: Monotonic, duration: Duration, clock_stands_still: bool) {
        match self {
            Self::Call(call) => call.away(now, duration, clock_stands_still),
            Self::List(rows) => rows.away(now, duration, clock_stands_still),
        }
    }

    fn crash(&mut self, now: Monotonic, pause: Duration) {
        match self {
            Self::Call(call) => call.crash(now, pause),
            Self::List(rows) => rows.crash(now, pause),
        }
    }

    fn observe(&mut self, now: Monotonic, received: &Received) {
        match self {
            Self::Call(call) => call.observe(now, received),
            Self::List(rows) => rows.observe(now, received),
        }
    }
}
