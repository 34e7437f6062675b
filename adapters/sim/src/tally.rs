//! How often what was asked for, and how often it happened.
use super::account::fingerprint;
use std::collections::BTreeMap;

/// What came of one number and objective, over all accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placements {
    /// How many well-formed POSTs asked for it, the refused ones included.
    pub posts: u32,
    /// How many calls were placed. More than one, and a phone rang twice.
    pub calls: u32,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(BTreeMap<u128, Placements>);

impl Tally {
    pub(crate) fn of(&self, to: &str, objective: &str) -> Placements {
        self.0.get(&key(to, objective)).copied().unwrap_or_default()
    }

    pub(crate) fn count(&mut self, to: &str, objective: &str, placed: bool) {
        let placements = self.0.entry(key(to, objective)).or_default();
        placements.posts = placements.posts.saturating_add(1);
        placements.calls = placements.calls.saturating_add(u32::from(placed));
    }
}

fn key(to: &str, objective: &str) -> u128 {
    fingerprint(&[to.as_bytes(), b" ", objective.as_bytes()])
}
