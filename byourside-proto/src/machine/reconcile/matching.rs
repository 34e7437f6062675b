//! Decides whether a record in the list is of the call that was to be placed.
use crate::{
    api::{PlaceCall, token_in_url},
    types::{Call, PhoneNumber},
};
use http::Uri;

/// Whether `record` is of `call`; `None` if it does not say enough.
///
/// Only what proves another call gives `Some(false)`: a service may spell, shorten or mask what it was given, and a
/// running call that is taken for another one would be placed twice.
pub(super) fn matches(call: &PlaceCall, record: &Call) -> Option<bool> {
    let to = record.to().filter(|to| PhoneNumber::is_valid(to));
    let caller = call.own_caller_id().zip(record.caller_id());
    let hook = call.own_webhook_url().zip(record.text("webhookUrl"));
    let another = to.is_some_and(|to| to != call.to().as_str())
        || caller.is_some_and(|(own, told)| PhoneNumber::is_valid(told) && told != own.as_str())
        || hook.is_some_and(|(own, told)| other_token(own, told))
        || record
            .objective()
            .is_some_and(|told| other_words(call.objective(), told));
    if another {
        return Some(false);
    }
    // What was not asked for is the service's to choose.
    let same = to.is_some()
        && record
            .objective()
            .is_some_and(|told| same_words(call.objective(), told))
        && caller.is_none_or(|(own, told)| own.as_str() == told)
        && hook.is_none_or(|(own, told)| same_url(own, told));
    same.then_some(true)
}

/// Both have a token, and not the same one, nor the beginning of it.
fn other_token(own: &str, told: &str) -> bool {
    token_in_url(own).zip(token_in_url(told)).is_some_and(|(own, told)| {
        let cut = told.strip_suffix("...").is_some_and(|start| own.starts_with(start));
        own != told && !cut
    })
}

/// A service may tidy up blanks.
fn same_words(own: &str, told: &str) -> bool {
    own.split_whitespace().eq(told.split_whitespace())
}

/// Not the same letters and digits, nor the beginning of them: an objective may be shown in part.
fn other_words(own: &str, told: &str) -> bool {
    let shown = told.split(['…', '*']).next().unwrap_or_default();
    let shown = shown.split("...").next().unwrap_or_default();
    let mut own = letters(own);
    letters(shown).any(|letter| own.next() != Some(letter))
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
}

fn same_url(own: &str, told: &str) -> bool {
    let read = |url: &str| url.parse::<Uri>().ok();
    own == told || read(own).zip(read(told)).is_some_and(|(own, told)| own == told)
}
