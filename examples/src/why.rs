//! Why a delivery does not verify, in words that a person can act on.
use crate::reserialised::{Candidate, candidates};
use byourside_proto::{
    UnixTime,
    webhook::{Refusal, Verifier, WebhookSecret},
};
use std::time::Duration;

/// A delivery as it was captured.
pub struct Captured<'a> {
    /// The value of the signature header.
    pub header: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// The secret, as it is configured.
    pub secret: &'a str,
    /// When it came.
    pub received: UnixTime,
}

impl Captured<'_> {
    /// What is wrong with a delivery that was refused for this reason, a line for each thing found. Neither the secret
    /// nor the body is in it.
    #[must_use]
    pub fn why(&self, refusal: Refusal) -> Vec<String> {
        let mut lines = vec![format!("{refusal}.")];
        match refusal {
            Refusal::Stale { age, max } => {
                lines.push(off("ahead of", "ago", age, max));
                lines.push(self.signature());
            }
            Refusal::TooEarly { ahead, max } => {
                lines.push(off("behind", "in the future", ahead, max));
                lines.push(self.signature());
            }
            Refusal::WrongSignature => lines.push(self.signature()),
            _ => {}
        }
        lines
    }

    /// What the signature says when its age does not count.
    fn signature(&self) -> String {
        if self.signed_with(self.secret, self.body) {
            return "Found: secret, body and signature fit together; only the time is wrong.".into();
        }
        for (secret, fault) in secrets(self.secret) {
            if self.signed_with(&secret, self.body) {
                return format!("Found: the secret is wrong: {fault}. The body is right.");
            }
        }
        let candidates = candidates(self.body);
        for Candidate { body, change } in &candidates {
            if self.signed_with(self.secret, body) {
                return format!(
                    "Found: the secret is right, but these are not the bytes that were signed: {change}. \
                     Verify the raw body, before anything reads it."
                );
            }
        }
        for (secret, fault) in secrets(self.secret) {
            for Candidate { body, change } in &candidates {
                if self.signed_with(&secret, body) {
                    return format!("Found: the secret is wrong: {fault}. The body is too: {change}.");
                }
            }
        }
        format!(
            "Not found: no clean-up of the secret and none of {} other spellings of the body fits the signature. Compare \
             the secret with the dashboard's for this very endpoint, then capture the raw bytes again.",
            candidates.len()
        )
    }

    fn signed_with(&self, secret: &str, body: &[u8]) -> bool {
        WebhookSecret::new(secret).is_ok_and(|secret| {
            Verifier::new(secret)
                .max_age(Duration::MAX)
                .max_future_skew(Duration::MAX)
                .verify(self.header, body, self.received)
                .is_ok()
        })
    }
}

/// What the secret may be that this is a spoilt copy of, and how it is spoilt.
fn secrets(given: &str) -> Vec<(String, &'static str)> {
    let trimmed = given.trim();
    let unquoted = trimmed.trim_matches(['"', '\'', '`']).trim();
    let unescaped = unquoted.trim_end_matches("\\n").trim_end_matches("\\r");
    let visible: String = unquoted.chars().filter(|c| !c.is_control() && !invisible(*c)).collect();
    let prefixed = |secret: &str| format!("whsec_{secret}");
    let mut found = vec![
        (trimmed.to_owned(), "it has white space or a newline around it"),
        (unquoted.to_owned(), "it has quotes around it"),
        (unescaped.to_owned(), "it ends in an escaped newline"),
        (visible, "it has characters in it that do not show"),
        (prefixed(unescaped), "the prefix `whsec_` is missing"),
    ];
    if let Some(bare) = unescaped.strip_prefix("whsec_") {
        let fault = if bare.starts_with("whsec_") {
            "the prefix `whsec_` is there twice"
        } else {
            "the sender signs without the prefix `whsec_`"
        };
        found.push((bare.to_owned(), fault));
    }
    found.retain(|(secret, _)| secret != given && !secret.is_empty());
    found
}

