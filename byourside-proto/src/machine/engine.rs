//! What all machines share: the clock that never goes back, the one request that may be out, the sticky end.
//! The rules on [`Machine`](super::Machine) are kept here, once.
use super::{
    Action, Reply, ReplySlot,
    reply::{Answer, Ticket},
};
use crate::{Monotonic, TransportFailure};
use alloc::{sync::Arc, vec::Vec};
use core::time::Duration;
use http::Request;

/// The shortest time between two requests, and the shortest that an attempt is given: rule 8.
pub(crate) const MIN_PAUSE: Duration = Duration::from_millis(10);

/// What one machine decides. Neither method can ask for more than one step, so no loop has to be bounded.
pub(crate) trait Protocol {
    type Output: Clone;

    /// The rest is over, or the attempt's time is: send, or end.
    fn wake(&mut self, now: Monotonic) -> Wake<Self::Output>;

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

#[derive(Clone, Debug)]
pub(crate) struct Engine<P: Protocol> {
    pub(crate) protocol: P,
    owner: Arc<()>,
    clock: Monotonic,
    attempt: u64,
    phase: Phase<P::Output>,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase<T> {
    Resting(Monotonic),
    Flying(Monotonic),
    Done(T),
}

impl<P: Protocol> Engine<P> {
    pub(crate) fn new(protocol: P, now: Monotonic) -> Self {
        Self {
            protocol,
            owner: Arc::new(()),
            clock: now,
            attempt: 0,
            phase: Phase::Resting(now),
        }
    }

    pub(crate) fn poll(&mut self, now: Monotonic) -> Action<P::Output> {
        let now = self.advance(now);
        match &self.phase {
            Phase::Done(output) => Action::Done(output.clone()),
            Phase::Resting(until) | Phase::Flying(until) if now < *until => Action::Sleep(until.since(now)),
            Phase::Resting(_) => self.wake(now),
            Phase::Flying(_) => match self.protocol.answer(now, Answer::Failed(TransportFailure::timed_out())) {
                Next::Rest(_) => self.wake(now),
                Next::Finish(output) => self.finish(output),
            },
        }
    }

    pub(crate) fn handle(&mut self, now: Monotonic, reply: Reply) {
        let now = self.advance(now);
        let ours = Arc::ptr_eq(&self.owner, &reply.ticket.owner) && self.attempt == reply.ticket.attempt;
        match &self.phase {
            Phase::Flying(_) if ours => match self.protocol.answer(now, reply.answer) {
                Next::Rest(until) => self.phase = Phase::Resting(until.max(now.after(MIN_PAUSE))),
                Next::Finish(output) => self.phase = Phase::Done(output),
            },
            Phase::Flying(_) | Phase::Resting(_) | Phase::Done(_) => {}
        }
    }

    pub(crate) fn next_wake(&self) -> Option<Monotonic> {
        match &self.phase {
            Phase::Resting(until) | Phase::Flying(until) => Some(*until),
            Phase::Done(_) => None,
        }
    }

    fn advance(&mut self, now: Monotonic) -> Monotonic {
        self.clock = self.clock.max(now);
        self.clock
    }

    fn wake(&mut self, now: Monotonic) -> Action<P::Output> {
        match self.protocol.wake(now) {
            Wake::Finish(output) => self.finish(output),
            Wake::Send(request, until) => {
                let until = until.max(now.after(MIN_PAUSE));
                self.attempt += 1;
                self.phase = Phase::Flying(until);
                let ticket = Ticket {
                    owner: self.owner.clone(),
                    attempt: self.attempt,
                };
                Action::Send(request, ReplySlot::new(ticket, until.since(now)))
            }
        }
    }

    fn finish(&mut self, output: P::Output) -> Action<P::Output> {
        self.phase = Phase::Done(output.clone());
        Action::Done(output)
    }
}

/// Two machines in the same state are equal, whoever they are.
impl<P: Protocol + PartialEq> PartialEq for Engine<P>
where
    P::Output: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.protocol == other.protocol
            && self.clock == other.clock
            && self.attempt == other.attempt
            && self.phase == other.phase
    }
}
