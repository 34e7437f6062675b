//! The service's answers, as the world brings them.
use super::{
    Fault, Scene, Struck,
    between::{self, AskedPause},
    echo,
};
use crate::{Answer, Service, SimulatedCall};
use byourside_proto::{CallId, Monotonic, Status};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::{Map, Value};
use std::{io::Write, time::Duration};

/// What an answer says, for whoever checks a client: it goes along in the answer's extensions, which no client sees.
///
/// It is there where the official client reads what it says: from an answer of the service that arrives whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    /// What was asked for.
    pub(crate) scene: Option<Scene>,
    /// The id of the call that was asked for, where the answer names it and nothing else.
    pub(crate) id: Option<CallId>,
    /// Its status.
    pub(crate) status: Option<Status>,
    /// How many entries of a list are whole.
    pub(crate) entries: Option<usize>,
    /// What stands in it, to the byte.
    pub(crate) kept: Vec<&'static str>,
}

/// Whose call it is that nobody here asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Background {
    /// It ended long ago.
    Yesterday,
    /// It begins now.
    OtherProgram,
}

/// What a request is for.
pub(crate) fn scene<B>(request: &Request<B>) -> Scene {
    match (request.method(), request.uri().path().ends_with("/calls")) {
        (&Method::POST, _) => Scene::Post,
        (_, true) => Scene::List,
        (_, false) => Scene::Get,
    }
}

/// Lets the service handle a request under these faults, all but those of the network.
pub(crate) fn handle(service: &mut Service, now: Monotonic, request: &Request<Vec<u8>>, struck: &Struck) -> Answer {
    if let Some(response) = between::before(service, now, request, struck) {
        return Answer::Response(response);
    }
    match scene(request) {
        Scene::Post => post(service, now, request, struck),
        Scene::List => list(service, now, request, struck),
        _ => get(service, now, request, struck),
    }
}

/// The id of the call whose record this request asks for.
pub(crate) fn asked_for<B>(request: &Request<B>) -> Option<CallId> {
    let id = request.uri().path().rsplit('/').next()?;
    CallId::new(id).ok()
}

fn post(service: &mut Service, now: Monotonic, request: &Request<Vec<u8>>, struck: &Struck) -> Answer {
    if struck.has(Fault::OtherProgram) {
        service.place_in_background(now, request, Background::OtherProgram);
    }
    let placed = service.placed();
    let answer = service.handle(now, request);
    let id = (service.placed() > placed)
        .then(|| service.soil_newest(struck))
        .flatten();
    if let Some(response) = between::instead(struck) {
        return Answer::Response(response);
    }
    if service.placed() == placed {
        return answer;
    }
    if let Some(response) = between::after(id.as_ref().map(CallId::as_str), struck) {
        return Answer::Response(response);
    }
    let Answer::Response(response) = answer else {
        return answer;
    };
    let mut members = members(response.body());
    if let Some(id) = &id {
        set(&mut members, "callId", quoted(id.as_str()));
    }
    let mut truth = soil(&mut members, "callId", struck);
    truth.id = id.filter(|_| names_the_call(struck));
    truth.scene = Some(Scene::Post);
    Answer::Response(finish(response, object(&members), truth, struck))
}

fn get(service: &mut Service, now: Monotonic, request: &Request<Vec<u8>>, struck: &Struck) -> Answer {
    let answer = match struck.within(Fault::Replica, 0, 8_000) {
        Some(lag) => service.handle_behind(now, Duration::from_millis(lag), request),
        None => service.handle(now, request),
    };
    let Answer::Response(response) = answer else {
        return answer;
    };
    if let Some(response) = between::instead(struck) {
        return Answer::Response(response);
    }
    let asked = asked_for(request);
    let Some(call) = asked.as_ref().and_then(|id| service.call(id)) else {
        return Answer::Response(response);
    };
    if let Some(lag) = struck.within(Fault::Replica, 0, 8_000)
        && call.placed_at() > Monotonic::new(now.since_origin().saturating_sub(Duration::from_millis(lag)))
    {
        return Answer::Response(crate::refusal::Refusal::NotFound.response());
    }
    if !response.status().is_success() {
        return Answer::Response(response);
    }
    let mut members = members(response.body());
    write_back(&mut members, call);
    let mut truth = soil(&mut members, "id", struck);
    truth.id = asked.filter(|_| names_the_call(struck));
    truth.status = status(&members);
    truth.scene = Some(Scene::Get);
    if struck.has(Fault::RecordOfAnother)
        && let Some(other) = service.another(call)
    {
        members = self::members(service.record_of(other).body());
        write_back(&mut members, other);
        set(&mut members, "status", quoted("completed"));
        soil(&mut members, "id", struck);
        // Nothing but its id tells it apart.
        set(&mut members, "id", quoted(other.id().as_str()));
        truth = Truth {
            scene: Some(Scene::Get),
            ..Truth::default()
        };
    }
    let mut response = finish(response, object(&members), truth, struck);
    if struck.has(Fault::PauseOnSuccess) {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("20"));
        response.extensions_mut().insert(AskedPause(Duration::from_secs(20)));
    }
    Answer::Response(response)
}

