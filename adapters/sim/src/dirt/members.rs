//! JSON objects as lists of members in source form, and the faults of bytes and ids.
use super::{ActiveFaults, Fault, answer::GroundTruth};
use serde_json::{Map, Value};

/// The members of an object: each name and value in its JSON source form.
pub(super) type Members = Vec<(String, String)>;

pub(super) fn members(body: &[u8]) -> Members {
    let read: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    read.into_iter()
        .map(|(name, value)| (quoted(&name), value.to_string()))
        .collect()
}

pub(super) fn object(members: &Members) -> String {
    let written: Vec<String> = members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    format!("{{{}}}", written.join(","))
}

pub(super) fn set(members: &mut Members, name: &str, value: String) {
    let name = quoted(name);
    members.retain(|(known, _)| *known != name);
    members.push((name, value));
}

pub(super) fn get_member<'a>(members: &'a Members, name: &str) -> Option<&'a str> {
    let name = quoted(name);
    members
        .iter()
        .rev()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| &**value)
}

pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Applies the faults of bytes and ids to one object. The result lists the texts that a client must keep byte for byte.
pub(super) fn corrupt(members: &mut Members, id_name: &str, active: &ActiveFaults) -> GroundTruth {
    let mut truth = GroundTruth::default();
    let other_name = if id_name == "id" { "callId" } else { "id" };
    let mut add = |members: &mut Members, name: &str, value: &'static str| {
        members.push((name.to_owned(), value.to_owned()));
        truth.kept.push(value);
    };
    for (fault, _) in active.iter() {
        match fault {
            Fault::HalfEmoji => set(members, "summary", r#""bye \ud83d""#.into()),
            Fault::RawBytes => set(members, "summary", quoted(RAW)),
            Fault::HalfEmojiName => add(members, r#""\ud83d""#, "1"),
            Fault::NotANumber => add(members, r#""score""#, "NaN"),
            Fault::Beyond64Bits => add(members, r#""ratio""#, "1e400"),
            Fault::LongNumber => {
                add(members, r#""serial""#, "12345678901234567890123");
                add(members, r#""rate""#, "0.1000000000000000055511151231257827");
                add(members, r#""zero""#, "-0");
            }
            Fault::UnknownMember => add(members, r#""carrier""#, r#"{"name":"x","legs":[1,null]}"#),
            Fault::DoubledMember => members.insert(0, (quoted("status"), quoted("failed"))),
            Fault::StatusOfWrongType => set(members, "status", "7".into()),
            Fault::Deep => {
                let levels = usize::try_from(active.within(Fault::Deep, 1, 200).unwrap_or(1)).unwrap_or(1);
                members.push((quoted("nested"), "[".repeat(levels) + &"]".repeat(levels)));
            }
            Fault::IdMissing => members.retain(|(name, _)| *name != quoted(id_name)),
            Fault::IdOtherName => {
                for (name, _) in members.iter_mut().filter(|(name, _)| *name == quoted(id_name)) {
                    *name = quoted(other_name);
                }
            }
            Fault::IdsDisagree => members.push((quoted(other_name), quoted("req_0f0e0d0c"))),
            _ => {}
        }
    }
    truth
}

/// A text whose end (two private-use characters) [`raw`] replaces with half a letter. It occurs nowhere else.
const RAW: &str = "caf\u{f8fe}\u{f8ff}";

/// Replaces the placeholder of [`Fault::RawBytes`] with bytes that are not UTF-8.
pub(super) fn raw(bytes: Vec<u8>, active: &ActiveFaults) -> Vec<u8> {
    let mark = RAW.as_bytes();
    let at = bytes.windows(mark.len()).position(|window| window == mark);
    match at.filter(|_| active.has(Fault::RawBytes)) {
        Some(at) => [&bytes[..at], b"caf\xc3", &bytes[at + mark.len()..]].concat(),
        None => bytes,
    }
}
