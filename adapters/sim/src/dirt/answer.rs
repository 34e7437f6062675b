//! Applies faults to the service's answers.
use super::{
    ActiveFaults, Fault, Target, echoed_values,
    intermediary::{self, AskedRetryAfter},
    members::{Members, corrupt, get_member, members, object, quoted, raw, set},
};
use crate::{Answer, Service, SimulatedCall};
use byourside_proto::{CallId, Monotonic, Status};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::{Map, Value};
use std::{io::Write, time::Duration};

/// What an answer really says, to compare with what a client reads from it. It travels in the answer's extensions,
/// which no client sees.
///
/// It is present where the official client can read the answer: an answer of the service that arrives whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroundTruth {
    /// The kind of request.
    pub(crate) target: Option<Target>,
    /// The id of the requested call, if the answer names that id and no other.
    pub(crate) id: Option<CallId>,
    /// The status of the call.
    pub(crate) status: Option<Status>,
    /// How many valid entries the list has.
    pub(crate) entries: Option<usize>,
    /// Texts that the answer contains, byte for byte.
    pub(crate) kept: Vec<&'static str>,
}

/// Why a call exists that no program under test asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Background {
    /// It was placed and ended a day ago, with the same number and objective.
    Yesterday,
    /// Another program of the same account places it now.
    OtherProgram,
}

/// The target that a request is: a POST, a GET or a list.
pub(crate) fn target<B>(request: &Request<B>) -> Target {
    match (request.method(), request.uri().path().ends_with("/calls")) {
        (&Method::POST, _) => Target::Post,
        (_, true) => Target::List,
        (_, false) => Target::Get,
    }
}

/// Passes a request to the service under these faults, except those of the network.
pub(crate) fn handle(
    service: &mut Service,
    now: Monotonic,
    request: &Request<Vec<u8>>,
    active: &ActiveFaults,
) -> Answer {
    if let Some(response) = intermediary::before(service, now, request, active) {
        return Answer::Response(response);
    }
    match target(request) {
        Target::Post => post(service, now, request, active),
        Target::List => list(service, now, request, active),
        _ => get(service, now, request, active),
    }
}

/// The id in the path of a request for a record.
pub(crate) fn asked_for<B>(request: &Request<B>) -> Option<CallId> {
    let id = request.uri().path().rsplit('/').next()?;
    CallId::new(id).ok()
}

fn post(service: &mut Service, now: Monotonic, request: &Request<Vec<u8>>, active: &ActiveFaults) -> Answer {
    if active.has(Fault::OtherProgram) {
        service.place_in_background(now, request, Background::OtherProgram);
    }
    let placed = service.placed();
    let answer = service.handle(now, request);
    let id = (service.placed() > placed)
        .then(|| service.corrupt_newest(active))
        .flatten();
    if let Some(response) = intermediary::instead(active) {
        return Answer::Response(response);
    }
    if service.placed() == placed {
        return answer;
    }
    if let Some(response) = intermediary::after(id.as_ref().map(CallId::as_str), active) {
        return Answer::Response(response);
    }
    let Answer::Response(response) = answer else {
        return answer;
    };
    let mut members = members(response.body());
    if let Some(id) = &id {
        set(&mut members, "callId", quoted(id.as_str()));
    }
    let mut truth = corrupt(&mut members, "callId", active);
    truth.id = id.filter(|_| names_the_call(active));
    truth.target = Some(Target::Post);
    Answer::Response(finish(response, object(&members), truth, active))
}

fn get(service: &mut Service, now: Monotonic, request: &Request<Vec<u8>>, active: &ActiveFaults) -> Answer {
    let answer = match active.within(Fault::Replica, 0, 8_000) {
        Some(lag) => service.handle_behind(now, Duration::from_millis(lag), request),
        None => service.handle(now, request),
    };
    let Answer::Response(response) = answer else {
        return answer;
    };
    if let Some(response) = intermediary::instead(active) {
        return Answer::Response(response);
    }
    let asked = asked_for(request);
    let Some(call) = asked.as_ref().and_then(|id| service.call(id)) else {
        return Answer::Response(response);
    };
    if let Some(lag) = active.within(Fault::Replica, 0, 8_000)
        && call.placed_at() > Monotonic::new(now.since_origin().saturating_sub(Duration::from_millis(lag)))
    {
        return Answer::Response(crate::refusal::Refusal::NotFound.response());
    }
    if !response.status().is_success() {
        return Answer::Response(response);
    }
    let mut members = members(response.body());
    apply_echo_faults(&mut members, call);
    let mut truth = corrupt(&mut members, "id", active);
    truth.id = asked.filter(|_| names_the_call(active));
    truth.status = status(&members);
    truth.target = Some(Target::Get);
    if active.has(Fault::RecordOfAnother)
        && let Some(other) = service.newest_other_call(call)
    {
        members = super::members::members(service.record_of(other).body());
        apply_echo_faults(&mut members, other);
        set(&mut members, "status", quoted("completed"));
        corrupt(&mut members, "id", active);
        // Only its id tells this record from the requested one.
        set(&mut members, "id", quoted(other.id().as_str()));
        truth = GroundTruth {
            target: Some(Target::Get),
            ..GroundTruth::default()
        };
    }
    let mut response = finish(response, object(&members), truth, active);
    if active.has(Fault::PauseOnSuccess) {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("20"));
        response
            .extensions_mut()
            .insert(AskedRetryAfter(Duration::from_secs(20)));
    }
    Answer::Response(response)
}

