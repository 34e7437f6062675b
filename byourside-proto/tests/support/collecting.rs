//! What comes out of a set on the way.
use super::alloc::vec::Vec;
use byourside_proto::{
    Action, Machine, Monotonic,
    machine::{MachineSet, Reply},
};

/// A set, with its results and when each of them came.
#[derive(Debug)]
pub struct Collecting<S: MachineSet> {
    pub set: S,
    pub results: Vec<(Monotonic, S::Item)>,
}

impl<S: MachineSet> Collecting<S> {
    pub fn new(set: S) -> Self {
        let results = Vec::new();
        Self { set, results }
    }
}

impl<S: MachineSet> Machine for Collecting<S> {
    type Output = ();

    fn poll(&mut self, now: Monotonic) -> Action<()> {
        let action = self.set.poll(now);
        while let Some(result) = self.set.take_result() {
            self.results.push((now, result));
        }
        action
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.set.handle(now, reply);
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.set.next_wake()
    }
}
