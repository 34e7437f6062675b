//! What all single machines share: a clock that never goes back, one request in flight, and a sticky end.
//! The rules of [`Machine`](super::Machine) are kept here.
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

/// The shortest time between two requests, and the shortest attempt timeout: rule 8.
pub(crate) const MIN_PAUSE: Duration = Duration::from_millis(10);

/// The decisions of one machine: what to send next, and what an answer means.
///
/// Each method returns a single step, so the engine needs no loop. A protocol holds no API key: it is what a snapshot
/// stores.
pub(crate) trait Protocol {
    type Output: Clone;

    /// Called when the idle time is over, or after an attempt that timed out: sends the next request, or ends.
    fn wake(&mut self, now: Monotonic, api: &Api) -> Wake<Self::Output>;

    /// Called with the answer to the request in flight, or with the failure: idles, or ends.
    ///
    /// After an attempt timeout the engine ignores the moment of [`Next::Rest`] and wakes the protocol at once:
    /// the timeout was pause enough.
    fn answer(&mut self, now: Monotonic, answer: Answer) -> Next<Self::Output>;
}

/// What a protocol does when it wakes up.
#[expect(
    clippy::large_enum_variant,
    reason = "it is matched where it is returned, and never stored"
)]
pub(crate) enum Wake<T> {
    /// Send this request. The attempt times out at this moment.
    Send(Request<Vec<u8>>, Monotonic),
    /// End with this output.
    Finish(T),
}

/// What a protocol does after an answer.
pub(crate) enum Next<T> {
    /// Be idle until this moment, then wake.
    Rest(Monotonic),
    /// End with this output.
    Finish(T),
}

/// Where a machine stands when a webhook event comes in.
pub(crate) enum Stage<'a, T> {
    /// The machine has not ended.
    Open,
    /// The machine has ended, but `poll` has not returned the output yet: it can still be corrected.
    Unobserved(&'a mut T),
    /// The machine has ended, and `poll` has returned the output: it is final.
    Observed(&'a T),
}

/// What a webhook event changes.
pub(crate) enum Effect<T> {
    Nothing,
    /// Ends the idle time now, or at this moment if that is later. A request in flight is still waited for.
    WakeBy(Monotonic),
    /// Ends the machine. A request in flight is no longer waited for.
    Finish(T),
}

/// Runs a protocol: tracks the clock, the request in flight and the output.
#[derive(Clone, Debug)]
pub(crate) struct Engine<P: Protocol> {
    pub(crate) protocol: P,
    pub(super) api: Api,
    owner: Arc<()>,
    pub(super) clock: Monotonic,
    /// No request is sent before this: rule 8 holds for any input.
    earliest_send: Monotonic,
    attempt: u64,
    pub(super) phase: Phase<P::Output>,
}

/// What an engine does until its next step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Phase<T> {
    /// No request is in flight until this moment.
    Idle(Monotonic),
    /// A request is in flight, and its attempt times out at this moment.
    InFlight(Monotonic),
    /// The machine has ended. `observed` says whether `poll` has returned the output.
    Done { output: T, observed: bool },
}

impl<P: Protocol> Engine<P> {
    pub(crate) fn new(protocol: P, api: Api, now: Monotonic) -> Self {
        Self {
            protocol,
            api,
            owner: Arc::new(()),
            clock: now,
            earliest_send: now,
            attempt: 0,
            phase: Phase::Idle(now),
        }
    }

    pub(crate) fn poll(&mut self, now: Monotonic) -> Action<P::Output> {
        let now = self.advance(now);
        match &mut self.phase {
            Phase::Done { output, observed } => {
                *observed = true;
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

    /// Whether this is the reply to the request in flight.
    pub(crate) fn awaits(&self, reply: &Reply) -> bool {
        let ours = Arc::ptr_eq(&self.owner, &reply.ticket.owner) && self.attempt == reply.ticket.attempt;
        match &self.phase {
            Phase::InFlight(_) => ours,
            Phase::Idle(_) | Phase::Done { .. } => false,
        }
    }

    /// Applies a webhook event: `decide` returns what to report to the caller, and what the event changes.
    pub(crate) fn on_event<R>(
        &mut self,
        now: Monotonic,
        decide: impl FnOnce(&mut P, Monotonic, Stage<'_, P::Output>) -> (R, Effect<P::Output>),
    ) -> R {
        let now = self.advance(now);
        let stage = match &mut self.phase {
            Phase::Idle(_) | Phase::InFlight(_) => Stage::Open,
            Phase::Done {
                output,
                observed: false,
            } => Stage::Unobserved(output),
            Phase::Done { output, observed: true } => Stage::Observed(output),
        };
        let (report, effect) = decide(&mut self.protocol, now, stage);
        match (effect, &mut self.phase) {
            (Effect::Nothing, _) | (_, Phase::Done { .. }) | (Effect::WakeBy(_), Phase::InFlight(_)) => {}
            (Effect::WakeBy(earliest), Phase::Idle(until)) => {
                *until = (*until).min(self.earliest_send.max(now).max(earliest));
            }
            (Effect::Finish(output), Phase::Idle(_) | Phase::InFlight(_)) => self.end(output, false),
        }
        report
    }

    /// Continues a machine that has ended, if `goes_on` returns true. `goes_on` gets the output, if there is one yet.
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
            self.phase = Phase::Idle(self.earliest_send.max(now));
        }
        goes_on
    }

    /// When the phase is over, and whether a request is in flight until then; `None` after the end.
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
        self.earliest_send = now.after(MIN_PAUSE);
        match self.protocol.answer(now, answer) {
            Next::Rest(until) => self.phase = Phase::Idle(until.max(self.earliest_send)),
            Next::Finish(output) => self.end(output, false),
        }
    }

    fn end(&mut self, output: P::Output, observed: bool) {
        self.phase = Phase::Done { output, observed };
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
                self.earliest_send = now.after(MIN_PAUSE);
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

/// Two engines in the same state are equal, regardless of their identity.
impl<P: Protocol + PartialEq> PartialEq for Engine<P>
where
    P::Output: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        let state = |engine: &Self| (engine.clock, engine.earliest_send, engine.attempt);
        (&self.protocol, &self.api, state(self), &self.phase)
            == (&other.protocol, &other.api, state(other), &other.phase)
    }
}
