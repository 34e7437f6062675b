//! How the service writes back what it was given.
use super::{Fault, Struck};
use unicode_normalization::UnicodeNormalization;

/// The objective as it comes back.
pub(super) fn objective(told: &str, echo: &Struck) -> String {
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

/// The number as it comes back.
pub(super) fn number(told: &str, echo: &Struck) -> String {
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

/// Each run of digits as `[number]`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dirt, Site};
    use byourside_proto::Monotonic;

    fn echo(fault: Fault) -> Struck {
        Dirt::scripted()
            .with(Site::post(0, 1), fault, 0)
            .at(Monotonic::ORIGIN, Site::post(0, 1))
    }

    #[test]
    fn objectives_come_back_in_each_of_their_guises() {
        for (fault, comes_back) in [
            (Fault::ObjectiveEscaped, " Ask L\u{e9}a &amp; &#39;Bo&#39; at 12:30.\n"),
            (Fault::ObjectiveNfd, " Ask Le\u{301}a & 'Bo' at 12:30.\n"),
            (Fault::ObjectiveCut, " Ask L\u{e9}a & "),
            (Fault::ObjectiveMasked, " Ask L\u{e9}a & 'Bo' at [number]:[number].\n"),
            (Fault::ObjectiveTrimmed, "Ask L\u{e9}a & 'Bo' at 12:30."),
            (Fault::ObjectiveLineEnds, " Ask L\u{e9}a & 'Bo' at 12:30.\r\n"),
        ] {
            let told = " Ask L\u{e9}a & 'Bo' at 12:30.\n";
            assert_eq!(objective(told, &echo(fault)), comes_back, "{fault}");
        }
    }

    #[test]
    fn numbers_come_back_in_each_of_their_guises() {
        for (fault, comes_back) in [
            (Fault::NumberNormalised, "+447911123456"),
            (Fault::NumberSpaced, "+4 407 911 123 456"),
            (Fault::NumberMasked, "+***********56"),
        ] {
            assert_eq!(number("+4407911123456", &echo(fault)).trim(), comes_back, "{fault}");
        }
    }
}
