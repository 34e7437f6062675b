//! The requests of a set that are in flight.
use crate::{machine::reply::Ticket, types::Monotonic};
use alloc::{sync::Arc, vec::Vec};

/// The requests in flight. There are never more than the options allow, so a plain list is the fastest.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlight {
    owner: Arc<()>,
    attempts: u64,
    requests: Vec<Request>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Request {
    attempt: u64,
    /// When the attempt times out.
    until: Monotonic,
    kind: RequestKind,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RequestKind {
    List,
    /// The record of the call in this slot, of this generation.
    Get(u32, u32),
}

impl InFlight {
    pub(super) fn len(&self) -> usize {
        self.requests.len()
    }

    /// Adds a request. Returns the ticket by which its reply is recognised.
    pub(super) fn start(&mut self, until: Monotonic, kind: RequestKind) -> Ticket {
        self.attempts += 1;
        self.requests.push(Request {
            attempt: self.attempts,
            until,
            kind,
        });
        Ticket {
            owner: self.owner.clone(),
            attempt: self.attempts,
        }
    }

    /// Removes the request with this ticket. Returns what it is for; `None` if it is not in flight.
    pub(super) fn complete(&mut self, ticket: &Ticket) -> Option<RequestKind> {
        if !Arc::ptr_eq(&self.owner, &ticket.owner) {
            return None;
        }
        let at = self
            .requests
            .iter()
            .position(|request| request.attempt == ticket.attempt)?;
        Some(self.requests.swap_remove(at).kind)
    }

    /// When the next attempt times out.
    pub(super) fn next_timeout(&self) -> Option<Monotonic> {
        self.requests.iter().map(|request| request.until).min()
    }

    /// Removes a request whose attempt has timed out. Returns what it is for.
    pub(super) fn expire(&mut self, now: Monotonic) -> Option<RequestKind> {
        let at = self.requests.iter().position(|request| request.until <= now)?;
        Some(self.requests.swap_remove(at).kind)
    }
}

/// Two lists in the same state are equal, regardless of the identity of their sets.
impl PartialEq for InFlight {
    fn eq(&self, other: &Self) -> bool {
        (self.attempts, &self.requests) == (other.attempts, &other.requests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    #[test]
    fn in_flight_requests_with_other_timeouts_are_not_equal() {
        let one = |until| {
            let mut in_flight = InFlight::default();
            let _ticket = in_flight.start(at(until), RequestKind::List);
            in_flight
        };
        assert_eq!(one(1), one(1));
        assert_ne!(one(1), one(2));
    }
}
