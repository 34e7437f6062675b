//! Deduplicates webhook events by their id.
use alloc::{
    collections::{BTreeSet, VecDeque},
    string::String,
};
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha256};

/// The version of the snapshot. A snapshot of another version is refused.
const VERSION: u32 = 1;

/// Deduplicates webhook events: remembers their ids, and forgets the oldest when it is full.
///
/// A retry of the same delivery has the same `eventId`. Source: the vendor's webhooks page. The vendor does not
/// document for how long it retries: choose a capacity above the number of events that may come in that time.
///
/// An id takes the same memory whatever its length, since only the first 16 bytes of its SHA-256 are kept. An event
/// that is seen again keeps its age. A `Deduplicator` serialises, with a version, so that a restart forgets nothing.
///
/// ```
/// use byourside_proto::webhook::Deduplicator;
///
/// let mut seen = Deduplicator::new(2);
/// assert!(seen.first_time("e1"));
/// assert!(!seen.first_time("e1"));
///
/// let saved = serde_json::to_string(&seen)?;
/// let mut seen: Deduplicator = serde_json::from_str(&saved)?;
/// assert!(!seen.first_time("e1"));
///
/// seen.first_time("e2");
/// seen.first_time("e3");
/// assert!(!seen.contains("e1"), "the oldest is forgotten");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Deduplicator {
    capacity: usize,
    /// The fingerprints in `known`, the oldest first.
    order: VecDeque<Fingerprint>,
    known: BTreeSet<Fingerprint>,
}

impl Deduplicator {
    /// A deduplicator that remembers up to `capacity` events, and at least one. It allocates about 50 bytes per event,
    /// as events come.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            order: VecDeque::new(),
            known: BTreeSet::new(),
        }
    }

    /// Remembers this `eventId`, and returns whether it is new.
    ///
    /// If the handling of an event can fail, check [`contains`](Self::contains) first, and call this after the event
    /// was handled: a retry of a remembered event would be skipped.
    pub fn first_time(&mut self, event_id: &str) -> bool {
        self.remember(Fingerprint::of(event_id))
    }

    /// Whether this `eventId` is remembered.
    #[must_use]
    pub fn contains(&self, event_id: &str) -> bool {
        self.known.contains(&Fingerprint::of(event_id))
    }

    /// The number of events that are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether no event is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    fn remember(&mut self, fingerprint: Fingerprint) -> bool {
        if !self.known.insert(fingerprint) {
            return false;
        }
        self.order.push_back(fingerprint);
        if self.order.len() > self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

impl fmt::Debug for Deduplicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deduplicator")
            .field("capacity", &self.capacity)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// The first 16 bytes of an event id's SHA-256: a collision cannot be made on purpose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fingerprint(u128);

impl Fingerprint {
    fn of(event_id: &str) -> Self {
        let digest = Sha256::digest(event_id.as_bytes());
        Self(digest.iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte)))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:032x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        // Accept only the form that is written: `from_str_radix` also accepts fewer digits, capitals and a sign.
        let as_written = digits.len() == 32 && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        as_written
            .then(|| u128::from_str_radix(&digits, 16).ok().map(Self))
            .flatten()
            .ok_or_else(|| D::Error::custom("a fingerprint is 32 lower-case hex digits"))
    }
}

#[derive(Serialize, Deserialize)]
struct Snapshot<Seen> {
    version: u32,
    capacity: usize,
    /// The oldest first.
    seen: Seen,
}

impl Serialize for Deduplicator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let snapshot = Snapshot {
            version: VERSION,
            capacity: self.capacity,
            seen: &self.order,
        };
        snapshot.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Deduplicator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let snapshot = Snapshot::<VecDeque<Fingerprint>>::deserialize(deserializer)?;
        if snapshot.version != VERSION {
            return Err(D::Error::custom(format_args!(
                "version {} of a deduplicator's snapshot; this library reads version {VERSION}",
                snapshot.version
            )));
        }
        let mut deduplicator = Self::new(snapshot.capacity);
        for fingerprint in snapshot.seen {
            deduplicator.remember(fingerprint);
        }
        Ok(deduplicator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString, vec::Vec};
    use proptest::prelude::*;

    #[test]
    fn deduplicator_keeps_the_age_of_an_event_seen_again() {
        let mut seen = Deduplicator::new(2);
        assert_eq!(
            ["a", "b", "a", "c", "a"].map(|id| seen.first_time(id)),
            [true, true, false, true, true]
        );
    }

    #[test]
    fn deduplicator_has_room_for_at_least_one_event() {
        let mut seen = Deduplicator::new(0);
        assert!(seen.is_empty() && !seen.contains("a"));
        assert!(seen.first_time("a") && !seen.first_time("a"));
        assert!(!seen.is_empty() && seen.contains("a"));
    }

    #[test]
    fn deduplicator_refuses_a_snapshot_of_another_version() {
        let error = serde_json::from_str::<Deduplicator>(r#"{"version":2,"capacity":1,"seen":[]}"#).unwrap_err();
        assert!(error.to_string().contains("version 2"), "{error}");
    }

    #[test]
    fn deduplicator_reads_a_fingerprint_only_as_it_is_written() {
        let read = |digits: &str| {
            let snapshot = serde_json::json!({"version": 1, "capacity": 3, "seen": [digits]});
            serde_json::from_value::<Deduplicator>(snapshot)
        };
        let right = "00112233445566778899aabbccddeeff";
        assert_eq!(read(right).unwrap().len(), 1);
        for wrong in [
            "",
            "0",
            &right[1..],
            &right[2..],
            &format!("+{}", &right[1..]),
            &format!("{right}0"),
            &format!("0{right}"),
            &right.to_uppercase(),
            &right.replace('a', "g"),
            &right.replace("aa", "ä"),
        ] {
            let error = read(wrong).unwrap_err();
            assert!(
                error.to_string().contains("32 lower-case hex digits"),
                "{wrong}: {error}"
            );
        }
    }

    #[test]
    fn deduplicator_is_not_overfilled_by_a_snapshot() {
        let seen: Vec<String> = (0..9).map(|id| format!("{id:032x}")).collect();
        let snapshot = serde_json::json!({"version": 1, "capacity": 3, "seen": seen});
        assert_eq!(serde_json::from_value::<Deduplicator>(snapshot).unwrap().len(), 3);
        let huge = format!(r#"{{"version":1,"capacity":{},"seen":[]}}"#, usize::MAX);
        assert!(serde_json::from_str::<Deduplicator>(&huge).unwrap().first_time("a"));
    }

    proptest! {
        #[test]
        fn deduplicator_equals_a_plain_list_of_the_last_ids(
            capacity in 1_usize..6,
            ids in proptest::collection::vec("[a-h]", 0..60),
            saved_at in 0_usize..60,
        ) {
            let mut seen = Deduplicator::new(capacity);
            let mut model: Vec<&str> = Vec::new();
            for (at, id) in ids.iter().enumerate() {
                if at == saved_at {
                    let saved = serde_json::to_string(&seen).unwrap();
                    let restored: Deduplicator = serde_json::from_str(&saved).unwrap();
                    prop_assert_eq!(&restored, &seen);
                    seen = restored;
                }
                let new = !model.contains(&id.as_str());
                if new {
                    model.push(id);
                    model = model.split_off(model.len().saturating_sub(capacity));
                }
                prop_assert_eq!(seen.first_time(id), new);
                prop_assert_eq!(seen.len(), model.len());
            }
        }
    }
}
