//! Reads the list of calls.
use byourside_proto::PlaceCall;
use std::{collections::BTreeSet, error::Error, path::Path};

/// One row of the list.
#[derive(serde::Deserialize)]
struct Line {
    to: String,
    objective: String,
}

/// Reads the rows of a list, in order. One bad row refuses the whole list, before any call is placed.
///
/// A number that occurs twice with the same objective, ignoring white space, is a bad row too: after a lost answer, a
/// call is recognised by its number and objective.
pub fn read(path: &Path, webhook_url: Option<&str>) -> Result<Vec<PlaceCall>, Box<dyn Error>> {
    let mut calls = Vec::new();
    let mut seen = BTreeSet::new();
    for (row, line) in csv::Reader::from_path(path)?.deserialize().enumerate() {
        let bad = |error: &dyn std::fmt::Display| format!("call {} of the list: {error}", row + 1);
        let Line { to, objective } = line.map_err(|error| bad(&error))?;
        let words: Vec<&str> = objective.split_whitespace().collect();
        if !seen.insert((to.trim().to_owned(), words.join(" "))) {
            return Err(bad(&"the same number and objective as one before it").into());
        }
        let mut call = PlaceCall::new(to.trim(), objective.as_str()).map_err(|error| bad(&error))?;
        if let Some(url) = webhook_url {
            call = call.webhook_url(url)?.correlation(&format!("row-{row}"))?;
        }
        calls.push(call);
    }
    Ok(calls)
}
