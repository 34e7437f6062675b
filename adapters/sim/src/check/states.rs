//! The states of the machines, and how often each was reached.
use super::stages::Stage;
use byourside_proto::{
    Monotonic,
    machine::{
        place::Placement,
        reconcile::Reconciliation,
        wait::{EndSource, Reason, WaitFailure},
    },
};
use std::collections::BTreeMap;

macro_rules! states {
    ($($name:ident $text:literal;)*) => {
        /// A state or an end of a machine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "each is told in words by `name`")]
        pub enum State { $($name,)* }

        impl State {
            /// All states.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The state in words.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

states! {
    PlacerOut "placer: its request is out";
    PlacerRetries "placer: it is about to send again";
    PlacerPlaced "placer: placed";
    PlacerNotPlaced "placer: not placed";
    PlacerUnknown "placer: unknown";
    ReconcilerRuns "reconciler: it looks";
    ReconcilerFound "reconciler: found";
    ReconcilerAbsent "reconciler: absent";
    ReconcilerAmbiguous "reconciler: ambiguous";
    WaiterStart "waiter: the first GET is due";
    WaiterAsking "waiter: a GET is out";
    WaiterInterval "waiter: it waits for the interval";
    WaiterBackoff "waiter: it backs off";
    WaiterRetryAfter "waiter: it keeps to a Retry-After";
    WaiterNotReadableYet "waiter: the record is not readable yet";
    WaiterSettling "waiter: the call has ended, and its results are to come";
    WaiterLastGet "waiter: the last GET is due";
    WaiterEndedByPoll "waiter: ended, known by a poll";
    WaiterEndedByEvent "waiter: ended, known by an event";
    WaiterTimedOut "waiter: timed out";
    WaiterGaveUp "waiter: gave up";
    WaiterRefused "waiter: refused";
    Down "no process runs it";
    PlaceSetRuns "set that places: it places";
    PlaceSetPlaced "set that places: a row is placed";
    PlaceSetNotPlaced "set that places: a row is not placed";
    PlaceSetUnknown "set that places: a row is unknown";
    WaitSetRuns "set that waits: it waits";
    WaitSetEnded "set that waits: a row ended";
    WaitSetTimedOut "set that waits: a row timed out";
    WaitSetRefused "set that waits: a row was refused or given up";
}

/// How often each state was reached.
pub(super) type StateCounts = BTreeMap<State, u64>;

pub(super) fn note(state_counts: &mut StateCounts, state: State) {
    *state_counts.entry(state).or_default() += 1;
}

/// The state of a stage's machine.
pub(super) fn of_stage(stage: &Stage, posts: u32, now: Monotonic) -> Option<State> {
    Some(match stage {
        Stage::Scheduled(_) => return None,
        Stage::Stopped(_) => State::Down,
        Stage::Placing(_) if posts > 1 => State::PlacerRetries,
        Stage::Placing(_) => State::PlacerOut,
        Stage::Reconciling(_) => State::ReconcilerRuns,
        Stage::Waiting(waiter) => match waiter.status(now).reason {
            Reason::Start => State::WaiterStart,
            Reason::Asking => State::WaiterAsking,
            Reason::Interval => State::WaiterInterval,
            Reason::Backoff { .. } => State::WaiterBackoff,
            Reason::RetryAfter(_) => State::WaiterRetryAfter,
            Reason::NotReadableYet => State::WaiterNotReadableYet,
            Reason::Settling { .. } => State::WaiterSettling,
            Reason::LastGet => State::WaiterLastGet,
            _ => return None,
        },
    })
}

pub(super) fn of_placement(placement: &Placement) -> State {
    match placement {
        Placement::Placed(_) => State::PlacerPlaced,
        Placement::NotPlaced(_) => State::PlacerNotPlaced,
        Placement::Unknown(_) => State::PlacerUnknown,
    }
}

pub(super) fn of_reconciliation(reconciliation: &Reconciliation) -> State {
    match reconciliation {
        Reconciliation::Found(_) => State::ReconcilerFound,
        Reconciliation::Absent => State::ReconcilerAbsent,
        Reconciliation::Ambiguous { .. } => State::ReconcilerAmbiguous,
    }
}

pub(super) fn on_end(end_source: EndSource) -> State {
    match end_source {
        EndSource::Poll => State::WaiterEndedByPoll,
        EndSource::Event => State::WaiterEndedByEvent,
    }
}

pub(super) fn of_failure(failure: &WaitFailure) -> State {
    match failure {
        WaitFailure::TimedOut => State::WaiterTimedOut,
        WaitFailure::GaveUp(_) => State::WaiterGaveUp,
        _ => State::WaiterRefused,
    }
}
