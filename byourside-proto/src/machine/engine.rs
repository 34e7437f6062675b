//! What all machines share: the clock that never goes back, the one request that may be out, the sticky end.
//! The rules on [`Machine`](super::Machine) are kept here, once.
use super::{
    action::Action,
    reply::{Answer, Reply, ReplySlot, Ticket},
    transport_error::TransportFailure,
};
use crate::{api::Api, types::Monotonic};
use alloc::{sync::Arc, vec::Vec};
use core::time::Duration;
use http::Request;
use serde::{Deserialize, Serialize};

/// The shortest time between two requests, and the shortest that an attempt is given: rule 8.
pub(crate) const MIN_PAUSE: Duration = Duration::from_millis(10);

/// What one machine decides. No method can ask for more than one step, so no loop has to be bounded.
///
/// It holds no key: what it is, with its moments, is what a snapshot keeps.
pub(crate) trait Protocol {
    type Output: Clone;

    /// The rest is over, or the attempt's time is: send, or end.
    fn wake(&mut self, now: Monotonic, api: &Api) -> Wake<Self::Output>;

    /// An answer came, or none: rest, or end. A rest after a timeout is skipped, the timeout was one.
    fn answer(&mut self, now: Monotonic, answer: Answer) -> Next<Self::Output>;
}

#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart where it is made, never stored"
)]
pub(crate) enum Wake<T> {
    Send(Request<Vec<u8>>, Monotonic),
    Finish(T),
}

pub(crate) enum Next<T> {
    Rest(Monotonic),
    Finish(T),
}

