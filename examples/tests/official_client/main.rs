//! Runs our client on the list of cases that the official Python client is run on too.
//!
//! `.ci/official-client` runs both and compares whole answers. This test compares each answer with what the list
//! expects. `BYOURSIDE_SERVICE` is the base URL of the service, instead of a local one; `BYOURSIDE_ANSWERS` is a file
//! for the answers.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod case;

use byourside_local_service::LocalService;
use case::{Case, brief};
use serde_json::json;
use std::{collections::HashMap, env, fs};

#[test]
fn every_case_gets_the_expected_answer() {
    let service = LocalService::builder().speed(300.0).seed(7).start().unwrap();
    let url = env::var("BYOURSIDE_SERVICE").unwrap_or_else(|_| service.base_url());
    let cases: Vec<Case> = serde_json::from_str(include_str!("cases.json")).unwrap();
    let mut placed = HashMap::new();
    let mut answers = String::new();
    for case in &cases {
        let answer = case.ask(&url, &mut placed);
        assert_eq!(brief(&answer), *case.expected_of_us(), "{}", case.name);
        answers += &format!("{}\n", json!({"name": case.name, "answer": answer}));
    }
    assert!(cases.len() > 40);
    if let Ok(path) = env::var("BYOURSIDE_ANSWERS") {
        fs::write(path, answers).unwrap();
    }
}
