//! The programs of a simulation.
use super::Received;
use byourside_proto::{
    Machine, Monotonic, UnixTime,
    machine::{place::Placer, wait::CallWaiter},
};
use http::{Request, StatusCode};
use std::{fmt, time::Duration};

/// A program of a [`Simulation`](crate::Simulation): a machine that can also receive webhook deliveries and be stopped,
/// suspended or crashed.
///
/// ```
/// use byourside_proto::{Action, Machine, Monotonic, UnixTime, machine::{Reply, place::{Placement, Placer}}};
/// use byourside_sim::Program;
/// use http::{Request, StatusCode};
///
/// /// Places a call, and counts its webhook deliveries.
/// struct Counting { placer: Placer, deliveries: u32 }
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
///         self.deliveries += 1;
///         StatusCode::NO_CONTENT
///     }
/// }
/// ```
pub trait Program: Machine {
    /// Receives a webhook delivery, not yet verified, and returns the status to answer with. `received` is the
    /// receiver's wall clock, to verify the signature with. The program is polled afterwards. The default answers 404,
    /// after which the service tries again.
    fn receive(&mut self, now: Monotonic, received: UnixTime, delivery: &Request<std::vec::Vec<u8>>) -> StatusCode {
        let _ = (now, received, delivery);
        StatusCode::NOT_FOUND
    }

    /// Called when the program does not run for this long. Its process is stopped or, if `clock_stands_still`, its
    /// computer is suspended: then the monotonic clock stands still, while the wall clock and the service go on.
    fn away(&mut self, now: Monotonic, duration: Duration, clock_stands_still: bool) {
        let _ = (now, duration, clock_stands_still);
    }

    /// Called when the process crashes. After this pause another process continues: a program that keeps a
    /// [`Snapshot`](byourside_proto::machine::Snapshot) restores itself from that.
    fn crash(&mut self, now: Monotonic, pause: Duration) {
        let _ = (now, pause);
    }

    /// Called with what a request received, before [`handle`](Machine::handle): for a test that checks more than its
    /// machines report.
    fn observe(&mut self, now: Monotonic, received: &Received) {
        let _ = (now, received);
    }
}

impl Program for Placer {}
impl Program for CallWaiter {}

/// The number of a program in its simulation, from 0 in the order in which the programs are added.
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
