//! Objectives and numbers that come back changed.
use super::{
    Check,
    fixture::{Fixture, LATER, NUMBER, OBJECTIVE, clean, entries, json_in, list, only, post},
};
use crate::Fault;
use serde_json::{Value, json};

pub(super) const CHECKS: &[Check] = &[
    (Fault::ObjectiveEscaped, objective_comes_back_with_html_entities),
    (Fault::ObjectiveNfd, objective_comes_back_in_nfd),
    (Fault::ObjectiveNfkc, objective_comes_back_in_nfkc),
    (Fault::ObjectiveCut, objective_comes_back_cut),
    (Fault::ObjectiveCutNoted, objective_comes_back_cut_with_a_note),
    (Fault::ObjectiveMasked, objective_comes_back_with_masked_digits),
    (Fault::ObjectiveTrimmed, objective_comes_back_trimmed),
    (Fault::ObjectiveLineEnds, objective_comes_back_with_other_line_ends),
    (Fault::ObjectiveCapitals, objective_comes_back_in_capitals),
    (Fault::NumberNormalised, number_comes_back_without_its_trunk_zero),
    (Fault::NumberSpaced, number_comes_back_with_spaces),
    (Fault::NumberMasked, number_comes_back_masked),
];

/// Expects that record, list and event have this objective and this number, those of other calls stay what they are,
/// and the service itself knows what was asked for.
#[track_caller]
fn expect_echo(fault: Fault, objective: &str, number: &str) {
    for (faults, objective, number) in [(clean(), OBJECTIVE, NUMBER), (only(fault, 0), objective, number)] {
        let mut fixture = Fixture::with_calls(1);
        fixture.place(1003, &post(NUMBER, OBJECTIVE), &faults);
        let shown = |record: &Value| (record["objective"].clone(), record["to"].clone());
        let expected = (json!(objective), json!(number));
        assert_eq!(shown(&json_in(&fixture.record(1, &clean()))), expected);
        let listed = fixture.ask(LATER, &list(), &clean());
        assert_eq!(entries(&listed, "objective"), [json!(objective), json!("Call 0.")]);
        assert_eq!(entries(&listed, "to"), [json!(number), json!("+14155560000")]);
        let event = fixture.last_event(&clean());
        assert_eq!(shown(&serde_json::from_slice(&event).unwrap()), expected);
        let call = fixture.service.calls().last().unwrap();
        assert_eq!((call.objective(), call.to().as_str()), (OBJECTIVE, NUMBER));
    }
}

#[test]
fn objective_comes_back_with_html_entities() {
    let escaped = " Ask L\u{e9}a &amp; &#39;Bo&#39; for &lt;5&gt; \u{fb01}les at 12:30.\n";
    expect_echo(Fault::ObjectiveEscaped, escaped, NUMBER);
}

#[test]
fn objective_comes_back_in_nfd() {
    let nfd = " Ask Le\u{301}a & 'Bo' for <5> \u{fb01}les at 12:30.\n";
    expect_echo(Fault::ObjectiveNfd, nfd, NUMBER);
}

#[test]
fn objective_comes_back_in_nfkc() {
    let nfkc = " Ask L\u{e9}a & 'Bo' for <5> files at 12:30.\n";
    expect_echo(Fault::ObjectiveNfkc, nfkc, NUMBER);
}

#[test]
fn objective_comes_back_cut() {
    expect_echo(Fault::ObjectiveCut, " Ask L\u{e9}a & '", NUMBER);
}

#[test]
fn objective_comes_back_cut_with_a_note() {
    expect_echo(Fault::ObjectiveCutNoted, " Ask L\u{e9}a & ' [truncated]", NUMBER);
}

#[test]
fn objective_comes_back_with_masked_digits() {
    let masked = " Ask L\u{e9}a & 'Bo' for <[number]> \u{fb01}les at [number]:[number].\n";
    expect_echo(Fault::ObjectiveMasked, masked, NUMBER);
}

#[test]
fn objective_comes_back_trimmed() {
    expect_echo(Fault::ObjectiveTrimmed, OBJECTIVE.trim(), NUMBER);
}

#[test]
fn objective_comes_back_with_other_line_ends() {
    let ends = " Ask L\u{e9}a & 'Bo' for <5> \u{fb01}les at 12:30.\r\n";
    expect_echo(Fault::ObjectiveLineEnds, ends, NUMBER);
}

#[test]
fn objective_comes_back_in_capitals() {
    let capitals = " ASK L\u{c9}A & 'BO' FOR <5> FILES AT 12:30.\n";
    expect_echo(Fault::ObjectiveCapitals, capitals, NUMBER);
}

#[test]
fn number_comes_back_without_its_trunk_zero() {
    expect_echo(Fault::NumberNormalised, OBJECTIVE, "+447911123456");
}

#[test]
fn number_comes_back_with_spaces() {
    expect_echo(Fault::NumberSpaced, OBJECTIVE, "+4 407 911 123 456");
}

#[test]
fn number_comes_back_masked() {
    expect_echo(Fault::NumberMasked, OBJECTIVE, "+***********56");
}
