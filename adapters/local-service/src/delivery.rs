//! What became of a webhook delivery, as it may be told.
use byourside_proto::sim::{DeliveryOutcome, DeliveryTicket};
use std::fmt;

/// One attempt to deliver an event, and what came of it. It holds no body, no signature and no address, so that it can
/// go to any log; it prints as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    event: &'static str,
    event_id: String,
    call_id: String,
    attempt: u32,
    outcome: DeliveryOutcome,
}

impl Delivery {
    pub(crate) fn of(ticket: &DeliveryTicket, outcome: DeliveryOutcome) -> Self {
        Self {
            event: ticket.event(),
            event_id: ticket.event_id(),
            call_id: ticket.call_id().as_str().to_owned(),
            attempt: ticket.attempt(),
            outcome,
        }
    }

    /// The event's kind: `call.completed`, ...
    #[must_use]
    pub fn event(&self) -> &'static str {
        self.event
    }

    /// The event's id, the same for every attempt.
    #[must_use]
    pub fn event_id(&self) -> &str {
        &self.event_id
    }

    /// The call's id.
    #[must_use]
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Which attempt it was, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// What came of it. What is not acknowledged is sent again.
    #[must_use]
    pub fn outcome(&self) -> DeliveryOutcome {
        self.outcome
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            event,
            event_id,
            call_id,
            attempt,
            ..
        } = self;
        write!(f, "webhook {event} {event_id} of call {call_id}, attempt {attempt}: ")?;
        match self.outcome {
            DeliveryOutcome::Answered(status) => write!(f, "{}", status.as_u16()),
            DeliveryOutcome::NoAnswer => f.write_str("no answer"),
        }
    }
}
