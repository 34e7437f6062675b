//! Placing: one POST, and another only after an answer that proves that no phone rings and that allows a retry.
use super::{Expected, Model, pause};
use crate::{answer::Given, subject::Placing};
use byourside_proto::machine::place::{NotPlaced, PlaceOptions, Placement, Unknown};
use byourside_proto::{Monotonic, machine::Sent};

pub struct PlacerModel {
    options: PlaceOptions,
    retries: u32,
}

/// The kind of outcome, with the id of the call or the code and status.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Placed(String),
    Refused(String, u16),
    NoConnection,
    UnknownAfter(String, u16),
    Lost,
}

/// The error tokens that the service documents. Source: the vendor's SDK page.
pub const DOCUMENTED: [&str; 11] = [
    "destination_blocked",
    "invalid_number",
    "to_required",
    "objective_required",
    "caller_id_not_owned",
    "rate_limited",
    "over_minute_cap",
    "unauthorized",
    "not_found",
    "placement_failed",
    "store_error",
];

/// What an answer to the POST proves.
pub fn judge(given: &Given) -> Outcome {
    let (status, code) = (given.status(), given.code());
    match given {
        Given::NotSent => return Outcome::NoConnection,
        Given::MaybeSent | Given::TimedOut => return Outcome::Lost,
        Given::Response { .. } => {}
    }
    if given.is_success() {
        let body = given.success();
        let text = |name| body.as_ref().and_then(|body| body.get(name)?.as_str());
        return match text("id").or(text("callId")) {
            Some(id) if !["", ".", ".."].contains(&id) => Outcome::Placed(id.to_owned()),
            _ => Outcome::UnknownAfter(code, status),
        };
    }
    let documented = given.token().is_some_and(|token| DOCUMENTED.contains(&token.as_str()));
    let proves = match (code.as_str(), status) {
        ("store_error", _) => false,
        ("placement_failed", _) => true,
        (_, 408 | 409 | 423 | 425 | 499) => documented,
        (_, 400..=499) => true,
        _ => false,
    };
    if proves {
        Outcome::Refused(code, status)
    } else {
        Outcome::UnknownAfter(code, status)
    }
}

impl Model for PlacerModel {
    type Subject = Placing;
    type Outcome = Outcome;

    fn new(setup: &Placing, _start: Monotonic) -> Self {
        Self {
            options: setup.0,
            retries: 0,
        }
    }

    fn turn(&mut self, now: Monotonic) -> Expected<Outcome> {
        Expected::SendUntil(now.after(self.options.attempt_timeout))
    }

    fn answered(&mut self, now: Monotonic, given: &Given) -> Expected<Outcome> {
        let outcome = judge(given);
        let again = match &outcome {
            Outcome::NoConnection => true,
            Outcome::Refused(code, _) if code == "placement_failed" && self.options.retry_placement_failed => true,
            Outcome::Refused(code, 429) => code == "rate_limited" || code == "error",
            _ => false,
        };
        let asked = given.asked().unwrap_or_default();
        if !again || self.retries == self.options.retries || asked > self.options.max_retry_after {
            return Expected::End(outcome);
        }
        self.retries += 1;
        Expected::PauseUntil(now.after(asked.max(pause(&self.options.backoff, self.retries))))
    }

    fn outcome(output: &Placement) -> Outcome {
        match output {
            Placement::Placed(call) => Outcome::Placed(call.id().unwrap().to_owned()),
            Placement::NotPlaced(NotPlaced::Refused(error)) => Outcome::Refused(error.code().into(), error.status()),
            Placement::NotPlaced(NotPlaced::NoConnection(failure)) => {
                assert_eq!(failure.sent(), Sent::No);
                Outcome::NoConnection
            }
            Placement::Unknown(Unknown::Answer(error)) => Outcome::UnknownAfter(error.code().into(), error.status()),
            Placement::Unknown(Unknown::Lost(failure)) => {
                assert_eq!(failure.sent(), Sent::Maybe);
                Outcome::Lost
            }
        }
    }
}
