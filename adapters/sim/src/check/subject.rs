//! A program that is watched: one call, or a list of them.
use super::{
    checks::Checks,
    lifecycle::{Lifecycle, Report},
    rows::{Rows, RowsLife},
    states::Met,
    trace::Trace,
};
use crate::{Program, Received};
use byourside_proto::{Action, Machine, Monotonic, UnixTime, machine::Reply};
use http::{Request, StatusCode};
use std::time::Duration;

/// One call, or a list of them.
pub(super) enum Subject {
    Call(Box<Lifecycle>),
    Rows(Box<Rows>),
}

/// What it has come to.
pub(super) enum Over {
    Call(Box<Report>),
    Rows(Box<RowsLife>),
}

impl Subject {
    pub(super) fn checks(&self) -> &Checks {
        match self {
            Self::Call(call) => &call.life.checks,
            Self::Rows(rows) => &rows.life.checks,
        }
    }

    /// The states that its machines were in.
    pub(super) fn met(&self) -> Met {
        match self {
            Self::Call(call) => call
                .life
                .scrutiny
                .as_ref()
                .map(|scrutiny| scrutiny.met.clone())
                .unwrap_or_default(),
            Self::Rows(rows) => rows.life.scrutiny.met.clone(),
        }
    }

    pub(super) fn trace(&self) -> &Trace {
        match self {
            Self::Call(call) => &call.life.trace,
            Self::Rows(rows) => &rows.life.trace,
        }
    }
}

impl Machine for Subject {
    type Output = Over;

    fn poll(&mut self, now: Monotonic) -> Action<Over> {
        match self {
            Self::Call(call) => match call.poll(now) {
                Action::Send(request, slot) => Action::Send(request, slot),
                Action::Sleep(duration) => Action::Sleep(duration),
                Action::Done(report) => Action::Done(Over::Call(report)),
            },
            Self::Rows(rows) => match rows.poll(now) {
                Action::Send(request, slot) => Action::Send(request, slot),
                Action::Sleep(duration) => Action::Sleep(duration),
                Action::Done(life) => Action::Done(Over::Rows(life)),
            },
        }
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        match self {
            Self::Call(call) => call.handle(now, reply),
            Self::Rows(rows) => rows.handle(now, reply),
        }
    }

    fn next_wake(&self) -> Option<Monotonic> {
        match self {
            Self::Call(call) => call.next_wake(),
            Self::Rows(rows) => rows.next_wake(),
        }
    }
}

impl Program for Subject {
    fn receive(&mut self, now: Monotonic, received: UnixTime, delivery: &Request<Vec<u8>>) -> StatusCode {
        match self {
            Self::Call(call) => call.receive(now, received, delivery),
            Self::Rows(rows) => rows.receive(now, received, delivery),
        }
    }

    fn away(&mut self, now: Monotonic, duration: Duration, clock_stands_still: bool) {
        match self {
            Self::Call(call) => call.away(now, duration, clock_stands_still),
            Self::Rows(rows) => rows.away(now, duration, clock_stands_still),
        }
    }

    fn crash(&mut self, now: Monotonic, pause: Duration) {
        match self {
            Self::Call(call) => call.crash(now, pause),
            Self::Rows(rows) => rows.crash(now, pause),
        }
    }

    fn observe(&mut self, now: Monotonic, received: &Received) {
        match self {
            Self::Call(call) => call.observe(now, received),
            Self::Rows(rows) => rows.observe(now, received),
        }
    }
}
