//! What a program says, held against what the service knows.
use super::{
    invariant::Invariant,
    lifecycle::{Life, Outcome},
    stages::Stage,
};
use crate::{Placements, Service};
use byourside_proto::Monotonic;
use std::time::Duration;

/// What does not hold, and how.
pub(super) type Breach = (Invariant, String);

/// What must hold when a request leaves.
pub(super) fn of_sending(service: &Service, life: &Life, stage: &Stage) -> Option<Breach> {
    match stage {
        Stage::Placing(_) if placements(service, life).calls > 0 => {
            breach(Invariant::NoSecondPost, "it sends a POST although its call was placed")
        }
        Stage::Waiting(_) if !life.is_verified.get() && !is_its_own(service, life) => {
            let rings = placements(service, life).calls > 0;
            let what = if rings {
                "it is reported as placed, with the id of another call"
            } else {
                "it is reported as placed, and no phone rings"
            };
            breach(Invariant::OwnCall, what)
        }
        Stage::Waiting(_) => {
            // What an id is of does not change.
            life.is_verified.set(true);
            None
        }
        _ => None,
    }
}

/// What must hold when a request has arrived.
pub(super) fn of_arrival(service: &Service, life: &Life, intents: u64) -> Option<Breach> {
    if placements(service, life).calls > 1 {
        return breach(Invariant::OneRing, "a phone rings twice");
    }
    if service.placed() > intents {
        return breach(Invariant::OneRing, "there are more calls than intents");
    }
    None
}

/// What must hold at the end. The network was sound from `sound` on.
pub(super) fn of_end(
    service: &Service,
    now: Monotonic,
    life: &Life,
    outcome: &Outcome,
    sound: Monotonic,
) -> Option<Breach> {
    let calls = placements(service, life).calls;
    let call = life.id.as_ref().and_then(|id| service.call(id));
    let deadline = life.checks.limits().last_request;
    match (outcome, call) {
        (Outcome::NotPlaced, _) => of_not_placed(service, life),
        (Outcome::Unknown, _) => None,
        (_, _) if calls == 0 || !is_its_own(service, life) => {
            breach(Invariant::OwnCall, "it is reported as placed, and was not")
        }
        (Outcome::Ended(status, _), Some(call)) if call.status_at(now) != *status => breach(
            Invariant::OwnEnd,
            format!("it is reported as {}, which it is not", status.as_str()),
        ),
        (Outcome::TimedOut, Some(call)) if should_have_seen(life, call.ends_at(), deadline, sound) => breach(
            Invariant::EndSeen,
            "it ended in time, the network was healed, and it is reported as timed out",
        ),
        (Outcome::Ended(..) | Outcome::TimedOut | Outcome::GaveUp, _) => None,
    }
}

/// What must hold of what was reported as not placed, then and later.
pub(super) fn of_not_placed(service: &Service, life: &Life) -> Option<Breach> {
    let placed = placements(service, life).calls > 0;
    placed.then(|| (Invariant::NotPlaced, "it is reported as not placed, and was".to_owned()))
}

/// Whether it ended before the deadline, and every attempt that could have been out then was sent over a sound network
/// by a process that lasted.
fn should_have_seen(life: &Life, ends: Option<Monotonic>, deadline: Option<Monotonic>, sound: Monotonic) -> bool {
    let attempt = life.intent.wait.attempt_timeout.min(Duration::from_secs(3600));
    let sound = sound.max(life.checks.up_since()).after(attempt);
    deadline.is_some_and(|deadline| sound <= deadline && ends.is_some_and(|ends| ends <= deadline))
}

fn placements(service: &Service, life: &Life) -> Placements {
    service.placements(&life.intent.to, &life.intent.objective)
}

fn is_its_own(service: &Service, life: &Life) -> bool {
    let Some(id) = &life.id else { return false };
    let own = |call: &crate::SimulatedCall| {
        call.objective() == life.intent.objective && call.to().as_str() == life.intent.to && call.background.is_none()
    };
    // Where two calls have one id, nobody can tell whose it is.
    service.shares_ids() || service.call(id).is_some_and(own)
}

fn breach(invariant: Invariant, what: impl Into<String>) -> Option<Breach> {
    Some((invariant, what.into()))
}
