//! What lives in a world.
use super::Received;
use byourside_proto::{
    Machine, Monotonic, UnixTime,
    machine::{place::Placer, wait::CallWaiter},
};
use http::{Request, StatusCode};
use std::{fmt, time::Duration};

/// A machine that also takes deliveries, as the web server beside it would.
///
/// ```
/// use byourside_proto::{Action, Machine, Monotonic, UnixTime, machine::{Reply, place::{Placement, Placer}}};
/// use byourside_sim::Program;
/// use http::{Request, StatusCode};
///
/// /// Places a call, and counts what it is told.
/// struct Counting { placer: Placer, told: u32 }
///
/// impl Machine for Counting {
///     type Output = Placement;
///     fn poll(&mut self, now: Monotonic) -> Action<Placement> { self.placer.poll(now) }
///     fn handle(&mut self, now: Monotonic, reply: Reply) { self.placer.handle(now, reply) }
///     fn next_wake(&self) -> Option<Monotonic> { self.placer.next_wake() }
/// }
///
/// impl Program for Counting {
///     fn receive(&mut self, _now: Monotonic, _received: UnixTime, _delivery: &Request<Vec<u8>>) -> StatusCode {
///         self.told += 1;
///         StatusCode::NO_CONTENT
///     }
/// }
/// ```
pub trait Program: Machine {
    /// Takes a delivery, unverified as it comes, and answers it. `received` is the receiver's wall clock, to verify by.
    /// Afterwards the program is polled. What takes none answers 404, and the service tries again.
    fn receive(&mut self, now: Monotonic, received: UnixTime, delivery: &Request<std::vec::Vec<u8>>) -> StatusCode {
        let _ = (now, received, delivery);
        StatusCode::NOT_FOUND
    }

    /// From now on and for this long it does not run: its process is stopped or, if its clock stands still, the machine is
    /// suspended, where the monotonic clock stands still and the wall clock and the service go on.
    fn away(&mut self, now: Monotonic, duration: Duration, clock_stands_still: bool) {
        let _ = (now, duration, clock_stands_still);
    }

    /// The process ends now, at any moment, and another one goes on this much later with what was written down: a program
    /// that keeps a [`Snapshot`](byourside_proto::machine::Snapshot) restores it.
    fn crash(&mut self, now: Monotonic, pause: Duration) {
        let _ = (now, pause);
    }

    /// Sees what comes back for a request, before [`handle`](Machine::handle) takes it: for a test that wants to know
    /// more than its machines tell.
    fn observe(&mut self, now: Monotonic, received: &Received) {
        let _ = (now, received);
    }
}

impl Program for Placer {}
impl Program for CallWaiter {}

/// Which program of a world: they are numbered from 0 in the order in which they are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgramId(usize);

impl ProgramId {
    pub(crate) fn of(index: usize) -> Self {
        Self(index)
    }

    pub(crate) fn index(self) -> usize {
        self.0
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u64 {
        u64::try_from(self.0).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for ProgramId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
