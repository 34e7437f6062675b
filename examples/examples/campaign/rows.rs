//! Who is to be called.
use byourside_proto::PlaceCall;
use std::{collections::BTreeSet, error::Error, path::Path};

/// One line of the list.
#[derive(serde::Deserialize)]
struct Line {
    to: String,
    objective: String,
}

/// The calls of a list, in its order. The whole list is refused for one bad line: nobody is called before it is right.
///
/// A number with the same objective twice is a bad line too. Where an answer was lost, number and objective are what a
/// call is recognised by, blanks aside.
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
