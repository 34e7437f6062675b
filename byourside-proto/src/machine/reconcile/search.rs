//! Searches one list for candidates, and remembers what is known about calls from one list to the next.
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

/// How many entries are requested. A list with fewer shows all calls of the account.
pub(super) const LIMIT: usize = 100;
/// The most calls that are remembered from events, so that a flood of events cannot fill the memory.
const MAX_FROM_EVENTS: usize = 256;

/// What is known about calls, beyond a single list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Calls from before the POST. They are never candidates, and they prove how far back a list reaches.
    pub(super) before: BTreeSet<CallId>,
    /// Calls of other intents, by the correlation token of an event.
    foreign: BTreeSet<CallId>,
    /// Calls of the same number and objective that an event named, with its record.
    from_events: BTreeMap<CallId, Call>,
    /// The records of entries that were looked up.
    looked_up: BTreeMap<CallId, Call>,
}

/// One list, while its entries are judged and looked up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ListReading {
    /// Entries that match the call.
    pub(super) candidates: Vec<Call>,
    /// Entries that are still to be looked up.
    pub(super) queue: VecDeque<CallId>,
    /// Whether an entry could not be judged.
    pub(super) gaps: bool,
    /// Whether the list reaches back to before the POST: it shows all calls, or a known one.
    pub(super) reaches_back: bool,
}

impl Known {
    /// Whether the call is certainly another one: from before the POST, or of another intent.
    pub(super) fn rules_out(&self, id: &CallId) -> bool {
        self.before.contains(id) || self.foreign.contains(id)
    }

    /// Remembers a call as one of another intent.
    pub(super) fn rule_out(&mut self, id: CallId) {
        self.from_events.remove(&id);
        if self.foreign.len() < MAX_FROM_EVENTS {
            self.foreign.insert(id);
        }
    }

    /// Remembers a call that an event named. Returns whether it is new.
    pub(super) fn add_from_event(&mut self, id: CallId, record: Call) -> bool {
        let room = self.from_events.len() < MAX_FROM_EVENTS;
        room && !self.rules_out(&id) && self.from_events.insert(id, record).is_none()
    }

    /// The calls that events named.
    pub(super) fn named_by_events(&self) -> impl Iterator<Item = &Call> {
        self.from_events.values()
    }
}

impl ListReading {
    /// Judges the entries of a list. An entry that shows too little is judged by a record that is known, or looked up.
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
            let known_record = id
                .as_ref()
                .and_then(|id| known.looked_up.get(id).or(known.from_events.get(id)));
            let (verdict, record) = match (matches(call, &entry), known_record) {
                (None, Some(record)) => (matches(call, record), record.clone()),
                (verdict, _) => (verdict, entry),
            };
            match (verdict, id) {
                (Some(false), _) => {}
                (Some(true), Some(_)) => reading.candidates.push(record),
                (None, Some(id)) if !known.looked_up.contains_key(&id) => reading.queue.push_back(id),
                (Some(true), None) | (None, _) => reading.gaps = true,
            }
        }
        for (id, record) in &known.from_events {
            if !seen.contains(id) {
                reading.candidates.push(record.clone());
            }
        }
        reading
    }

    /// Takes the record of the first entry in the queue; `None` if its lookup failed.
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