/// What news from outside meets.
pub(crate) enum Stage<'a, T> {
    /// The machine is at it.
    Open,
    /// It has ended, and nobody has been told: the end may still be corrected.
    Unobserved(&'a mut T),
    /// It has ended, for good.
    Observed(&'a T),
}

/// What news from outside changes.
pub(crate) enum Effect<T> {
    Nothing,
    /// A rest is over now, or at this moment if that is later; a request that is out is still waited for.
    WakeBy(Monotonic),
    /// The end. Whatever is out is no longer waited for.
    Finish(T),
}

#[derive(Clone, Debug)]
pub(crate) struct Engine<P: Protocol> {
    pub(crate) protocol: P,
    pub(super) api: Api,
    owner: Arc<()>,
    pub(super) clock: Monotonic,
    /// No request before this: rule 8 holds whatever comes from outside.
    floor: Monotonic,
    attempt: u64,
    pub(super) phase: Phase<P::Output>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Phase<T> {
    Idle(Monotonic),
    InFlight(Monotonic),
    Done { output: T, told: bool },
}

impl<P: Protocol> Engine<P> {
    pub(crate) fn new(protocol: P, api: Api, now: Monotonic) -> Self {
        Self {
            protocol,
            api,
            owner: Arc::new(()),
            clock: now,
            floor: now,
            attempt: 0,
            phase: Phase::Idle(now),
        }
    }

    pub(crate) fn poll(&mut self, now: Monotonic) -> Action<P::Output> {
        let now = self.advance(now);
        match &mut self.phase {
            Phase::Done { output, told } => {
                *told = true;
                Action::Done(output.clone())
            }
            Phase::Idle(until) | Phase::InFlight(until) if now < *until => Action::Sleep(until.since(now)),
            Phase::Idle(_) => self.wake(now),
            Phase::InFlight(_) => match self.protocol.answer(now, Answer::Failed(TransportFailure::timed_out())) {
                Next::Rest(_) => self.wake(now),
                Next::Finish(output) => self.finish(output),
            },
        }
    }

    pub(crate) fn handle(&mut self, now: Monotonic, reply: Reply) {
        let now = self.advance(now);
        if self.awaits(&reply) {
            self.answered(now, reply.answer);
        }
    }

    /// Whether this is the answer to the request that is out.
    pub(crate) fn awaits(&self, reply: &Reply) -> bool {
        let ours = Arc::ptr_eq(&self.owner, &reply.ticket.owner) && self.attempt == reply.ticket.attempt;
        match &self.phase {
            Phase::InFlight(_) => ours,
            Phase::Idle(_) | Phase::Done { .. } => false,
        }
    }

    /// Something was learnt that is no answer to a request.
    pub(crate) fn hear<R>(
        &mut self,
        now: Monotonic,
        decide: impl FnOnce(&mut P, Monotonic, Stage<'_, P::Output>) -> (R, Effect<P::Output>),
    ) -> R {
        let now = self.advance(now);
        let stage = match &mut self.phase {
            Phase::Idle(_) | Phase::InFlight(_) => Stage::Open,
            Phase::Done { output, told: false } => Stage::Unobserved(output),
            Phase::Done { output, told: true } => Stage::Observed(output),
        };
        let (report, turn) = decide(&mut self.protocol, now, stage);
        match (turn, &mut self.phase) {
            (Effect::Nothing, _) | (_, Phase::Done { .. }) | (Effect::WakeBy(_), Phase::InFlight(_)) => {}
            (Effect::WakeBy(free), Phase::Idle(until)) => *until = (*until).min(self.floor.max(now).max(free)),
            (Effect::Finish(output), Phase::Idle(_) | Phase::InFlight(_)) => self.end(output, false),
        }
        report
    }

    /// Goes on after an end, if `goes_on` says so of it.
    pub(crate) fn reopen(
        &mut self,
        now: Monotonic,
        goes_on: impl FnOnce(&mut P, Monotonic, Option<&P::Output>) -> bool,
    ) -> bool {
        let now = self.advance(now);
        let output = match &self.phase {
            Phase::Done { output, .. } => Some(output),
            Phase::Idle(_) | Phase::InFlight(_) => None,
        };
        let goes_on = goes_on(&mut self.protocol, now, output);
        if goes_on && output.is_some() {
            self.phase = Phase::Idle(self.floor.max(now));
        }
        goes_on
    }

    /// The rest or the attempt lasts until then, and whether it is an attempt; `None` at the end.
    pub(crate) fn until(&self) -> Option<(Monotonic, bool)> {
        match &self.phase {
            Phase::Idle(until) => Some((*until, false)),
            Phase::InFlight(until) => Some((*until, true)),
            Phase::Done { .. } => None,
        }
    }

    pub(crate) fn clock(&self) -> Monotonic {
        self.clock
    }

    pub(super) fn answered(&mut self, now: Monotonic, answer: Answer) {
        self.floor = now.after(MIN_PAUSE);
        match self.protocol.answer(now, answer) {
            Next::Rest(until) => self.phase = Phase::Idle(until.max(self.floor)),
            Next::Finish(output) => self.end(output, false),
        }
    }

    fn end(&mut self, output: P::Output, told: bool) {
        self.phase = Phase::Done { output, told };
    }

    pub(crate) fn next_wake(&self) -> Option<Monotonic> {
        self.until().map(|(until, _)| until)
    }

    fn advance(&mut self, now: Monotonic) -> Monotonic {
        self.clock = self.clock.max(now);
        self.clock
    }

    fn wake(&mut self, now: Monotonic) -> Action<P::Output> {
        match self.protocol.wake(now, &self.api) {
            Wake::Finish(output) => self.finish(output),
            Wake::Send(request, until) => {
                let until = until.max(now.after(MIN_PAUSE));
                self.attempt += 1;
                self.floor = now.after(MIN_PAUSE);
                self.phase = Phase::InFlight(until);
                let ticket = Ticket {
                    owner: self.owner.clone(),
                    attempt: self.attempt,
                };
                Action::Send(request, ReplySlot::new(ticket, until.since(now)))
            }
        }
    }

    fn finish(&mut self, output: P::Output) -> Action<P::Output> {
        self.end(output.clone(), true);
        Action::Done(output)
    }
}

/// Two machines in the same state are equal, whoever they are.
impl<P: Protocol + PartialEq> PartialEq for Engine<P>
where
    P::Output: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        let state = |engine: &Self| (engine.clock, engine.floor, engine.attempt);
        (&self.protocol, &self.api, state(self), &self.phase)
            == (&other.protocol, &other.api, state(other), &other.phase)
    }
}
