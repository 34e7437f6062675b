//! The contents of records and lists.
use super::harness::{CALLS, KEY, ask, at, json_of, place, placed, record};
use crate::{Answer, Service};
use serde_json::{Value, json};

fn ordered(seed: u64, order: &Value) -> (Service, Value) {
    let mut service = Service::new(seed);
    let (status, receipt) = json_of(ask(&mut service, at(0), KEY, ("POST", CALLS, &format!("{order}"))));
    assert_eq!(status, 202, "{receipt}");
    (service, receipt)
}

#[test]
fn record_has_results_only_after_the_call_completed() {
    let mut service = Service::new(7);
    let id = placed(&mut service, at(60), "+14155550123");
    for (second, status) in [(60, "queued"), (63, "in_progress")] {
        let record = record(&mut service, at(second), &id);
        assert_eq!(record["status"], status);
        for name in ["summary", "extracted", "transcript", "recordingUrl", "endedAt"] {
            assert_eq!(record.get(name), Some(&Value::Null), "{name} while {status}");
        }
        assert_eq!(record["startedAt"].is_null(), status == "queued");
    }
    let record = record(&mut service, at(80), &id);
    assert_eq!((&record["id"], &record["status"]), (&json!(id), &json!("completed")));
    assert_eq!(
        (&record["to"], &record["objective"]),
        (&json!("+14155550123"), &json!("Ask."))
    );
    assert_eq!(record["extracted"], json!({}));
    assert!(
        record["summary"]
            .as_str()
            .is_some_and(|summary| summary.contains("Ask."))
    );
    assert!(record["transcript"].is_string());
    assert!(record["recordingUrl"].as_str().unwrap().starts_with("https://"));
    assert!(record["startedAt"].as_str().unwrap().starts_with("2026-01-01T00:01:0"));
    assert!(record["endedAt"].as_str().unwrap().starts_with("2026-01-01T00:01:"));
}

#[test]
fn unanswered_call_has_an_end_and_no_results() {
    let mut service = Service::new(7);
    let id = placed(&mut service, at(0), "+14155550101");
    let record = record(&mut service, at(20), &id);
    for name in ["summary", "extracted", "transcript", "recordingUrl", "startedAt"] {
        assert_eq!(record.get(name), Some(&Value::Null), "{name}");
    }
    assert!(record["endedAt"].is_string());
}

#[test]
fn fields_are_extracted_in_their_type_or_null() {
    let order = json!({"to": "+14155550123", "objective": "Ask.", "fields": [
        {"name": "confirmed", "type": "boolean"},
        {"name": "new_time", "type": "string", "description": "The new time"},
        {"name": "count", "type": "number"},
        {"name": "plain"},
    ]});
    let mut nulls = 0;
    for seed in 0..100 {
        let (mut service, receipt) = ordered(seed, &order);
        let id = receipt["callId"].as_str().unwrap();
        let extracted = record(&mut service, at(20), id)["extracted"].clone();
        assert_eq!(
            extracted,
            record(&mut service, at(30), id)["extracted"],
            "it does not change"
        );
        assert_eq!(extracted.as_object().unwrap().len(), 4);
        let fits = |name: &str, fits: fn(&Value) -> bool| extracted[name].is_null() || fits(&extracted[name]);
        assert!(fits("confirmed", Value::is_boolean), "{extracted}");
        assert!(fits("new_time", Value::is_string), "{extracted}");
        assert!(fits("count", Value::is_u64), "{extracted}");
        assert!(fits("plain", Value::is_string), "{extracted}");
        nulls += extracted
            .as_object()
            .unwrap()
            .values()
            .filter(|value| value.is_null())
            .count();
    }
    assert!((10..120).contains(&nulls), "{nulls} of 400 are null");
}

#[test]
fn language_is_the_requested_one_or_that_of_the_number() {
    for (to, language, resolved, source) in [
        ("+14155550123", json!("pt-BR"), "pt-BR", "explicit"),
        ("+14155550123", json!("auto"), "en-US", "inferred"),
        ("+33140000000", Value::Null, "fr-FR", "inferred"),
    ] {
        let order = json!({"to": to, "objective": "Ask.", "language": language});
        let (mut service, receipt) = ordered(7, &order);
        let record = record(&mut service, at(1), receipt["callId"].as_str().unwrap());
        for answer in [receipt, record] {
            assert_eq!(
                (&answer["language"], &answer["languageSource"]),
                (&json!(resolved), &json!(source))
            );
        }
    }
}

#[test]
fn list_is_most_recent_first_and_no_longer_than_its_limit() {
    let mut service = Service::new(7);
    let ids: Vec<_> = (0..120)
        .map(|second| json!(placed(&mut service, at(second), "+14155550123")))
        .collect();
    for (query, length) in [("", 20), ("?limit=0", 1), ("?limit=3", 3), ("?limit=1000", 100)] {
        let (status, list) = json_of(ask(&mut service, at(130), KEY, ("GET", &format!("{CALLS}{query}"), "")));
        assert_eq!(status, 200);
        let calls = list["calls"].as_array().unwrap();
        let listed: Vec<_> = calls.iter().map(|call| call["callId"].clone()).collect();
        let expected: Vec<_> = ids.iter().rev().take(length).cloned().collect();
        assert_eq!(listed, expected, "{query}");
        assert!(
            calls
                .iter()
                .all(|call| call["status"].is_string() && call.get("id").is_none())
        );
    }
}

#[test]
fn same_seed_and_requests_give_the_same_bytes() {
    let run = |seed| {
        let mut service = Service::new(seed);
        let mut bytes = Vec::new();
        for second in 0..40 {
            let answers = [
                place(&mut service, at(second), &format!("+141555501{second:02}")),
                ask(&mut service, at(second), KEY, ("GET", CALLS, "")),
            ];
            bytes.extend(answers.into_iter().map(|answer| match answer {
                Answer::Response(response) => format!("{response:?}"),
                Answer::Lost => "lost".into(),
            }));
        }
        bytes
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}
