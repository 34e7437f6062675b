//! The cost of reading an answer, compared with plain serde_json.
use crate::measure::{Contender, interleaved, print, verdict};
use byourside_proto::{Call, CallId, GetCall, ListCalls, Operation};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, from_slice};
use std::hint::black_box;

const ROUNDS: usize = 501;
/// The goal: the time of decoding as a multiple of plain serde_json's.
const GOAL: f64 = 1.15;

/// A record as a plain struct, without a type for each value.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only read")]
struct Plain {
    #[serde(alias = "callId")]
    id: Option<String>,
    status: Option<String>,
    to: Option<String>,
    objective: Option<String>,
    summary: Option<String>,
    extracted: Option<Map<String, Value>>,
    transcript: Option<String>,
    recording_url: Option<String>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

#[derive(Deserialize)]
struct List<T> {
    calls: Vec<T>,
}

/// The answers that are read.
pub enum Body {
    Record(Names, String),
    List(Names, String),
}

/// The figures of the base, of this library and of the plain struct.
type Names = [&'static str; 3];

pub fn inputs() -> [(&'static str, Body); 3] {
    let short = [
        "record of 4 KB: serde_json, same type",
        "record of 4 KB: parse",
        "record of 4 KB: serde_json, plain struct",
    ];
    let long = [
        "record of 64 KB: serde_json, same type",
        "record of 64 KB: parse",
        "record of 64 KB: serde_json, plain struct",
    ];
    let list = [
        "list of 100: serde_json, same type",
        "list of 100: parse",
        "list of 100: serde_json, plain struct",
    ];
    let entries: Vec<String> = (0..100).map(|_| record(0)).collect();
    let entries = format!(r#"{{"calls":[{}]}}"#, entries.join(","));
    [
        ("record, transcript of 4 KB", Body::Record(short, record(4096))),
        ("record, transcript of 64 KB", Body::Record(long, record(65_536))),
        ("list of 100", Body::List(list, entries)),
    ]
}

pub fn table() {
    println!("\ndecoding, against bare serde_json{:>33}{:>9}", "ns", "ratio");
    for (_, body) in inputs() {
        let measured = interleaved(ROUNDS, contenders(&body));
        print(&measured);
        println!("  goal of {GOAL} {}", verdict(measured[1].ratio <= GOAL));
    }
}

pub fn contenders(body: &Body) -> Vec<Contender<'_>> {
    match body {
        Body::Record(names, body) => against(
            names,
            body,
            GetCall(CallId::new("c1").unwrap()),
            from_slice::<Call>,
            from_slice::<Plain>,
        ),
        Body::List(names, body) => against(names, body, ListCalls::new(100), from_slice::<List<Call>>, |body| {
            from_slice::<List<Plain>>(body).inspect(|list| assert_eq!(list.calls.len(), 100))
        }),
    }
}

fn against<'a, O: Operation + 'a, T, U>(
    names: &Names,
    body: &'a str,
    operation: O,
    bare: impl Fn(&'a [u8]) -> serde_json::Result<T> + 'a,
    plain: impl Fn(&'a [u8]) -> serde_json::Result<U> + 'a,
) -> Vec<Contender<'a>> {
    let headers = HeaderMap::new();
    let body = body.as_bytes();
    vec![
        Contender::new(names[0], move || assert!(black_box(bare(black_box(body))).is_ok())),
        Contender::new(names[1], move || {
            let answer = operation.parse(StatusCode::OK, &headers, black_box(body));
            assert!(black_box(answer).is_ok());
        }),
        Contender::new(names[2], move || assert!(black_box(plain(black_box(body))).is_ok())),
    ]
}

/// A record of a completed call whose transcript has this length.
pub fn record(transcript: usize) -> String {
    let said = "Agent: Good morning, this is about Tuesday.\\nRecipient: \\\"Thursday\\\" would do.\\n";
    let transcript: String = said
        .chars()
        .cycle()
        .take(transcript / said.len() * said.len())
        .collect();
    format!(
        r#"{{"id":"0f0e0d0c-0000-4000-8000-000000000000","status":"completed","to":"+14155550123","objective":"Ask whether the appointment on Tuesday at ten can be moved to Thursday.","summary":"It can: Thursday at eleven, with the same doctor. The receptionist will send a confirmation.","extracted":{{"agreed":true,"time":"11:00","people":2,"note":null}},"transcript":"{transcript}","recordingUrl":"https://recordings.example/0f0e0d0c","language":"en-US","startedAt":"2026-01-01T10:00:00Z","endedAt":"2026-01-01T10:03:21Z"}}"#
    )
}