fn list(service: &mut Service, now: Monotonic, request: &Request<Vec<u8>>, active: &ActiveFaults) -> Answer {
    let lag = active.within(Fault::Replica, 0, 40_000).map(Duration::from_millis);
    let Answer::Response(response) = service.handle_behind(now, lag.unwrap_or_default(), request) else {
        return Answer::Lost;
    };
    if let Some(response) = intermediary::instead(active) {
        return Answer::Response(response);
    }
    if !response.status().is_success() {
        return Answer::Response(response);
    }
    let body: Map<String, Value> = serde_json::from_slice(response.body()).unwrap_or_default();
    let mut told = body.get("calls").and_then(Value::as_array).cloned().unwrap_or_default();
    if active.has(Fault::ListPartial) {
        told.drain(..told.len().div_ceil(2));
    }
    if active.has(Fault::ListAscending) {
        told.reverse();
        told.truncate(told.len().saturating_sub(1));
    }
    let known = |entry: &Value| service.call_of_entry(entry);
    let seen_by = Monotonic::new(now.since_origin().saturating_sub(lag.unwrap_or_default()));
    let page = active.within(Fault::ShortPage, 0, 5).unwrap_or(100);
    let shown = told
        .iter()
        .filter(|entry| lag.is_none() || known(entry).is_none_or(|call| call.placed_at() <= seen_by))
        .take(usize::try_from(page).unwrap_or(100));
    let mut truth = GroundTruth::default();
    let mut entries = Vec::new();
    for (at, entry) in shown.enumerate() {
        let mut members = members(entry.to_string().as_bytes());
        if let Some(call) = known(entry) {
            apply_echo_faults(&mut members, call);
        }
        if active.has(Fault::BareEntries) {
            members.retain(|(name, _)| ["\"callId\"", "\"status\""].contains(&name.as_str()));
        }
        // Only the first entry is corrupted: it must not cost the client the others.
        if at == 0 {
            truth = corrupt(&mut members, "callId", active);
        }
        entries.push(object(&members));
    }
    truth.id = None;
    truth.entries = Some(entries.len());
    truth.target = Some(Target::List);
    if active.has(Fault::NullEntry) {
        entries.insert(entries.len().min(1), "null".into());
    }
    if active.has(Fault::BrokenEntry) {
        entries.insert(0, "[7]".into());
        entries.push("7".into());
        entries.push("\"gone\"".into());
    }
    let calls = entries.join(",");
    let text = if active.has(Fault::DoubledMember) {
        format!(r#"{{"calls":[],"calls":[{calls}]}}"#)
    } else if active.has(Fault::ListPartial) {
        format!(r#"{{"calls":[{calls}],"error":"store_error","partial":true}}"#)
    } else {
        format!(r#"{{"calls":[{calls}]}}"#)
    };
    let mut response = finish(response, text, truth, active);
    if let Some(parameter) = active.get(Fault::ListPartial) {
        let statuses = [StatusCode::OK, StatusCode::PARTIAL_CONTENT, StatusCode::MULTI_STATUS];
        *response.status_mut() = statuses[usize::try_from(parameter).unwrap_or(0) % 3];
    }
    Answer::Response(response)
}

/// Applies the faults of the service's echo to the number and the objective of a call.
pub(super) fn apply_echo_faults(members: &mut Members, call: &SimulatedCall) {
    if call.echo.is_empty() {
        return;
    }
    set(
        members,
        "objective",
        quoted(&echoed_values::objective(call.objective(), &call.echo)),
    );
    set(
        members,
        "to",
        quoted(&echoed_values::number(call.to().as_str(), &call.echo)),
    );
}

fn status(members: &Members) -> Option<Status> {
    let status: String = serde_json::from_str(get_member(members, "status")?).ok()?;
    Some(Status::from(&*status))
}

fn names_the_call(active: &ActiveFaults) -> bool {
    !active.has(Fault::IdMissing) && !active.has(Fault::IdsDisagree)
}

/// The answer with this body, after the faults of encoding and truncation.
fn finish(response: Response<Vec<u8>>, body: String, truth: GroundTruth, active: &ActiveFaults) -> Response<Vec<u8>> {
    let (mut head, _) = response.into_parts();
    let mut bytes = raw(body.into_bytes(), active);
    if active.has(Fault::ByteOrderMark) {
        bytes.splice(0..0, *b"\xef\xbb\xbf");
    }
    if active.has(Fault::Gzip) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        // Writing to a `Vec` cannot fail.
        let _ = encoder.write_all(&bytes);
        bytes = encoder.finish().unwrap_or_default();
        head.headers
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Some(cut) = active.get(Fault::Truncated) {
        let kept = cut % u64::try_from(bytes.len()).unwrap_or(1).max(1);
        bytes.truncate(usize::try_from(kept).unwrap_or(0));
    } else {
        head.extensions.insert(truth);
    }
    Response::from_parts(head, bytes)
}