fn list(service: &mut Service, now: Monotonic, request: &Request<Vec<u8>>, struck: &Struck) -> Answer {
    let lag = struck.within(Fault::Replica, 0, 40_000).map(Duration::from_millis);
    let Answer::Response(response) = service.handle_behind(now, lag.unwrap_or_default(), request) else {
        return Answer::Lost;
    };
    if let Some(response) = between::instead(struck) {
        return Answer::Response(response);
    }
    if !response.status().is_success() {
        return Answer::Response(response);
    }
    let body: Map<String, Value> = serde_json::from_slice(response.body()).unwrap_or_default();
    let mut told = body.get("calls").and_then(Value::as_array).cloned().unwrap_or_default();
    if struck.has(Fault::ListPartial) {
        told.drain(..told.len().div_ceil(2));
    }
    if struck.has(Fault::ListAscending) {
        told.reverse();
        told.truncate(told.len().saturating_sub(1));
    }
    let known = |entry: &Value| service.listed_as(entry);
    let seen_by = Monotonic::new(now.since_origin().saturating_sub(lag.unwrap_or_default()));
    let page = struck.within(Fault::ShortPage, 0, 5).unwrap_or(100);
    let shown = told
        .iter()
        .filter(|entry| lag.is_none() || known(entry).is_none_or(|call| call.placed_at() <= seen_by))
        .take(usize::try_from(page).unwrap_or(100));
    let mut truth = Truth::default();
    let mut entries = Vec::new();
    for (at, entry) in shown.enumerate() {
        let mut members = members(entry.to_string().as_bytes());
        if let Some(call) = known(entry) {
            write_back(&mut members, call);
        }
        if struck.has(Fault::BareEntries) {
            members.retain(|(name, _)| ["\"callId\"", "\"status\""].contains(&name.as_str()));
        }
        // One bad entry must not cost the others.
        if at == 0 {
            truth = soil(&mut members, "callId", struck);
        }
        entries.push(object(&members));
    }
    truth.id = None;
    truth.entries = Some(entries.len());
    truth.scene = Some(Scene::List);
    if struck.has(Fault::NullEntry) {
        entries.insert(entries.len().min(1), "null".into());
    }
    if struck.has(Fault::BrokenEntry) {
        entries.insert(0, "[7]".into());
        entries.push("7".into());
        entries.push("\"gone\"".into());
    }
    let calls = entries.join(",");
    let text = if struck.has(Fault::DoubledMember) {
        format!(r#"{{"calls":[],"calls":[{calls}]}}"#)
    } else if struck.has(Fault::ListPartial) {
        format!(r#"{{"calls":[{calls}],"error":"store_error","partial":true}}"#)
    } else {
        format!(r#"{{"calls":[{calls}]}}"#)
    };
    let mut response = finish(response, text, truth, struck);
    if let Some(parameter) = struck.get(Fault::ListPartial) {
        let statuses = [StatusCode::OK, StatusCode::PARTIAL_CONTENT, StatusCode::MULTI_STATUS];
        *response.status_mut() = statuses[usize::try_from(parameter).unwrap_or(0) % 3];
    }
    Answer::Response(response)
}

/// What the service writes back of this call, as it does.
pub(super) fn write_back(members: &mut Members, call: &SimulatedCall) {
    if call.echo.is_empty() {
        return;
    }
    set(
        members,
        "objective",
        quoted(&echo::objective(call.objective(), &call.echo)),
    );
    set(members, "to", quoted(&echo::number(call.to().as_str(), &call.echo)));
}

/// The members of an object, each name and value as it is written.
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

fn status(members: &Members) -> Option<Status> {
    let status: String = serde_json::from_str(get_member(members, "status")?).ok()?;
    Some(Status::from(&*status))
}

fn names_the_call(struck: &Struck) -> bool {
    !struck.has(Fault::IdMissing) && !struck.has(Fault::IdsDisagree)
}

/// Lets the faults of bytes and of ids strike one object, and says what of it is kept to the byte.
pub(super) fn soil(members: &mut Members, id_name: &str, struck: &Struck) -> Truth {
    let mut truth = Truth::default();
    let other_name = if id_name == "id" { "callId" } else { "id" };
    let mut add = |members: &mut Members, name: &str, value: &'static str| {
        members.push((name.to_owned(), value.to_owned()));
        truth.kept.push(value);
    };
    for (fault, _) in struck.iter() {
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
                let levels = usize::try_from(struck.within(Fault::Deep, 1, 200).unwrap_or(1)).unwrap_or(1);
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

/// A text whose end stands for half a letter until it has become bytes. Nobody else writes this, not even in an objective.
const RAW: &str = "caf\u{f8fe}\u{f8ff}";

/// The bytes of a text, with half a letter where its end stands for one.
pub(super) fn raw(bytes: Vec<u8>, struck: &Struck) -> Vec<u8> {
    let mark = RAW.as_bytes();
    let at = bytes.windows(mark.len()).position(|window| window == mark);
    match at.filter(|_| struck.has(Fault::RawBytes)) {
        Some(at) => [&bytes[..at], b"caf\xc3", &bytes[at + mark.len()..]].concat(),
        None => bytes,
    }
}

/// The answer with this body, in the encoding that the faults ask for.
fn finish(response: Response<Vec<u8>>, body: String, truth: Truth, struck: &Struck) -> Response<Vec<u8>> {
    let (mut head, _) = response.into_parts();
    let mut bytes = raw(body.into_bytes(), struck);
    if struck.has(Fault::ByteOrderMark) {
        bytes.splice(0..0, *b"\xef\xbb\xbf");
    }
    if struck.has(Fault::Gzip) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        // A `Vec` takes whatever is written to it.
        let _ = encoder.write_all(&bytes);
        bytes = encoder.finish().unwrap_or_default();
        head.headers
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Some(cut) = struck.get(Fault::Truncated) {
        let kept = cut % u64::try_from(bytes.len()).unwrap_or(1).max(1);
        bytes.truncate(usize::try_from(kept).unwrap_or(0));
    } else {
        head.extensions.insert(truth);
    }
    Response::from_parts(head, bytes)
}
