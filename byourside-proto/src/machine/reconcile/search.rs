//! One reading of the list, and what is known of its entries.
use super::matching::matches;
use crate::{
    api::PlaceCall,
    types::{Call, CallId},
};
use alloc::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    vec::Vec,
};
use serde::{Deserialize, Serialize};

/// What the list is asked for; an answer with fewer is the whole list.
pub(super) const LIMIT: usize = 100;
/// How many ids that events name are kept.
const MAX_HEARD: usize = 256;

/// What outlives a reading.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Known from before the POST: never candidates, and proof of how far back a list reaches.
    pub(super) before: BTreeSet<CallId>,
    /// Of another intent, by its token.
    foreign: BTreeSet<CallId>,
    /// Told of by an event.
    heard: BTreeMap<CallId, Call>,
    /// The records of entries that did not say what they are.
    looked_up: BTreeMap<CallId, Call>,
}

/// A reading that is under way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Reading {
    pub(super) candidates: Vec<Call>,
    /// Entries to be looked up.
    pub(super) queue: VecDeque<CallId>,
    /// An entry could not be judged.
    pub(super) gaps: bool,
    pub(super) reaches_back: bool,
}

impl Known {
    /// Nobody's candidate: a call from before, or of another intent.
    pub(super) fn rules_out(&self, id: &CallId) -> bool {
        self.before.contains(id) || self.foreign.contains(id)
    }

    pub(super) fn rule_out(&mut self, id: CallId) {
        self.heard.remove(&id);
        if self.foreign.len() < MAX_HEARD {
            self.foreign.insert(id);
        }
    }

    pub(super) fn hear(&mut self, id: CallId, record: Call) -> bool {
        let room = self.heard.len() < MAX_HEARD;
        room && !self.rules_out(&id) && self.heard.insert(id, record).is_none()
    }

    pub(super) fn heard(&self) -> impl Iterator<Item = &Call> {
        self.heard.values()
    }
}

impl Reading {
    /// Goes through a list. An entry that says too little is judged by its record, now or after a lookup.
    pub(super) fn of(entries: Vec<Call>, call: &PlaceCall, known: &Known) -> Self {
        let mut reading = Self {
            reaches_back: entries.len() < LIMIT,
            ..Self::default()
        };
        let mut seen = BTreeSet::new();
        for entry in entries {
            let id = entry.call_id();
            if let Some(id) = &id {
                reading.reaches_back |= known.before.contains(id);
                if known.rules_out(id) || !seen.insert(id.clone()) {
                    continue;
                }
            }
            let told = id
                .as_ref()
                .and_then(|id| known.looked_up.get(id).or(known.heard.get(id)));
            let (verdict, record) = match (matches(call, &entry), told) {
                (None, Some(told)) => (matches(call, told), told.clone()),
                (verdict, _) => (verdict, entry),
            };
            match (verdict, id) {
                (Some(false), _) => {}
                (Some(true), Some(_)) => reading.candidates.push(record),
                (None, Some(id)) if !known.looked_up.contains_key(&id) => reading.queue.push_back(id),
                (Some(true), None) | (None, _) => reading.gaps = true,
            }
        }
        for (id, record) in &known.heard {
            if !seen.contains(id) {
                reading.candidates.push(record.clone());
            }
        }
        reading
    }

    /// The record of the entry that was looked up; `None` if there is none to be had now.
    pub(super) fn looked_up(&mut self, record: Option<Call>, call: &PlaceCall, known: &mut Known) {
        let (Some(id), Some(record)) = (self.queue.pop_front(), record) else {
            self.gaps = true;
            return;
        };
        match matches(call, &record) {
            Some(true) => self.candidates.push(record.clone().with_id(&id)),
            Some(false) => {}
            None => self.gaps = true,
        }
        known.looked_up.insert(id, record);
    }
}
