//! Reference models: a second, plainer implementation of each machine, compared with the machine after every step.
//!
//! A model reads answers as data, not as bytes, and shares no code with the machines. Its time is the latest that the
//! driver's clock ever showed.
mod placer;
mod reader;
mod waiter;

pub use placer::{DOCUMENTED, Outcome as PlacerOutcome, PlacerModel, judge};
pub use reader::ReaderModel;
pub use waiter::WaiterModel;

use crate::{
    answer::Given,
    driver::{Run, Seen, Step},
    subject::Subject,
    support::Polled,
};
use byourside_proto::{Machine, Monotonic, machine::Backoff};
use core::{fmt::Debug, time::Duration};
use proptest::{prelude::*, test_runner::TestCaseError};

/// A reference model of one machine.
pub trait Model {
    type Subject: Subject;
    /// The output, reduced to what a model can compute from the data.
    type Outcome: Clone + Debug + PartialEq;

    fn new(setup: &Self::Subject, start: Monotonic) -> Self;

    /// No request is in flight, and the pause is over.
    fn turn(&mut self, now: Monotonic) -> Expected<Self::Outcome>;

    /// The request in flight was answered or, with [`Given::TimedOut`], timed out.
    fn answered(&mut self, now: Monotonic, given: &Given) -> Expected<Self::Outcome>;

    fn outcome(output: &<Self::Subject as Subject>::Output) -> Self::Outcome;
}

/// What the machine is expected to do next.
pub enum Expected<O> {
    SendUntil(Monotonic),
    PauseUntil(Monotonic),
    End(O),
}

/// The state that every machine has.
enum State<O> {
    Paused { until: Monotonic },
    InFlight { attempt: usize, until: Monotonic },
    Ended(O),
}

/// Runs the script with the machine and with its model, and compares them after each step.
pub fn compare<M: Model>(setup: &M::Subject, start: Monotonic, script: &[Step]) -> Result<(), TestCaseError> {
    let mut run = Run::new(setup, start);
    let mut model = M::new(setup, start);
    let mut state = State::Paused { until: start };
    for step in script {
        match run.step(step) {
            Seen::Received | Seen::Ignorable => {}
            Seen::Answered(attempt, given) => answer(&mut model, &mut state, run.clock, attempt, &given),
            Seen::Said(said) => {
                let said = match said {
                    Polled::Send(timeout) => Polled::Send(timeout),
                    Polled::Sleep(duration) => Polled::Sleep(duration),
                    Polled::Done(output) => Polled::Done(M::outcome(&output)),
                };
                prop_assert_eq!(said, poll(&mut model, &mut state, run.clock, run.sent()));
            }
        }
        let wake = match &state {
            State::Paused { until } | State::InFlight { until, .. } => Some(*until),
            State::Ended(_) => None,
        };
        prop_assert_eq!(run.time.machine.next_wake(), wake);
    }
    Ok(())
}

/// Neither a pause nor an attempt is shorter than 10 ms.
fn at_least_ten_millis(now: Monotonic, until: Monotonic) -> Monotonic {
    until.max(now.after(Duration::from_millis(10)))
}

fn poll<M: Model>(model: &mut M, state: &mut State<M::Outcome>, now: Monotonic, attempt: usize) -> Polled<M::Outcome> {
    if let State::Paused { until } | State::InFlight { until, .. } = state
        && now < *until
    {
        return Polled::Sleep(until.since(now));
    }
    if let State::InFlight { .. } = state
        && let Expected::End(outcome) = model.answered(now, &Given::TimedOut)
    {
        *state = State::Ended(outcome);
    }
    if let State::Ended(outcome) = state {
        return Polled::Done(outcome.clone());
    }
    match model.turn(now) {
        Expected::SendUntil(until) => {
            let until = at_least_ten_millis(now, until);
            *state = State::InFlight { attempt, until };
            Polled::Send(until.since(now))
        }
        Expected::End(outcome) => {
            *state = State::Ended(outcome.clone());
            Polled::Done(outcome)
        }
        Expected::PauseUntil(until) => {
            *state = State::Paused { until };
            Polled::Sleep(until.since(now))
        }
    }
}

fn answer<M: Model>(model: &mut M, state: &mut State<M::Outcome>, now: Monotonic, attempt: usize, given: &Given) {
    if let State::InFlight { attempt: in_flight, .. } = state
        && *in_flight == attempt
    {
        match model.answered(now, given) {
            Expected::PauseUntil(until) => {
                let until = at_least_ten_millis(now, until);
                *state = State::Paused { until };
            }
            Expected::SendUntil(until) => *state = State::InFlight { attempt, until },
            Expected::End(outcome) => *state = State::Ended(outcome),
        }
    }
}

/// The pause after the `nth` failure in a row.
fn pause(backoff: &Backoff, nth: u32) -> Duration {
    let max = backoff.max.as_nanos();
    let mut nanos = backoff.first.as_nanos().min(max);
    for _ in 1..nth {
        nanos = (nanos * u128::from(backoff.growth_percent) / 100).min(max);
    }
    let (seconds, nanos) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    Duration::new(u64::try_from(seconds).unwrap(), u32::try_from(nanos).unwrap())
}
