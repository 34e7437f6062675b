//! The JSON that the service writes about a call.
use super::{
    call::{SimulatedCall, Uuid},
    clock::{Iso, WallClock},
    destination::End,
    order::{Field, FieldKind},
};
use crate::random;
use byourside_proto::{Monotonic, Status};
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::format;

/// How much of the objective a summary repeats, in bytes.
const MAX_QUOTE: usize = 120;
/// Capacity of the buffer for a record or an event, in bytes: enough for most.
pub(crate) const RECORD_CAPACITY: usize = 960;
/// Capacity of the buffer for a list: enough for twenty entries.
const LIST_CAPACITY: usize = 4096;
/// The caller id of a call that names none: on the real service, the dashboard's default.
const DEFAULT_CALLER_ID: &str = "+14155550100";

/// The answer to placing a call.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlaceAnswer<'a> {
    call_id: Uuid,
    status: Status,
    language: &'a str,
    language_source: &'static str,
}

/// The record of a call.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record<'a> {
    id: Uuid,
    status: Status,
    to: &'a str,
    objective: &'a str,
    caller_id: &'a str,
    language: &'a str,
    language_source: &'static str,
    started_at: Option<Iso>,
    ended_at: Option<Iso>,
    #[serde(flatten)]
    results: Results<'a>,
}

/// The members of a list entry that never change. They are serialised once for each call, because lists are what the
/// service writes most.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListPrefix<'a> {
    call_id: Uuid,
    to: &'a str,
    objective: &'a str,
}

/// The answer to listing calls, while it is being written.
pub(crate) struct List(Vec<u8>);

/// The results of a call: all null unless it completed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Results<'a> {
    summary: Option<String>,
    extracted: Option<Extracted<'a>>,
    transcript: Option<String>,
    recording_url: Option<String>,
}

impl<'a> PlaceAnswer<'a> {
    pub(crate) fn of(call: &'a SimulatedCall, now: Monotonic) -> Self {
        let (language, language_source) = language(call);
        Self {
            call_id: call.id,
            status: call.status_at(now),
            language,
            language_source,
        }
    }
}

impl<'a> Record<'a> {
    pub(crate) fn of(call: &'a SimulatedCall, clock: WallClock, now: Monotonic) -> Self {
        let (language, language_source) = language(call);
        Self {
            id: call.id,
            status: call.status_at(now),
            to: call.to.as_str(),
            objective: &call.objective,
            caller_id: call
                .caller_id
                .as_ref()
                .map_or(DEFAULT_CALLER_ID, |number| number.as_str()),
            language,
            language_source,
            started_at: iso_if_past(call.answered_at, clock, now),
            ended_at: iso_if_past(call.ends_at(), clock, now),
            results: Results::of(call, now),
        }
    }
}

/// The JSON of a list entry's constant members, without the closing brace.
pub(crate) fn list_prefix(id: Uuid, to: &str, objective: &str) -> Vec<u8> {
    let mut list_prefix = written(
        &ListPrefix {
            call_id: id,
            to,
            objective,
        },
        RECORD_CAPACITY,
    );
    list_prefix.pop();
    list_prefix.shrink_to_fit();
    list_prefix
}