/// Spaces of no width, which come along when text is copied from a page.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// By how much the clock is off, if that is it.
fn off(relation: &str, when: &str, seconds: u64, max: u64) -> String {
    let mut line = format!(
        "It was signed {} {when}; {max} s is the most. Either the receiver's clock is {} {relation} the service's, or \
         the time given is not when the delivery came.",
        spoken(seconds),
        spoken(seconds)
    );
    let hours = (seconds + 150) / 3600;
    if (1..=14).contains(&hours) && seconds.abs_diff(hours * 3600) <= 150 {
        line.push_str(" That is a whole number of hours: a local time may have been taken for UTC.");
    } else if seconds > 1_000_000_000 {
        line.push_str(" That is decades: one of the times is not in seconds.");
    }
    line
}

fn spoken(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{seconds} s ({} min)", seconds / 60),
        7200..172_800 => format!("{seconds} s ({} h {minutes} min)", seconds / 3600),
        _ => format!("{seconds} s ({days} days {hours} h)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use byourside_proto::webhook::Signer;

    const SECRET: &str = "whsec_dGVzdA";
    const NOW: i64 = 1_760_000_000;
    const BODY: &[u8] = br#"{"event": "call.completed", "to": "+14155550123"}"#;

    /// What is said about a delivery that was signed in the right way and came out like this.
    fn said(secret: &str, body: &[u8], received: i64) -> String {
        let header = Signer::new(WebhookSecret::new(SECRET).unwrap()).sign(UnixTime::new(NOW), BODY);
        let received = UnixTime::new(received);
        let captured = Captured {
            header: &header,
            body,
            secret,
            received,
        };
        let verifier = Verifier::new(WebhookSecret::new(secret).unwrap());
        let lines = captured
            .why(verifier.verify(&header, body, received).unwrap_err())
            .join("\n");
        assert!(!lines.contains("dGVzdA") && !lines.contains("4155550123"), "{lines}");
        lines
    }

    #[test]
    fn a_spoilt_secret_is_told_from_a_wrong_one() {
        for (secret, fault) in [
            ("whsec_dGVzdA\n", "newline around"),
            ("\"whsec_dGVzdA\"", "quotes"),
            ("whsec_dGVzdA\\n", "escaped newline"),
            ("whsec_\u{200b}dGVzdA", "do not show"),
            ("dGVzdA", "prefix `whsec_` is missing"),
            ("whsec_whsec_dGVzdA", "twice"),
        ] {
            let said = said(secret, BODY, NOW);
            assert!(
                said.contains("the secret is wrong") && said.contains(fault),
                "{secret:?}: {said}"
            );
        }
        assert!(said("whsec_other", BODY, NOW).contains("Not found"));
    }

    #[test]
    fn a_body_written_anew_is_told() {
        let compact = br#"{"event":"call.completed","to":"+14155550123"}"#;
        let alone = said(SECRET, compact, NOW);
        assert!(
            alone.contains("secret is right") && alone.contains("re-serialised"),
            "{alone}"
        );
        let both = said("whsec_dGVzdA ", compact, NOW);
        assert!(
            both.contains("secret is wrong") && both.contains("re-serialised"),
            "{both}"
        );
        assert!(said(SECRET, b"{}", NOW).contains("Not found"));
    }

    #[test]
    fn a_wrong_time_is_told_with_its_distance() {
        let slow = said(SECRET, BODY, NOW - 7300);
        assert!(slow.contains("behind") && slow.contains("7300 s (2 h 1 min)"), "{slow}");
        assert!(
            slow.contains("only the time is wrong") && slow.contains("whole number of hours"),
            "{slow}"
        );
        let fast = said(SECRET, BODY, NOW + 301);
        assert!(fast.contains("ahead of") && fast.contains("301 s (5 min)"), "{fast}");
        assert!(!fast.contains("hours"), "{fast}");
        assert!(said(SECRET, BODY, NOW * 1000).contains("not in seconds"));
        assert!(said(SECRET, b"{}", NOW - 7200).contains("Not found"));
    }
}
