//! Changes that the service makes to the objective and the number before it echoes them.
use super::{ActiveFaults, Fault};
use unicode_normalization::UnicodeNormalization;

/// The objective as the service echoes it under these faults.
pub(super) fn objective(told: &str, echo: &ActiveFaults) -> String {
    let mut text = told.to_owned();
    for (fault, _) in echo.iter() {
        text = match fault {
            Fault::ObjectiveEscaped => escaped(&text),
            Fault::ObjectiveNfd => text.nfd().collect(),
            Fault::ObjectiveNfkc => text.nfkc().collect(),
            Fault::ObjectiveCut => text.chars().take(12).collect(),
            Fault::ObjectiveCutNoted => text.chars().take(12).chain(" [truncated]".chars()).collect(),
            Fault::ObjectiveMasked => masked(&text),
            Fault::ObjectiveTrimmed => text.trim().to_owned(),
            Fault::ObjectiveLineEnds => text.replace('\n', "\r\n"),
            Fault::ObjectiveCapitals => text.to_uppercase(),
            _ => text,
        };
    }
    text
}

/// The number as the service echoes it under these faults.
pub(super) fn number(told: &str, echo: &ActiveFaults) -> String {
    let mut text = told.to_owned();
    for (fault, _) in echo.iter() {
        text = match fault {
            Fault::NumberNormalised => text.replacen("+440", "+44", 1),
            Fault::NumberSpaced => spaced(&text),
            Fault::NumberMasked => hidden(&text),
            _ => text,
        };
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The text with each run of digits replaced by `[number]`.
fn masked(text: &str) -> String {
    let mut shown = String::new();
    let mut hides = false;
    for letter in text.chars() {
        if !letter.is_ascii_digit() {
            shown.push(letter);
        } else if !hides {
            shown.push_str("[number]");
        }
        hides = letter.is_ascii_digit();
    }
    shown
}

fn spaced(number: &str) -> String {
    let mut shown = String::new();
    for (at, digit) in number.chars().enumerate() {
        if at > 1 && at % 3 == 2 {
            shown.push(' ');
        }
        shown.push(digit);
    }
    shown
}

fn hidden(number: &str) -> String {
    let shown = number.len().saturating_sub(2);
    number
        .char_indices()
        .map(|(at, digit)| {
            if at < shown && digit.is_ascii_digit() {
                '*'
            } else {
                digit
            }
        })
        .collect()
}
