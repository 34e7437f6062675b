//! The calls of a set, and when each is due.
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

/// How many deadlines of removed calls are kept at least, before they are cleaned up.
const SLACK: usize = 64;

/// One waiting call, in about seventy bytes. Times are milliseconds since the caller's origin.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WaitingCall {
    pub(super) id: PackedId,
    /// Until then `not_found` is tolerated.
    pub(super) grace: u64,
    pub(super) deadline: u64,
    /// When its own GET is due, if none is in flight.
    pub(super) due: u64,
    /// The time of its only timer, which can be earlier than `due`.
    timer: Option<u64>,
    /// Distinguishes the call from earlier ones in the same slot.
    pub(super) generation: u32,
    pub(super) counts: WaitCounts,
    /// Failures in a row.
    pub(super) failures: u8,
    /// Whether its own GET is in flight.
    pub(super) in_flight: bool,
    /// Whether a record was read.
    pub(super) seen: bool,
    pub(super) events: Events,
}

/// Whether events come for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Events {
    /// No event is due yet: the call is `queued`, or it was not read yet.
    #[default]
    NotDue,
    /// An event has come.
    Come,
    /// A record shows that the call is past `queued`, but no event has come.
    Missing,
}

/// The calls by slot, by id, by deadline, and by when they are due.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Calls {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Fingerprints of ids, with their slots: two ids can have the same fingerprint.
    by_id: BTreeSet<(u64, u32)>,
    timers: Timers,
    /// Slots and generations in the order of their deadlines, which is the order in which calls were added: all have
    /// the same timeout. Entries of removed calls stay until they come first, or until there are too many of them.
    deadlines: VecDeque<(u32, u32)>,
    generations: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum Slot {
    Free,
    Taken(WaitingCall),
}

impl Calls {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Adds a call. Returns its slot; `None` if the id is already there, or the set is full.
    pub(super) fn add(&mut self, id: &str, grace: u64, deadline: u64, due: u64) -> Option<u32> {
        if self.find(id).is_some() || self.len() >= MAX_SLOTS {
            return None;
        }
        self.generations = self.generations.wrapping_add(1);
        let call = WaitingCall {
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
                self.slots[slot as usize] = Slot::Taken(call);
                slot
            }
            None => {
                self.slots.push(Slot::Taken(call));
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.by_id.insert((PackedId::fingerprint(id), slot));
        self.deadlines.push_back((slot, self.generations));
        if self.deadlines.len() > 2 * self.len() + SLACK {
            let mut deadlines = core::mem::take(&mut self.deadlines);
            deadlines.retain(|(slot, generation)| self.is_current(*slot, *generation));
            self.deadlines = deadlines;
        }
        self.schedule(slot, due);
        Some(slot)
    }

    pub(super) fn find(&self, id: &str) -> Option<u32> {
        let fingerprint = PackedId::fingerprint(id);
        let same = self.by_id.range((fingerprint, 0)..=(fingerprint, u32::MAX));
        same.map(|(_, slot)| *slot)
            .find(|slot| self.get(*slot).is_some_and(|call| call.id.is(id)))
    }

    pub(super) fn get(&self, slot: u32) -> Option<&WaitingCall> {
        match self.slots.get(slot as usize) {
            Some(Slot::Taken(call)) => Some(call),
            Some(Slot::Free) | None => None,
        }
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut WaitingCall> {
        match self.slots.get_mut(slot as usize) {
            Some(Slot::Taken(call)) => Some(call),
            Some(Slot::Free) | None => None,
        }
    }

    /// All calls, in the order of their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &WaitingCall)> {
        (0..).zip(&self.slots).filter_map(|(slot, place)| match place {
            Slot::Taken(call) => Some((slot, call)),
            Slot::Free => None,
        })
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<WaitingCall> {
        let place = self.slots.get_mut(slot as usize)?;
        let Slot::Taken(call) = core::mem::replace(place, Slot::Free) else {
            return None;
        };
        self.by_id
            .remove(&(PackedId::fingerprint(call.id.to_call_id().as_str()), slot));
        self.free.push(slot);
        self.drop_stale_deadlines();
        self.refresh_timers();
        Some(call)
    }

    /// Schedules the next GET of a call.
    ///
    /// An earlier timer of the call stays, and is moved when it comes first: the list postpones most calls many times
    /// before that.
    pub(super) fn schedule(&mut self, slot: u32, due: u64) {
        let Some(call) = self.get_mut(slot) else { return };
        call.due = due;
        call.in_flight = false;
        let timer = call.timer.map_or(due, |timer| timer.min(due));
        if call.timer != Some(timer) {
            call.timer = Some(timer);
            self.timers.insert(timer, slot);
        }
        self.refresh_timers();
    }

    /// The earliest GET: when it is due, and the slot of its call.
    pub(super) fn peek(&self) -> Option<(u64, u32)> {
        self.timers.peek()
    }

    /// The earliest deadline, and the slot of its call. `None` if the GET of that call is in flight: its timeout ends
    /// the wait soon after the deadline.
    pub(super) fn first_deadline(&self) -> Option<(u64, u32)> {
        let (slot, _) = self.deadlines.front()?;
        let call = self.get(*slot).filter(|call| !call.in_flight)?;
        Some((call.deadline, *slot))
    }

    /// Restores the order of the deadlines, after calls were added in another order.
    pub(super) fn sort_deadlines(&mut self) {
        let mut deadlines: Vec<_> = self
            .iter()
            .map(|(slot, call)| (call.deadline, call.generation, slot))
            .collect();
        deadlines.sort_unstable();
        self.deadlines = deadlines
            .into_iter()
            .map(|(_, generation, slot)| (slot, generation))
            .collect();
    }

    /// Drops deadlines of removed calls from the front.
    fn drop_stale_deadlines(&mut self) {
        while let Some((slot, generation)) = self.deadlines.front().copied() {
            if self.is_current(slot, generation) {
                return;
            }
            self.deadlines.pop_front();
        }
    }

    /// Whether the slot still holds the call of this generation.
    fn is_current(&self, slot: u32, generation: u32) -> bool {
        self.get(slot).is_some_and(|call| call.generation == generation)
    }

    /// Marks the earliest call as in flight, and returns it.
    pub(super) fn start_earliest(&mut self) -> Option<(u32, &mut WaitingCall)> {
        let (_, slot) = self.timers.peek()?;
        self.timers.pop();
        if let Some(call) = self.get_mut(slot) {
            call.timer = None;
            call.in_flight = true;
        }
        self.refresh_timers();
        Some((slot, self.get_mut(slot)?))
    }

    /// Drops and moves timers that are out of date, so that the earliest one is always right.
    fn refresh_timers(&mut self) {
        while let Some((at, slot)) = self.timers.peek() {
            let due = match self.get(slot) {
                Some(call) if call.timer == Some(at) => call.due,
                Some(_) | None => {
                    self.timers.pop();
                    continue;
                }
            };
            if due <= at {
                return;
            }
            self.timers.pop();
            if let Some(call) = self.get_mut(slot) {
                call.timer = Some(due);
            }
            self.timers.insert(due, slot);
        }
    }
}
