//! Checks of an error's text.
use super::{DirtyChecks, LastRequest};
use crate::check::{checks::Checks, intent::KEY, invariant::Invariant};
use http::{StatusCode, header};

impl DirtyChecks {
    /// Checks that an error shows no secret, and says what a person can act on.
    pub(in crate::check) fn check_error_text(&self, checks: &mut Checks, to: &str, display: &str, debug: &str) {
        for text in [display, debug] {
            let plain = without_disguises(text);
            if plain.contains("ask L\u{e9}a") {
                checks.breaks(Invariant::Secret, "an error shows what the call is about");
            }
            if plain.contains(KEY) {
                checks.breaks(Invariant::Secret, "an error shows the key");
            }
            let digits: String = plain
                .chars()
                .filter(|c| !matches!(c, '_' | ',' | ':' | '*' | '\u{2022}' | ' '))
                .collect();
            if digits.contains(&to[1..]) {
                checks.breaks(Invariant::Secret, "an error shows the whole number");
            }
        }
        let Some((status, headers)) = &self.answered else {
            return;
        };
        let placing = matches!(self.last_request, Some(LastRequest::Place(_)));
        let page = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind == "text/html");
        if status.is_redirection() && headers.contains_key(header::LOCATION) && !display.contains("moved.example.com") {
            checks.breaks(
                Invariant::Message,
                "a redirect answered, and the error does not say where it points",
            );
        }
        if placing && page && status.is_success() && !display.contains("base URL") {
            checks.breaks(
                Invariant::Message,
                "a page answered, and the error does not say to check the base URL",
            );
        }
        if placing && *status == StatusCode::NOT_FOUND && display.contains("with that id") {
            checks.breaks(Invariant::Message, "an error of placing speaks of a call's id");
        }
    }
}

/// The text with the escaped forms of a key's underscores undone.
fn without_disguises(text: &str) -> String {
    text.replace("%5F", "_")
        .replace("&#95;", "_")
        .replace("\\u005f", "_")
        .replace("\\\\u005f", "_")
}
