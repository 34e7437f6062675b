//! Checks that compare what a program reports with what the service knows.
use super::{
    call_list::{ListHistory, RowOutcome},
    invariant::Invariant,
    lifecycle::{CallHistory, Outcome},
    stages::Stage,
};
use crate::{Placements, Service};
use byourside_proto::Monotonic;
use std::time::Duration;

/// A broken invariant, and how it broke.
pub(super) type Violation = (Invariant, String);

/// What must hold when a program sends a request.
pub(super) fn on_send(service: &Service, history: &CallHistory, stage: &Stage) -> Option<Violation> {
    match stage {
        Stage::Placing(_) if placements(service, history).calls > 0 => {
            violation(Invariant::NoSecondPost, "it sends a POST although its call was placed")
        }
        Stage::Waiting(_) if !history.is_verified.get() && !is_its_own(service, history) => {
            let rings = placements(service, history).calls > 0;
            let what = if rings {
                "it is reported as placed, with the id of another call"
            } else {
                "it is reported as placed, and no phone rings"
            };
            violation(Invariant::OwnCall, what)
        }
        Stage::Waiting(_) => {
            // The call of an id does not change, so that one check is enough.
            history.is_verified.set(true);
            None
        }
        _ => None,
    }
}

/// What must hold when a request has arrived.
pub(super) fn on_arrival(service: &Service, history: &CallHistory, intents: u64) -> Option<Violation> {
    if placements(service, history).calls > 1 {
        return violation(Invariant::OneRing, "a phone rings twice");
    }
    if service.placed() > intents {
        return violation(Invariant::OneRing, "there are more calls than intents");
    }
    None
}

/// What must hold when a program ends. The network has had no faults since `sound`.
pub(super) fn on_end(
    service: &Service,
    now: Monotonic,
    history: &CallHistory,
    outcome: &Outcome,
    sound: Monotonic,
) -> Option<Violation> {
    let calls = placements(service, history).calls;
    let call = history.id.as_ref().and_then(|id| service.call(id));
    let deadline = history.checks.limits().last_request;
    match (outcome, call) {
        (Outcome::NotPlaced, _) => of_not_placed(service, history),
        (Outcome::Unknown, _) => None,
        (_, _) if calls == 0 || !is_its_own(service, history) => {
            violation(Invariant::OwnCall, "it is reported as placed, and was not")
        }
        (Outcome::Ended(status, _), Some(call)) if call.status_at(now) != *status => violation(
            Invariant::OwnEnd,
            format!("it is reported as {}, which it is not", status.as_str()),
        ),
        (Outcome::TimedOut, Some(call)) if should_have_seen(history, call.ends_at(), deadline, sound) => violation(
            Invariant::EndSeen,
            "it ended in time, the network was healed, and it is reported as timed out",
        ),
        (Outcome::Ended(..) | Outcome::TimedOut | Outcome::GaveUp, _) => None,
    }
}

/// What must hold for a call that was reported as not placed, then and later.
pub(super) fn of_not_placed(service: &Service, history: &CallHistory) -> Option<Violation> {
    let placed = placements(service, history).calls > 0;
    placed.then(|| (Invariant::NotPlaced, "it is reported as not placed, and was".to_owned()))
}

/// Whether the wait should have seen the end: the call ended before the deadline, and every attempt that could have
/// been in flight then was sent over a network without faults, by a process that did not end.
fn should_have_seen(
    history: &CallHistory,
    ends: Option<Monotonic>,
    deadline: Option<Monotonic>,
    sound: Monotonic,
) -> bool {
    let attempt = history.intent.wait.attempt_timeout.min(Duration::from_secs(3600));
    let sound = sound.max(history.checks.up_since()).after(attempt);
    deadline.is_some_and(|deadline| sound <= deadline && ends.is_some_and(|ends| ends <= deadline))
}

fn placements(service: &Service, history: &CallHistory) -> Placements {
    service.placements(&history.intent.to, &history.intent.objective)
}

fn is_its_own(service: &Service, history: &CallHistory) -> bool {
    let Some(id) = &history.id else { return false };
    let own = |call: &crate::SimulatedCall| {
        call.objective() == history.intent.objective
            && call.to().as_str() == history.intent.to
            && call.background.is_none()
    };
    // Where two calls share an id, the client cannot know whose it is.
    service.shares_ids() || service.call(id).is_some_and(own)
}

fn violation(invariant: Invariant, what: impl Into<String>) -> Option<Violation> {
    Some((invariant, what.into()))
}

/// What must hold when the POST of a row is sent.
pub(super) fn row_on_post(service: &Service, history: &ListHistory) -> Option<Violation> {
    let row = history.rows.get(history.posting.as_ref()?)?;
    let calls = service.placements(&row.intent.to, &row.intent.objective).calls;
    (calls > 0).then(|| {
        let what = "a row is placed again although its call was placed";
        (Invariant::NoSecondPost, what.to_owned())
    })
}

/// What must hold for rows that have ended, unless the service's events contradict each other.
pub(super) fn rows_on_end(service: &Service, now: Monotonic, history: &ListHistory) -> Option<Violation> {
    if history.dirty_checks.contradicted || service.shares_ids() {
        return None;
    }
    history.rows.values().find_map(|row| {
        let call = service.call(row.id.as_ref()?)?;
        match &row.outcome {
            Some(RowOutcome::Ended(status)) if call.status_at(now) != *status => {
                let what = format!("a row is reported as {}, which it is not", status.as_str());
                Some((Invariant::OwnEnd, what))
            }
            _ => None,
        }
    })
}

/// What must hold for the rows of a list at any time.
pub(super) fn rows_on_arrival(service: &Service, history: &ListHistory) -> Option<Violation> {
    history.rows.values().find_map(|row| {
        let calls = service.placements(&row.intent.to, &row.intent.objective).calls;
        let own = |id: &byourside_proto::CallId| {
            let is_it = |call: &crate::SimulatedCall| {
                call.to().as_str() == row.intent.to
                    && call.objective() == row.intent.objective
                    && call.background.is_none()
            };
            service.shares_ids() || service.call(id).is_some_and(is_it)
        };
        if calls > 1 {
            Some((Invariant::OneRing, "a phone rings twice for a row".to_owned()))
        } else if row.outcome == Some(RowOutcome::NotPlaced) && calls > 0 {
            Some((
                Invariant::NotPlaced,
                "a row is reported as not placed, and was".to_owned(),
            ))
        } else if row.id.as_ref().is_some_and(|id| !own(id)) {
            Some((
                Invariant::OwnCall,
                "a row is reported as placed, with the id of another call".to_owned(),
            ))
        } else {
            None
        }
    })
}
