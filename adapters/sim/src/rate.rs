//! The rate of a fault.
use crate::random;

const MILLION: u32 = 1_000_000;

/// How often a fault happens, in parts per million.
///
/// ```
/// use byourside_sim::Rate;
/// assert_eq!(Rate::percent(100), Rate::ALWAYS);
/// assert_eq!(Rate::default(), Rate::NEVER);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u32);

impl Rate {
    /// Never.
    pub const NEVER: Self = Self(0);
    /// Every time.
    pub const ALWAYS: Self = Self(MILLION);

    /// A rate in percent; anything above 100 is [`ALWAYS`](Self::ALWAYS).
    #[must_use]
    pub const fn percent(hundredths: u32) -> Self {
        Self::per_million(hundredths.saturating_mul(10_000))
    }

    /// A rate in parts per million; anything above a million is [`ALWAYS`](Self::ALWAYS).
    #[must_use]
    pub const fn per_million(parts: u32) -> Self {
        if parts > MILLION { Self::ALWAYS } else { Self(parts) }
    }

    /// Draws whether the fault happens this time.
    pub(crate) fn hits(self, seed: &mut u64) -> bool {
        random::below(seed, MILLION.into()) < self.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_hits_as_often_as_it_says() {
        let hits = |rate: Rate| {
            let mut seed = 7;
            (0..10_000).filter(|_| rate.hits(&mut seed)).count()
        };
        assert_eq!(hits(Rate::NEVER), 0);
        assert_eq!(hits(Rate::ALWAYS), 10_000);
        assert!((2_800..3_200).contains(&hits(Rate::percent(30))));
    }

    #[test]
    fn percent_and_per_million_are_one_scale_up_to_always() {
        assert_eq!(Rate::percent(2), Rate::per_million(20_000));
        assert_eq!(
            (Rate::percent(101), Rate::per_million(u32::MAX)),
            (Rate::ALWAYS, Rate::ALWAYS)
        );
    }
}
