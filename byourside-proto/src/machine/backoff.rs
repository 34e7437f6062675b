//! How long to wait before the next attempt: exponential backoff with jitter.
use super::random;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// An exponential backoff: pauses that grow from `first` up to `max`, shortened by random jitter.
///
/// ```
/// use byourside_proto::machine::Backoff;
/// use core::time::Duration;
///
/// let backoff = Backoff::doubling(Duration::from_secs(1), Duration::from_secs(10));
/// let pauses = [1, 2, 3, 4, 5].map(|failures| backoff.pause(failures, &mut 7).as_secs());
/// assert_eq!(pauses, [1, 2, 4, 8, 10]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backoff {
    /// The first pause.
    pub first: Duration,
    /// The length of each pause in percent of the one before: 100 keeps it, 200 doubles it.
    pub growth_percent: u32,
    /// The longest pause.
    pub max: Duration,
    /// The most that is taken off a pause at random, in percent (0 to 100), so that many clients do not retry at once.
    pub jitter_percent: u32,
}

impl Backoff {
    /// A backoff that doubles from `first` up to `max`, without jitter.
    #[must_use]
    pub const fn doubling(first: Duration, max: Duration) -> Self {
        Self {
            first,
            growth_percent: 200,
            max,
            jitter_percent: 0,
        }
    }

    /// The same backoff, with up to `percent` (at most 100) taken off each pause at random.
    #[must_use]
    pub const fn with_jitter(self, percent: u32) -> Self {
        Self {
            jitter_percent: percent,
            ..self
        }
    }

    /// The pause after the `nth` failure in a row, counted from 1. The jitter comes from `seed`, which is advanced.
    #[must_use]
    pub fn pause(&self, nth: u32, seed: &mut u64) -> Duration {
        let mut pause = self.first.min(self.max);
        // Any growth reaches its cap in far fewer steps. A step that changes nothing is followed by none that does.
        for _ in 1..nth.min(256) {
            let next = (pause.saturating_mul(self.growth_percent) / 100).min(self.max);
            if next == pause {
                break;
            }
            pause = next;
        }
        let jitter = u64::from(self.jitter_percent.min(100));
        let off = if jitter == 0 {
            0
        } else {
            random::below(seed, jitter + 1)
        };
        pause - pause.saturating_mul(u32::try_from(off).unwrap_or(0)) / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn backoff_doubles_up_to_its_cap() {
        let backoff = Backoff::doubling(Duration::from_secs(3), Duration::from_secs(20));
        let pauses = [1, 2, 3, 4, u32::MAX].map(|nth| backoff.pause(nth, &mut 0).as_secs());
        assert_eq!(pauses, [3, 6, 12, 20, 20]);
    }

    #[test]
    fn jitter_stays_within_its_share_and_repeats_from_its_seed() {
        let backoff = Backoff::doubling(Duration::from_secs(10), Duration::from_secs(10)).with_jitter(50);
        let run = |mut seed| [(); 50].map(|()| backoff.pause(1, &mut seed));
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        assert!(run(7).iter().all(|pause| (5..=10).contains(&pause.as_secs())));
    }

    #[test]
    fn jitter_can_take_off_its_whole_share_or_nothing() {
        let backoff = Backoff::doubling(Duration::from_secs(10), Duration::from_secs(10)).with_jitter(1);
        let pauses: BTreeSet<u128> = (0..100)
            .map(|mut seed| backoff.pause(1, &mut seed).as_millis())
            .collect();
        assert_eq!(pauses, BTreeSet::from([9_900, 10_000]));
    }
}
