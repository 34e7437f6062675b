//! A set that collects its results.
use super::alloc::vec::Vec;
use byourside_proto::{
    Action, Machine, Monotonic,
    machine::{MachineSet, Reply},
};

/// A set, and its results with the time of each.
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
