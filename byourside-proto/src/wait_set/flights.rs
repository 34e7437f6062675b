//! The requests that are out.
use crate::{Monotonic, machine::Ticket};
use alloc::{sync::Arc, vec::Vec};

/// The requests that are out: never more than the options allow, so a plain list is the fastest.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights {
    owner: Arc<()>,
    attempts: u64,
    out: Vec<Flight>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Flight {
    attempt: u64,
    until: Monotonic,
    errand: Errand,
}

/// What a request is out for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Errand {
    List,
    /// The slot of a call, and its generation.
    Get(u32, u32),
}

impl Flights {
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    pub(super) fn start(&mut self, until: Monotonic, errand: Errand) -> Ticket {
        self.attempts += 1;
        self.out.push(Flight {
            attempt: self.attempts,
            until,
            errand,
        });
        Ticket {
            owner: self.owner.clone(),
            attempt: self.attempts,
        }
    }

    /// What the request was out for, if it is one of these and still out.
    pub(super) fn land(&mut self, ticket: &Ticket) -> Option<Errand> {
        if !Arc::ptr_eq(&self.owner, &ticket.owner) {
            return None;
        }
        let at = self.out.iter().position(|flight| flight.attempt == ticket.attempt)?;
        Some(self.out.swap_remove(at).errand)
    }

    /// When the first of them is given up.
    pub(super) fn first_end(&self) -> Option<Monotonic> {
        self.out.iter().map(|flight| flight.until).min()
    }

    /// One that is to be given up at `now`.
    pub(super) fn expire(&mut self, now: Monotonic) -> Option<Errand> {
        let at = self.out.iter().position(|flight| flight.until <= now)?;
        Some(self.out.swap_remove(at).errand)
    }
}

/// Two sets in the same state are equal, whoever they are.
impl PartialEq for Flights {
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
            let mut flights = Flights::default();
            let _ticket = flights.start(at(until), Errand::List);
            flights
        };
        assert_eq!(out(1), out(1));
        assert_ne!(out(1), out(2));
    }
}
