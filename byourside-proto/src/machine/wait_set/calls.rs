//! The calls of a set, and where each stands.
use super::{
    id::PackedId,
    timers::{MAX_SLOTS, Timers},
};
use crate::machine::wait::WaitCounts;
use alloc::{
    collections::{BTreeSet, VecDeque},
    vec::Vec,
};
use serde::{Deserialize, Serialize};

/// How many deadlines of calls that have gone are borne at least.
const SLACK: usize = 64;

/// One waiting call. Some seventy bytes; times are milliseconds since the caller's origin.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Waiting {
    pub(super) id: PackedId,
    /// Until when `not_found` is borne.
    pub(super) grace: u64,
    pub(super) deadline: u64,
    /// When its own GET is due, if it rests.
    pub(super) due: u64,
    /// The time under which its one timer lies, which may be earlier than `due`.
    timer: Option<u64>,
    /// Told apart from whatever used this slot before.
    pub(super) generation: u32,
    pub(super) counts: WaitCounts,
    /// In a row.
    pub(super) failures: u8,
    /// Is its own GET out?
    pub(super) in_flight: bool,
    /// Has a record been read?
    pub(super) seen: bool,
    pub(super) events: Events,
}

/// What is known of the events for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Events {
    /// It rings, or was not looked at: none is due yet.
    #[default]
    NotDue,
    /// One has come.
    Come,
    /// A look showed that it is past `queued`, and none had come.
    Missing,
}

/// Calls by slot, by id, and by when they are due.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Calls {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Fingerprints with their slots: two ids may share one.
    by_id: BTreeSet<(u64, u32)>,
    timers: Timers,
    /// Slots and generations by deadline, which is the order in which calls join: all have the same time. Those of calls
    /// that have gone are left where they are until they come first, or there are too many of them.
    deadlines: VecDeque<(u32, u32)>,
    generations: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum Slot {
    Free,
    Taken(Waiting),
}

impl Calls {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// `None` where the id is there already, or the set is full.
    pub(super) fn add(&mut self, id: &str, grace: u64, deadline: u64, due: u64) -> Option<u32> {
        if self.find(id).is_some() || self.len() >= MAX_SLOTS {
            return None;
        }
        self.generations = self.generations.wrapping_add(1);
        let waiting = Waiting {
            id: PackedId::new(id),
            grace,
            deadline,
            due,
            timer: None,
            generation: self.generations,
            counts: WaitCounts::default(),
            failures: 0,
            in_flight: false,
            seen: false,
            events: Events::NotDue,
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Slot::Taken(waiting);
                slot
            }
            None => {
                self.slots.push(Slot::Taken(waiting));
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.by_id.insert((PackedId::fingerprint(id), slot));
        self.deadlines.push_back((slot, self.generations));
        if self.deadlines.len() > 2 * self.len() + SLACK {
            let mut deadlines = core::mem::take(&mut self.deadlines);
            deadlines.retain(|(slot, generation)| self.is_here(*slot, *generation));
            self.deadlines = deadlines;
        }
        self.rest_until(slot, due);
        Some(slot)
    }

    pub(super) fn find(&self, id: &str) -> Option<u32> {
        let fingerprint = PackedId::fingerprint(id);
        let same = self.by_id.range((fingerprint, 0)..=(fingerprint, u32::MAX));
        same.map(|(_, slot)| *slot)
            .find(|slot| self.get(*slot).is_some_and(|waiting| waiting.id.is(id)))
    }

    pub(super) fn get(&self, slot: u32) -> Option<&Waiting> {
        match self.slots.get(slot as usize) {
            Some(Slot::Taken(waiting)) => Some(waiting),
            Some(Slot::Free) | None => None,
        }
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut Waiting> {
        match self.slots.get_mut(slot as usize) {
            Some(Slot::Taken(waiting)) => Some(waiting),
            Some(Slot::Free) | None => None,
        }
    }

    /// All of them, in the order of their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Waiting)> {
        (0..).zip(&self.slots).filter_map(|(slot, place)| match place {
            Slot::Taken(waiting) => Some((slot, waiting)),
            Slot::Free => None,
        })
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<Waiting> {
        let place = self.slots.get_mut(slot as usize)?;
        let Slot::Taken(waiting) = core::mem::replace(place, Slot::Free) else {
            return None;
        };
        self.by_id
            .remove(&(PackedId::fingerprint(waiting.id.to_call_id().as_str()), slot));
        self.free.push(slot);
        self.skip_gone();
        self.freshen();
        Some(waiting)
    }

    /// The call is next due then. A timer that lies earlier is moved when its turn comes: most calls are refreshed by
    /// the list again and again before that.
    pub(super) fn rest_until(&mut self, slot: u32, due: u64) {
        let Some(waiting) = self.get_mut(slot) else { return };
        waiting.due = due;
        waiting.in_flight = false;
        let timer = waiting.timer.map_or(due, |timer| timer.min(due));
        if waiting.timer != Some(timer) {
            waiting.timer = Some(timer);
            self.timers.insert(timer, slot);
        }
        self.freshen();
    }

    /// The earliest that is due, and when.
    pub(super) fn peek(&self) -> Option<(u64, u32)> {
        self.timers.peek()
    }

    /// The earliest deadline and whose it is, unless its request is out: that is given up soon after, and ends the wait.
    pub(super) fn first_deadline(&self) -> Option<(u64, u32)> {
        let (slot, _) = self.deadlines.front()?;
        let waiting = self.get(*slot).filter(|waiting| !waiting.in_flight)?;
        Some((waiting.deadline, *slot))
    }

    /// After calls were put in with deadlines of their own, this puts them in order.
    pub(super) fn sort_deadlines(&mut self) {
        let mut there: Vec<_> = self
            .iter()
            .map(|(slot, waiting)| (waiting.deadline, waiting.generation, slot))
            .collect();
        there.sort_unstable();
        self.deadlines = there
            .into_iter()
            .map(|(_, generation, slot)| (slot, generation))
            .collect();
    }

    /// The first deadline is that of a call that is here.
    fn skip_gone(&mut self) {
        while let Some((slot, generation)) = self.deadlines.front().copied() {
            if self.is_here(slot, generation) {
                return;
            }
            self.deadlines.pop_front();
        }
    }

    fn is_here(&self, slot: u32, generation: u32) -> bool {
        self.get(slot).is_some_and(|waiting| waiting.generation == generation)
    }

    /// The earliest no longer rests: its request is out.
    pub(super) fn wake(&mut self) -> Option<(u32, &mut Waiting)> {
        let (_, slot) = self.timers.peek()?;
        self.timers.pop();
        if let Some(waiting) = self.get_mut(slot) {
            waiting.timer = None;
            waiting.in_flight = true;
        }
        self.freshen();
        Some((slot, self.get_mut(slot)?))
    }

    /// Drops timers that nothing rests under, so that the earliest one is always true.
    fn freshen(&mut self) {
        while let Some((at, slot)) = self.timers.peek() {
            let due = match self.get(slot) {
                Some(waiting) if waiting.timer == Some(at) => waiting.due,
                Some(_) | None => {
                    self.timers.pop();
                    continue;
                }
            };
            if due <= at {
                return;
            }
            self.timers.pop();
            if let Some(waiting) = self.get_mut(slot) {
                waiting.timer = Some(due);
            }
            self.timers.insert(due, slot);
        }
    }
}
