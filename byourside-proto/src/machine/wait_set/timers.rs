//! A timer queue: which call is due next.
use alloc::{
    collections::{BTreeMap, BinaryHeap},
    vec::Vec,
};
use core::cmp::Reverse;

/// The length of a bucket, in milliseconds.
const BUCKET: u64 = 64;
/// The bits of a slot number in a packed timer.
const SLOT_BITS: u32 = 24;
/// The most calls that a set can hold.
pub(super) const MAX_SLOTS: usize = 1 << SLOT_BITS;

/// Slots in the order of the millisecond at which they are due. A timer takes eight bytes.
///
/// Only the next bucket of timers is ordered, in a heap that fits into a processor's cache. Later buckets are plain
/// lists. With a million calls, a single heap would miss the cache at every level.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Timers {
    /// Never empty while `later` is not.
    near: Near,
    /// The end of the bucket that `near` holds, in milliseconds: nothing in `later` is due before it.
    horizon: u64,
    /// Timers by the number of their bucket.
    later: BTreeMap<u64, Vec<Timer>>,
    /// The memory of an emptied bucket, for the next new one.
    spare: Vec<Timer>,
}

#[derive(Clone, Debug, Default)]
struct Near(BinaryHeap<Reverse<Timer>>);

/// Milliseconds in the high bits, the slot in the low ones: timers sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Timer(u64);

impl Timer {
    fn new(due: u64, slot: u32) -> Self {
        Self(due.min(u64::MAX >> SLOT_BITS) << SLOT_BITS | u64::from(slot))
    }

    fn due(self) -> u64 {
        self.0 >> SLOT_BITS
    }

    fn slot(self) -> u32 {
        // The mask leaves 24 bits, which fit.
        (self.0 & ((1 << SLOT_BITS) - 1)) as u32
    }
}

impl Timers {
    pub(super) fn insert(&mut self, due: u64, slot: u32) {
        let timer = Timer::new(due, slot);
        if timer.due() < self.horizon {
            self.near.0.push(Reverse(timer));
        } else {
            let spare = &mut self.spare;
            let bucket = self.later.entry(timer.due() / BUCKET);
            bucket.or_insert_with(|| core::mem::take(spare)).push(timer);
            self.load();
        }
    }

    /// The earliest timer: when it is due, and its slot.
    pub(super) fn peek(&self) -> Option<(u64, u32)> {
        self.near.0.peek().map(|Reverse(timer)| (timer.due(), timer.slot()))
    }

    pub(super) fn pop(&mut self) {
        self.near.0.pop();
        self.load();
    }

    /// Moves the next bucket into the heap, if the heap is empty.
    fn load(&mut self) {
        if self.near.0.is_empty()
            && let Some((number, mut bucket)) = self.later.pop_first()
        {
            self.horizon = (number + 1) * BUCKET;
            self.near.0.extend(bucket.drain(..).map(Reverse));
            self.spare = bucket;
        }
    }
}

/// Heaps with the same timers are equal, regardless of their internal order.
impl PartialEq for Near {
    fn eq(&self, other: &Self) -> bool {
        self.0.clone().into_sorted_vec() == other.0.clone().into_sorted_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn timers_come_out_as_from_an_ordered_set(
            steps in proptest::collection::vec((0_u64..20_000, any::<bool>()), 0..300),
        ) {
            let mut timers = Timers::default();
            let mut model = BTreeSet::new();
            // The first timer is in the first bucket, so that the others are in later ones.
            let steps = core::iter::once((0, false)).chain(steps);
            for (slot, (due, pop)) in (0..).zip(steps) {
                if pop {
                    timers.pop();
                    model.pop_first();
                } else {
                    timers.insert(due, slot);
                    model.insert((due, slot));
                }
                prop_assert_eq!(timers.peek(), model.first().copied());
            }
        }
    }

    #[test]
    fn timers_are_equal_whatever_their_order_of_insertion() {
        let set = |timers: &[(u64, u32)]| {
            let mut set = Timers::default();
            timers.iter().for_each(|(due, slot)| set.insert(*due, *slot));
            set
        };
        assert_eq!(set(&[(0, 1), (9, 2), (5, 3)]), set(&[(0, 1), (5, 3), (9, 2)]));
        assert_ne!(set(&[(0, 1), (9, 2), (5, 3)]), set(&[(0, 1), (9, 3), (5, 2)]));
    }

    #[test]
    fn timers_of_one_moment_come_out_by_slot() {
        let mut timers = Timers::default();
        for (due, slot) in [(0, 9), (BUCKET, 7), (BUCKET, 3)] {
            timers.insert(due, slot);
        }
        timers.pop();
        timers.insert(2 * BUCKET, 5);
        timers.insert(2 * BUCKET, 4);
        let order = core::array::from_fn(|_| {
            let slot = timers.peek().map(|(_, slot)| slot);
            timers.pop();
            slot
        });
        assert_eq!(order, [Some(3), Some(7), Some(4), Some(5), None]);
    }

    #[test]
    fn timers_hold_one_at_the_end_of_time() {
        let mut timers = Timers::default();
        timers.insert(u64::MAX, 7);
        timers.insert(5, 8);
        assert_eq!(timers.peek(), Some((5, 8)));
        timers.pop();
        assert_eq!(timers.peek().map(|(_, slot)| slot), Some(7));
    }
}
