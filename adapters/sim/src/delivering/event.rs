//! The body of a webhook event.
use super::super::{
    SimulatedCall, Uuid,
    clock::{Iso, WallClock},
    destination::End,
    record::{RECORD_CAPACITY, Results, iso_if_past, written},
};
use byourside_proto::{Monotonic, Status};
use serde::Serialize;

/// The point in a call that an event tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Milestone {
    Answered,
    Ended,
}

impl Milestone {
    /// When a call reaches it; `None` if it never does.
    pub(crate) fn at(self, call: &SimulatedCall) -> Option<Monotonic> {
        match self {
            Self::Answered => call.answered_at,
            Self::Ended => call.ends_at(),
        }
    }

    pub(crate) fn event(self, call: &SimulatedCall) -> &'static str {
        match (self, call.end) {
            (Self::Answered, _) | (Self::Ended, None) => "call.in_progress",
            (Self::Ended, Some((_, end))) => match end {
                End::Completed => "call.completed",
                End::NoAnswer => "call.no_answer",
                End::Voicemail => "call.voicemail",
                End::Declined => "call.declined",
                End::Failed => "call.failed",
            },
        }
    }

    pub(crate) fn event_id(self, call: &SimulatedCall) -> Uuid {
        let mut seed = match self {
            Self::Answered => call.seed ^ 1,
            Self::Ended => call.seed ^ 2,
        };
        Uuid::random(&mut seed)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    event: &'static str,
    event_id: Uuid,
    timestamp: Iso,
    call_id: Uuid,
    status: Status,
    to: &'a str,
    objective: &'a str,
    started_at: Option<Iso>,
    ended_at: Option<Iso>,
    #[serde(flatten)]
    results: Results<'a>,
}

/// The body of an event. It shows the call as it was at the milestone, so every attempt sends the same bytes.
pub(crate) fn body(call: &SimulatedCall, milestone: Milestone, clock: WallClock) -> Vec<u8> {
    let at = milestone.at(call).unwrap_or(call.placed_at);
    let event = Event {
        event: milestone.event(call),
        event_id: milestone.event_id(call),
        timestamp: clock.iso(at),
        call_id: call.id,
        status: call.status_at(at),
        to: call.to.as_str(),
        objective: &call.objective,
        started_at: iso_if_past(call.answered_at, clock, at),
        ended_at: iso_if_past(call.ends_at(), clock, at),
        results: Results::of(call, at),
    };
    written(&event, RECORD_CAPACITY)
}