impl List {
    pub(crate) fn new() -> Self {
        let mut list = Vec::with_capacity(LIST_CAPACITY);
        list.extend_from_slice(br#"{"calls":["#);
        Self(list)
    }

    /// Adds a call as it is at `now`. Statuses and dates need no escaping.
    pub(crate) fn add(&mut self, call: &SimulatedCall, clock: WallClock, now: Monotonic) {
        let Self(list) = self;
        if list.last() == Some(&b'}') {
            list.push(b',');
        }
        list.extend_from_slice(&call.list_prefix);
        let mut member = |name: &str, value: Option<&str>| {
            let quote = if value.is_some() { "\"" } else { "" };
            for part in [",\"", name, "\":", quote, value.unwrap_or("null"), quote] {
                list.extend_from_slice(part.as_bytes());
            }
        };
        member("status", Some(call.status_at(now).as_str()));
        let [started, ended] = [call.answered_at, call.ends_at()].map(|at| iso_if_past(at, clock, now));
        member("startedAt", started.as_ref().map(Iso::as_str));
        member("endedAt", ended.as_ref().map(Iso::as_str));
        list.push(b'}');
    }

    pub(crate) fn end(self) -> Vec<u8> {
        let Self(mut list) = self;
        list.extend_from_slice(b"]}");
        list
    }
}

impl<'a> Results<'a> {
    pub(crate) fn of(call: &'a SimulatedCall, now: Monotonic) -> Self {
        let completed = call.end.is_some_and(|(at, end)| at <= now && end == End::Completed);
        let quote = &call.objective[..call.objective.floor_char_boundary(MAX_QUOTE)];
        Self {
            summary: completed.then(|| format!("The recipient answered and the objective was dealt with: {quote}")),
            extracted: completed.then_some(Extracted {
                fields: &call.fields,
                seed: call.seed,
            }),
            transcript: completed
                .then(|| format!("AI: Hello. {quote}\nRecipient: Certainly.\nAI: Thank you. Goodbye.")),
            recording_url: completed.then(|| format!("https://recordings.example.com/{}.mp3", call.id)),
        }
    }
}

/// Serialises a body into a buffer of this initial capacity.
pub(crate) fn written(body: &impl Serialize, room: usize) -> Vec<u8> {
    let mut written = Vec::with_capacity(room);
    // Only strings, numbers and maps of them: serialising cannot fail.
    let _ = serde_json::to_writer(&mut written, body);
    written
}

/// The date of a time, if it is not after `now`.
pub(crate) fn iso_if_past(at: Option<Monotonic>, clock: WallClock, now: Monotonic) -> Option<Iso> {
    at.filter(|at| *at <= now).map(|at| clock.iso(at))
}

/// The values of the requested fields, the same for every read.
pub(crate) struct Extracted<'a> {
    fields: &'a [Field],
    seed: u64,
}

impl Serialize for Extracted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seed = self.seed;
        let mut map = serializer.serialize_map(None)?;
        for field in self.fields {
            // Two numbers for each field, so that a field's value does not depend on the types before it.
            let (unknown, value) = (random::below(&mut seed, 8) == 0, random::next(&mut seed));
            match field.kind {
                _ if unknown => map.serialize_entry(&field.name, &())?,
                FieldKind::Boolean => map.serialize_entry(&field.name, &(value % 4 != 0))?,
                FieldKind::Number => map.serialize_entry(&field.name, &(value % 12 + 1))?,
                FieldKind::String => map.serialize_entry(&field.name, text(&field.name, value))?,
            }
        }
        map.end()
    }
}

/// A plausible answer for a field of this name.
fn text(name: &str, value: u64) -> &'static str {
    let of = |words: &[&'static str; 4]| words[usize::try_from(value % 4).unwrap_or(0)];
    if name.contains("time") {
        of(&["9:30", "12:00", "14:15", "19:00"])
    } else if name.contains("date") || name.contains("day") {
        of(&["Monday", "Tuesday", "Thursday", "Saturday"])
    } else {
        of(&["as agreed", "the earlier one", "no preference", "by e-mail"])
    }
}

fn language(call: &SimulatedCall) -> (&str, &'static str) {
    match call.language.as_deref() {
        Some(tag) if !tag.is_empty() && tag != "auto" => (tag, "explicit"),
        _ => (spoken_at(call.to.as_str()), "inferred"),
    }
}

fn spoken_at(number: &str) -> &'static str {
    let prefixes = [
        ("+33", "fr-FR"),
        ("+34", "es-ES"),
        ("+39", "it-IT"),
        ("+44", "en-GB"),
        ("+49", "de-DE"),
        ("+81", "ja-JP"),
    ];
    let known = prefixes.iter().find(|(prefix, _)| number.starts_with(prefix));
    known.map_or("en-US", |(_, tag)| tag)
}
