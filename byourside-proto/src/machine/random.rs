//! A random number generator with a seed from the caller, so that every run can be repeated.

/// The next number of the SplitMix64 sequence that `state` is at.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A random number below `end`, or 0 if `end` is 0.
pub(crate) fn below(state: &mut u64, end: u64) -> u64 {
    next(state).checked_rem(end).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_yields_the_published_splitmix64_sequence() {
        let mut state = 0;
        assert_eq!(next(&mut state), 0xe220_a839_7b1d_cdaf);
        assert_eq!(next(&mut state), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn below_yields_every_number_under_the_end_and_no_other() {
        let mut state = 7;
        let mut seen = [false; 5];
        for _ in 0..200 {
            seen[usize::try_from(below(&mut state, 5)).unwrap()] = true;
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(below(&mut state, 0), 0);
    }
}
