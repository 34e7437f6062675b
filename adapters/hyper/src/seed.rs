//! A random seed, from the standard library.
use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

/// A random number for jitter, different each time. Not for secrets.
///
/// ```
/// assert_ne!(byourside_hyper::seed(), byourside_hyper::seed());
/// ```
#[must_use]
pub fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
