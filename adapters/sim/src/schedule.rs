//! A queue of events by time.
use byourside_proto::Monotonic;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Events by time; those of the same time in the order in which they were added.
pub(crate) struct Schedule<E> {
    scheduled: u64,
    heap: BinaryHeap<Entry<E>>,
}

struct Entry<E> {
    at: Monotonic,
    number: u64,
    event: E,
}

impl<E> Entry<E> {
    /// Time and number as two integers. Comparing them is what the heap spends its time on.
    fn rank(&self) -> (u128, u64) {
        let at = self.at.since_origin();
        (
            u128::from(at.as_secs()) << 32 | u128::from(at.subsec_nanos()),
            self.number,
        )
    }
}

impl<E> Schedule<E> {
    pub(crate) fn new() -> Self {
        Self {
            scheduled: 0,
            heap: BinaryHeap::new(),
        }
    }

    pub(crate) fn push(&mut self, at: Monotonic, event: E) {
        let number = self.scheduled;
        self.scheduled += 1;
        self.heap.push(Entry { at, number, event });
    }

    /// Removes the next event and its time, if it is due at `now`.
    pub(crate) fn pop(&mut self, now: Monotonic) -> Option<(Monotonic, E)> {
        self.next().filter(|at| *at <= now)?;
        self.heap.pop().map(|entry| (entry.at, entry.event))
    }

    pub(crate) fn next(&self) -> Option<Monotonic> {
        self.heap.peek().map(|entry| entry.at)
    }
}

/// Reversed: `BinaryHeap` pops the greatest entry, and the earliest must come first.
impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.rank().cmp(&self.rank())
    }
}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<E> Eq for Entry<E> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    proptest! {
        #[test]
        fn events_come_by_their_time_and_then_in_the_order_in_which_they_came(
            times in proptest::collection::vec(0_u64..5, 0..40),
        ) {
            let mut schedule = Schedule::new();
            let mut expected: Vec<_> = times.iter().copied().enumerate().collect();
            for (number, at) in &expected {
                schedule.push(Monotonic::new(Duration::from_secs(*at)), *number);
            }
            expected.sort_by_key(|(_, at)| *at);
            for (number, at) in expected {
                let now = Monotonic::new(Duration::from_secs(at));
                prop_assert_eq!(schedule.next(), Some(now));
                prop_assert_eq!(schedule.pop(now), Some((now, number)));
            }
            prop_assert_eq!(schedule.next(), None);
        }
    }
}
