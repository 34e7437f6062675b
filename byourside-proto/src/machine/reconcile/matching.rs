//! Decides whether a record is that of the call that was to be placed.
use crate::{
    api::{PlaceCall, token_in_url},
    types::{Call, PhoneNumber},
};
use http::Uri;

/// Whether `record` is that of `call`; `None` if the record shows too little.
///
/// `Some(false)` needs proof of another call. A service may respell, shorten or mask what it was given, and a running
/// call that is mistaken for another one would be placed twice.
pub(super) fn matches(call: &PlaceCall, record: &Call) -> Option<bool> {
    let to = record.to().filter(|to| PhoneNumber::is_valid(to));
    let caller = call.own_caller_id().zip(record.caller_id());
    let hook = call.own_webhook_url().zip(record.text("webhookUrl"));
    let another = to.is_some_and(|to| to != call.to().as_str())
        || caller.is_some_and(|(own, shown)| PhoneNumber::is_valid(shown) && shown != own.as_str())
        || hook.is_some_and(|(own, shown)| is_other_token(own, shown))
        || record
            .objective()
            .is_some_and(|shown| are_other_words(call.objective(), shown));
    if another {
        return Some(false);
    }
    // A caller id or webhook URL that the call does not set can be anything.
    let same = to.is_some()
        && record
            .objective()
            .is_some_and(|shown| are_same_words(call.objective(), shown))
        && caller.is_none_or(|(own, shown)| own.as_str() == shown)
        && hook.is_none_or(|(own, shown)| is_same_url(own, shown));
    same.then_some(true)
}

/// Whether both URLs have a correlation token, and the shown one is neither the same nor its beginning.
fn is_other_token(own: &str, shown: &str) -> bool {
    token_in_url(own).zip(token_in_url(shown)).is_some_and(|(own, shown)| {
        let cut = shown.strip_suffix("...").is_some_and(|start| own.starts_with(start));
        own != shown && !cut
    })
}

/// Whether both texts are the same but for white space, which a service may tidy up.
fn are_same_words(own: &str, shown: &str) -> bool {
    own.split_whitespace().eq(shown.split_whitespace())
}

/// Whether the letters and digits that are shown are not the beginning of our own: an objective may be cut or masked.
fn are_other_words(own: &str, shown: &str) -> bool {
    let start = shown.split(['…', '*']).next().unwrap_or_default();
    let start = start.split("...").next().unwrap_or_default();
    let mut own = letters(own);
    letters(start).any(|letter| own.next() != Some(letter))
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
}

fn is_same_url(own: &str, shown: &str) -> bool {
    let parse = |url: &str| url.parse::<Uri>().ok();
    own == shown || parse(own).zip(parse(shown)).is_some_and(|(own, shown)| own == shown)
}
