//! The results of the official Python client, as data. `BYOURSIDE_VECTORS` names another folder in the same format.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod support;
mod wait_vectors;
mod webhook_vectors;

use base64::{Engine, prelude::BASE64_STANDARD};
use byourside_proto::{
    Api, ApiKey, BaseUrl, BuildError, CallId, Field, FieldType, GetCall, ListCalls, Operation, PlaceCall,
    api::ApiErrorKind,
};
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many cases differ from the official client by each rule.
struct Tally(&'static str, BTreeMap<&'static str, usize>);

impl Tally {
    fn new(file: &'static str, rules: &[&'static str]) -> Self {
        Self(file, rules.iter().map(|rule| (*rule, 0)).collect())
    }

    fn uses(&mut self, rule: &'static str) {
        *self.1.get_mut(rule).unwrap() += 1;
    }

    /// In our own folder each rule must have a case; another folder may have none.
    fn check(self) {
        let own = std::env::var_os("BYOURSIDE_VECTORS").is_none();
        for (rule, count) in self.1 {
            println!("{}: {count} by the rule: {rule}", self.0);
            assert!(count > 0 || !own, "no case uses the rule: {rule}");
        }
    }
}

fn cases(file: &str) -> Vec<Value> {
    let folder = std::env::var("BYOURSIDE_VECTORS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors").into());
    let text = std::fs::read(format!("{folder}/{file}")).unwrap();
    let Value::Array(cases) = serde_json::from_slice::<Value>(&text).unwrap()["cases"].take() else {
        panic!("no cases in {file}")
    };
    assert!(!cases.is_empty(), "{file}");
    println!("{file}: {} cases", cases.len());
    cases
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

fn build(case: &Value) -> Result<Request<Vec<u8>>, BuildError> {
    let api = Api::new(
        BaseUrl::new(text(case, "base_url").unwrap())?,
        ApiKey::new(text(case, "api_key").unwrap())?,
    );
    let args = &case["args"];
    match text(case, "operation").unwrap() {
        "get_call" => Ok(GetCall(CallId::new(text(args, "call_id").unwrap())?).request(&api)),
        "list_calls" => Ok(match args.get("limit").and_then(Value::as_u64) {
            Some(limit) => ListCalls::new(u32::try_from(limit).unwrap_or(u32::MAX)).request(&api),
            None => ListCalls::default().request(&api),
        }),
        "place_call" => place(args).map(|place| place.request(&api)),
        other => panic!("unknown operation {other}"),
    }
}

fn place(args: &Value) -> Result<PlaceCall, BuildError> {
    let mut place = PlaceCall::new(text(args, "to").unwrap(), text(args, "objective").unwrap())?;
    if let Some(context) = text(args, "context") {
        place = place.context(context);
    }
    if let Some(fields) = args.get("fields").and_then(Value::as_array) {
        place = place.fields(fields.iter().map(field).collect())?;
    }
    if let Some(url) = text(args, "webhook_url") {
        place = place.webhook_url(url)?;
    }
    if let Some(number) = text(args, "caller_id") {
        place = place.caller_id(number)?;
    }
    Ok(place)
}

fn field(value: &Value) -> Field {
    let kind = text(value, "type").map(|word| match word {
        "string" => FieldType::String,
        "boolean" => FieldType::Boolean,
        "number" => FieldType::Number,
        other => panic!("unknown type {other}"),
    });
    Field {
        name: text(value, "name").unwrap().into(),
        kind,
        description: text(value, "description").map(Into::into),
    }
}

/// As a path segment, such an id leaves the collection.
const LEAVES: &str = "an id that is empty, `.` or `..`: refused before any I/O";
/// The Rust type cannot hold such a limit.
const NO_NUMBER: &str = "a limit that is not an integer: the type forbids it, ours asks for the default of 20";

#[test]
fn requests() {
    let mut tally = Tally::new("requests.json", &[LEAVES, NO_NUMBER]);
    for case in cases("requests.json") {
        let name = text(&case, "name").unwrap();
        if let Some(raised) = case.get("raised") {
            let code = build(&case).map_err(|error| error.code());
            // A foreign exception has no code.
            match text(raised, "code") {
                Some(raised) => assert_eq!(code.err(), Some(raised), "{name}"),
                None => assert!(code.is_err(), "{name}"),
            }
            continue;
        }
        if case["args"]
            .get("limit")
            .is_some_and(|limit| !limit.is_number() && !limit.is_null())
        {
            tally.uses(NO_NUMBER);
            assert!(build(&case).unwrap().uri().to_string().ends_with("?limit=20"), "{name}");
        }
        if matches!(text(&case["args"], "call_id"), Some("" | "." | "..")) {
            tally.uses(LEAVES);
            assert_eq!(build(&case).err(), Some(BuildError::InvalidCallId), "{name}");
            continue;
        }
        let request = build(&case).unwrap_or_else(|error| panic!("{name}: {error}"));
        let headers: serde_json::Map<String, Value> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())))
            .collect();
        let ours = json!({
            "method": request.method().as_str(),
            "url": request.uri().to_string(),
            "headers": headers,
            "body": serde_json::from_slice::<Value>(request.body()).ok(),
        });
        assert_eq!(ours, case["expected"], "{name}");
    }
    tally.check();
}

/// The official client returns any JSON value, or raises a foreign exception.
const NO_RECORD: &str = "a 2xx that is not a JSON object: a typed error, unreadable";
/// The official client raises a foreign exception.
const NO_TOKEN: &str = "an `error` that is an object or a list: there is no token, so the code is `error`";

#[test]
fn errors() {
    let mut tally = Tally::new("errors.json", &[NO_RECORD, NO_TOKEN]);
    let get = GetCall(CallId::new("c1").unwrap());
    for case in cases("errors.json") {
        let name = text(&case, "name").unwrap();
        let status = StatusCode::from_u16(u16::try_from(case["status"].as_u64().unwrap()).unwrap()).unwrap();
        let body = BASE64_STANDARD.decode(text(&case, "body_base64").unwrap()).unwrap();
        let ours = get.parse(status, &HeaderMap::new(), &body);
        let result = &case["result"];
        if status.is_success() {
            match serde_json::from_slice::<Value>(&body) {
                Ok(Value::Object(_)) => {
                    assert_eq!(serde_json::to_value(ours.unwrap()).unwrap(), result["ok"], "{name}")
                }
                _ => {
                    tally.uses(NO_RECORD);
                    assert_eq!(ours.unwrap_err().kind(), ApiErrorKind::Unreadable, "{name}");
                }
            }
            continue;
        }
        let error = ours.unwrap_err();
        assert_eq!(error.status(), status.as_u16(), "{name}");
        if result.get("escapes_as").is_some() {
            tally.uses(NO_TOKEN);
            assert_eq!(error.code(), "error", "{name}");
            continue;
        }
        let code = result["code"]
            .as_str()
            .map_or_else(|| result["code"].to_string(), Into::into);
        assert_eq!(
            (error.code(), error.to_string().as_str()),
            (code.as_str(), text(result, "message").unwrap()),
            "{name}"
        );
    }
    tally.check();
}
