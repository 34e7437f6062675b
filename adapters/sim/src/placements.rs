//! Counts of POSTs and calls by number and objective.
use std::collections::{BTreeMap, HashMap};

/// How often one number was called with one objective, over all accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placements {
    /// How many well-formed POSTs asked for the call, the refused ones included.
    pub posts: u32,
    /// How many calls were placed. More than one means that a phone rang twice.
    pub calls: u32,
}

/// By objective, then by number.
#[derive(Clone, Default)]
pub(crate) struct PlacementCounts(HashMap<String, BTreeMap<String, Placements>>);

impl PlacementCounts {
    pub(crate) fn of(&self, to: &str, objective: &str) -> Placements {
        let placements = self.0.get(objective).and_then(|numbers| numbers.get(to));
        placements.copied().unwrap_or_default()
    }

    pub(crate) fn count(&mut self, to: &str, objective: &str, placed: bool) {
        let numbers = self.0.entry(objective.to_owned()).or_default();
        let placements = numbers.entry(to.to_owned()).or_default();
        placements.posts = placements.posts.saturating_add(1);
        placements.calls = placements.calls.saturating_add(u32::from(placed));
    }
}
