//! What the service does for each row of `numbers.md`.
use super::harness::{CALLS, KEY, ask, at, json_of, place, placed, record, response};
use crate::{Answer, Service};
use byourside_proto::Status;
use serde_json::{Value, json};

/// The statuses that a call to this number goes through within 20 seconds, at several seeds.
fn story(to: &str) -> Vec<String> {
    let stories: Vec<Vec<String>> = (0..50)
        .map(|seed| {
            let mut service = Service::new(seed);
            let id = placed(&mut service, at(100), to);
            let mut story: Vec<String> = (100..=120)
                .map(|second| record(&mut service, at(second), &id)["status"].as_str().unwrap().into())
                .collect();
            story.dedup();
            story
        })
        .collect();
    assert!(stories.iter().all(|story| *story == stories[0]), "{to}");
    stories[0].clone()
}

#[test]
fn unanswered_number_ends_as_the_table_says() {
    for (to, end) in [
        ("+14155550101", "no_answer"),
        ("+14155550102", "voicemail"),
        ("+14155550103", "declined"),
        ("+14155550104", "failed"),
    ] {
        assert_eq!(story(to), ["queued", end], "{to}");
    }
}

#[test]
fn other_number_is_answered_and_completes() {
    for to in ["+14155550123", "+442071838750", "+1", "+819012345678"] {
        assert_eq!(story(to), ["queued", "in_progress", "completed"], "{to}");
    }
}

#[test]
fn answered_call_is_queued_for_a_second_or_two_and_ends_after_ten() {
    let mut ends = Vec::new();
    for seed in 0..200 {
        let mut service = Service::new(seed);
        placed(&mut service, at(5), "+14155550123");
        let call = service.calls().next().unwrap();
        let queued = call.answered_at().unwrap().since(call.placed_at());
        assert!((1000..=2000).contains(&queued.as_millis()), "{queued:?}");
        ends.push(call.ends_at().unwrap().since(call.placed_at()));
    }
    assert!(ends.iter().all(|end| (9000..=11000).contains(&end.as_millis())));
    assert!(
        ends.iter().any(|end| *end != ends[0]),
        "the length of a call comes from the seed"
    );
}

#[test]
fn number_105_completes_after_ten_minutes() {
    let mut service = Service::new(7);
    let id = placed(&mut service, at(0), "+14155550105");
    assert_eq!(record(&mut service, at(600), &id)["status"], "in_progress");
    assert_eq!(record(&mut service, at(620), &id)["status"], "completed");
}

#[test]
fn number_106_stays_in_progress() {
    let mut service = Service::new(7);
    let id = placed(&mut service, at(0), "+14155550106");
    let record = record(&mut service, at(u64::MAX), &id);
    assert_eq!(
        (&record["status"], &record["endedAt"]),
        (&json!("in_progress"), &Value::Null)
    );
}

#[test]
fn number_107_is_not_found_for_two_seconds_but_listed() {
    let mut service = Service::new(7);
    let id = placed(&mut service, at(10), "+14155550107");
    let get = format!("{CALLS}/{id}");
    let (status, body) = json_of(ask(&mut service, at(11), KEY, ("GET", &get, "")));
    assert_eq!((status, body), (404, json!({"error": "not_found"})));
    let (_, list) = json_of(ask(&mut service, at(11), KEY, ("GET", CALLS, "")));
    assert_eq!(list["calls"][0]["callId"], json!(id));
    assert_eq!(record(&mut service, at(12), &id)["id"], json!(id));
    assert_eq!(record(&mut service, at(30), &id)["status"], "completed");
}

#[test]
fn refused_number_is_refused_as_the_table_says() {
    for (to, status, token) in [
        ("+14155550111", 502, "placement_failed"),
        ("+14155550112", 429, "rate_limited"),
        ("+14155550113", 429, "over_minute_cap"),
        ("+14155550114", 503, "store_error"),
        ("+19005550123", 400, "destination_blocked"),
        ("+1900", 400, "destination_blocked"),
    ] {
        let mut service = Service::new(7);
        for _ in 0..3 {
            let answer = place(&mut service, at(0), to);
            let Answer::Response(response) = &answer else {
                panic!("{to}")
            };
            let retry_after = response
                .headers()
                .get("retry-after")
                .map(|value| value.to_str().unwrap());
            assert_eq!(retry_after, (token == "rate_limited").then_some("1"), "{to}");
            assert_eq!(json_of(answer), (status, json!({"error": token})), "{to}");
        }
        assert_eq!(service.calls().count(), 0, "{to}");
    }
}

#[test]
fn number_115_accepts_each_objective_the_second_time() {
    let mut service = Service::new(7);
    for objective in ["a", "b"] {
        let body = format!(r#"{{"to": "+14155550115", "objective": "{objective}"}}"#);
        let statuses = [(); 3].map(|()| {
            let answer = ask(&mut service, at(0), KEY, ("POST", CALLS, &body));
            response(answer).status().as_u16()
        });
        assert_eq!(statuses, [429, 202, 202], "{objective}");
    }
}

#[test]
fn number_116_is_called_although_its_answer_is_lost() {
    let mut service = Service::new(7);
    assert!(matches!(place(&mut service, at(0), "+14155550116"), Answer::Lost));
    let call = service.calls().next().unwrap();
    assert_eq!(call.to().as_str(), "+14155550116");
    assert_eq!(call.status_at(at(20)), Status::Completed);
}
