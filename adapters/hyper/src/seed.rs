//! Chance, from the standard library's own.
use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

/// A number that is not the same each time: enough for jitter, not for secrets.
///
/// ```
/// assert_ne!(byourside_hyper::seed(), byourside_hyper::seed());
/// ```
#[must_use]
pub fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
