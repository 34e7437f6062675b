//! How long to wait before the next try.
use super::random;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// A growing pause: `first`, then each time `growth_percent` of the one before, up to `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backoff {
    /// The first pause.
    pub first: Duration,
    /// Each pause in hundredths of the one before: 100 keeps it, 200 doubles it.
    pub growth_percent: u32,
    /// The longest pause.
    pub max: Duration,
    /// How much of a pause, in hundredths (0 to 100), may be taken off at random, so that many do not come at once.
    pub jitter_percent: u32,
}

impl Backoff {
    /// Pauses that double from `first` up to `max`, without jitter.
    ///
    /// ```
    /// # use {byourside_proto::machine::Backoff, core::time::Duration};
    /// let backoff = Backoff::doubling(Duration::from_secs(1), Duration::from_secs(30));
    /// assert_eq!(backoff.growth_percent, 200);
    /// ```
    #[must_use]
    pub const fn doubling(first: Duration, max: Duration) -> Self {
        Self {
            first,
            growth_percent: 200,
            max,
            jitter_percent: 0,
        }
    }

    /// The same pauses, of which up to this many hundredths (at most 100) are taken off at random.
    ///
    /// ```
    /// # use {byourside_proto::machine::Backoff, core::time::Duration};
    /// let backoff = Backoff::doubling(Duration::from_secs(1), Duration::from_secs(30)).with_jitter(20);
    /// assert_eq!(backoff.jitter_percent, 20);
    /// ```
    #[must_use]
    pub const fn with_jitter(self, percent: u32) -> Self {
        Self {
            jitter_percent: percent,
            ..self
        }
    }

    /// The pause after the `nth` failure in a row (from 1), with jitter from `seed`, which is moved on.
    ///
    /// ```
    /// # use {byourside_proto::machine::Backoff, core::time::Duration};
    /// let backoff = Backoff::doubling(Duration::from_secs(1), Duration::from_secs(30));
    /// assert_eq!(backoff.pause(3, &mut 7), Duration::from_secs(4));
    /// ```
    #[must_use]
    pub fn pause(&self, nth: u32, seed: &mut u64) -> Duration {
        let mut pause = self.first.min(self.max);
        // Growth reaches any cap, or the end of `Duration`, in far fewer steps; after one that changes nothing none does.
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
    fn a_pause_doubles_up_to_its_cap() {
        let backoff = Backoff::doubling(Duration::from_secs(3), Duration::from_secs(20));
        let pauses = [1, 2, 3, 4, u32::MAX].map(|nth| backoff.pause(nth, &mut 0).as_secs());
        assert_eq!(pauses, [3, 6, 12, 20, 20]);
    }

    #[test]
    fn jitter_takes_off_at_most_its_share_and_repeats_from_its_seed() {
        let backoff = Backoff::doubling(Duration::from_secs(10), Duration::from_secs(10)).with_jitter(50);
        let run = |mut seed| [(); 50].map(|()| backoff.pause(1, &mut seed));
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        assert!(run(7).iter().all(|pause| (5..=10).contains(&pause.as_secs())));
    }
    #[test]
    fn jitter_takes_off_its_whole_share_as_well_as_nothing() {
        let backoff = Backoff::doubling(Duration::from_secs(10), Duration::from_secs(10)).with_jitter(1);
        let pauses: BTreeSet<u128> = (0..100)
            .map(|mut seed| backoff.pause(1, &mut seed).as_millis())
            .collect();
        assert_eq!(pauses, BTreeSet::from([9_900, 10_000]));
    }
}
