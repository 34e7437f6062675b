//! The requests that are out.
use crate::{machine::reply::Ticket, types::Monotonic};
use alloc::{sync::Arc, vec::Vec};

/// The requests that are out: never more than the options allow, so a plain list is the fastest.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlight {
    owner: Arc<()>,
    attempts: u64,
    out: Vec<Pending>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Pending {
    attempt: u64,
    until: Monotonic,
    kind: RequestKind,
}

/// What a request is out for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RequestKind {
    List,
    /// The slot of a call, and its generation.
    Get(u32, u32),
}

impl InFlight {
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    pub(super) fn start(&mut self, until: Monotonic, kind: RequestKind) -> Ticket {
        self.attempts += 1;
        self.out.push(Pending {
            attempt: self.attempts,
            until,
            kind,
        });
        Ticket {
            owner: self.owner.clone(),
            attempt: self.attempts,
        }
    }

    /// What the request was out for, if it is one of these and still out.
    pub(super) fn complete(&mut self, ticket: &Ticket) -> Option<RequestKind> {
        if !Arc::ptr_eq(&self.owner, &ticket.owner) {
            return None;
        }
        let at = self.out.iter().position(|pending| pending.attempt == ticket.attempt)?;
        Some(self.out.swap_remove(at).kind)
    }

    /// When the first of them is given up.
    pub(super) fn first_end(&self) -> Option<Monotonic> {
        self.out.iter().map(|pending| pending.until).min()
    }

    /// One that is to be given up at `now`.
    pub(super) fn expire(&mut self, now: Monotonic) -> Option<RequestKind> {
        let at = self.out.iter().position(|pending| pending.until <= now)?;
        Some(self.out.swap_remove(at).kind)
    }
}

/// Two sets in the same state are equal, whoever they are.
impl PartialEq for InFlight {
    fn eq(&self, other: &Self) -> bool {
        (self.attempts, &self.out) == (other.attempts, &other.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    #[test]
    fn requests_that_end_at_other_times_are_not_equal() {
        let out = |until| {
            let mut in_flight = InFlight::default();
            let _ticket = in_flight.start(at(until), RequestKind::List);
            in_flight
        };
        assert_eq!(out(1), out(1));
        assert_ne!(out(1), out(2));
    }
}
