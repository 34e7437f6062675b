//! The calls that the service keeps, and indexes over them.
use super::{
    account::Account,
    call::{SimulatedCall, Uuid},
};
use byourside_proto::Monotonic;
use std::collections::{BTreeMap, BTreeSet};

/// The calls that the service keeps. Every operation takes logarithmic time, except iterating over all calls.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    capacity: usize,
    placed: u64,
    /// Boxed, so that the nodes of the tree stay small.
    calls: BTreeMap<u64, Box<SimulatedCall>>,
    ids: BTreeMap<Uuid, u64>,
    accounts: BTreeSet<(Account, u64)>,
    /// Calls that end, by the time of their end.
    ends: BTreeSet<(Monotonic, u64)>,
}

impl Store {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            placed: 0,
            calls: BTreeMap::new(),
            ids: BTreeMap::new(),
            accounts: BTreeSet::new(),
            ends: BTreeSet::new(),
        }
    }

    /// How many calls were ever added, which is the number of the next one.
    pub(crate) fn placed(&self) -> u64 {
        self.placed
    }

    pub(crate) fn is_full(&self) -> bool {
        self.calls.len() >= self.capacity
    }

    /// The number of the call that ended first, if one has ended at `now`.
    pub(crate) fn first_ended(&self, now: Monotonic) -> Option<u64> {
        let (end, number) = self.ends.first()?;
        (*end <= now).then_some(*number)
    }

    pub(crate) fn insert(&mut self, call: SimulatedCall) -> u64 {
        let number = self.placed;
        self.placed += 1;
        self.ids.insert(call.id, number);
        self.accounts.insert((call.account, number));
        if let Some(end) = call.ends_at() {
            self.ends.insert((end, number));
        }
        self.calls.insert(number, Box::new(call));
        number
    }

    /// The call that was placed last, if it is still kept.
    pub(crate) fn newest(&self) -> Option<&SimulatedCall> {
        self.calls.get(&self.placed.checked_sub(1)?).map(|call| &**call)
    }

    /// Changes the call that was placed last.
    pub(crate) fn change_newest(&mut self, change: impl FnOnce(&mut SimulatedCall)) {
        let Some(number) = self.placed.checked_sub(1) else {
            return;
        };
        let Some(mut call) = self.calls.get(&number).cloned() else {
            return;
        };
        self.forget(number);
        change(&mut call);
        self.placed = number;
        self.insert(*call);
    }

    pub(crate) fn numbered(&self, number: u64) -> Option<&SimulatedCall> {
        self.calls.get(&number).map(Box::as_ref)
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&SimulatedCall> {
        self.ids.get(&id).and_then(|number| self.numbered(*number))
    }

    /// An account's calls, most recent first.
    pub(crate) fn recent(&self, account: Account) -> impl Iterator<Item = &SimulatedCall> {
        self.accounts
            .range((account, 0)..=(account, u64::MAX))
            .rev()
            .filter_map(|(_, number)| self.numbered(*number))
    }

    /// All calls, in the order in which they were placed.
    pub(crate) fn all(&self) -> impl Iterator<Item = &SimulatedCall> {
        self.calls.values().map(Box::as_ref)
    }

    pub(crate) fn len(&self) -> usize {
        self.calls.len()
    }

    pub(crate) fn forget(&mut self, number: u64) {
        if let Some(call) = self.calls.remove(&number) {
            self.ids.remove(&call.id);
            self.accounts.remove(&(call.account, number));
            if let Some(end) = call.ends_at() {
                self.ends.remove(&(end, number));
            }
        }
    }
}
