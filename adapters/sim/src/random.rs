//! A random number generator whose whole state is its seed.
use fastrand::Rng;

/// The next number of the sequence.
pub(crate) fn next(seed: &mut u64) -> u64 {
    let mut random = Rng::with_seed(*seed);
    let number = random.u64(..);
    *seed = random.get_seed();
    number
}

/// A number below `end`; 0 where `end` is 0.
pub(crate) fn below(seed: &mut u64, end: u64) -> u64 {
    next(seed).checked_rem(end).unwrap_or(0)
}
