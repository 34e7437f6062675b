//! Diagnoses why a delivery does not verify, in words that a person can act on.
use crate::reserialised::{Candidate, candidates, keys_sorted};
use byourside_proto::{
    UnixTime,
    webhook::{Delivery, Refusal, Verifier, WebhookSecret},
};
use std::time::Duration;

/// A captured delivery.
pub struct Captured<'a> {
    /// The value of the signature header.
    pub header: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// The secrets to try, as they are configured; at least one.
    pub secrets: &'a [Named<'a>],
    /// When the delivery arrived, or the time of this check.
    pub received: UnixTime,
    /// Whether the time of arrival is known.
    pub received_is_given: bool,
}

/// A secret and where it comes from.
pub struct Named<'a> {
    /// The environment variable that holds it.
    pub name: &'a str,
    /// The secret, perhaps spoilt.
    pub secret: String,
}

impl<'a> Captured<'a> {
    /// Verifies the delivery, as a receiver with these secrets would.
    ///
    /// # Errors
    /// A message for the person who started the program, if there is no secret to verify with.
    pub fn verify(&self) -> Result<Result<Delivery<'a>, Refusal>, String> {
        let mut verifier: Option<Verifier> = None;
        for Named { name, secret } in self.secrets {
            let secret = WebhookSecret::new(secret.as_str()).map_err(|error| format!("{name}: {error}"))?;
            verifier = Some(match verifier {
                Some(verifier) => verifier.with_additional_secret(secret),
                None => Verifier::new(secret),
            });
        }
        let verifier = verifier.ok_or("no secret to verify with")?;
        Ok(verifier.verify(self.header, self.body, self.received))
    }

    /// The causes of a refusal, one line for each. They show neither the secret nor the body.
    #[must_use]
    pub fn why(&self, refusal: Refusal) -> Vec<String> {
        let mut lines = vec![format!("{refusal}.")];
        match refusal {
            Refusal::Stale { age, .. } if !self.received_is_given => {
                let age = spoken(age);
                lines = vec![format!(
                    "It was signed {age} before this check, whose time was taken for the time of receipt. Pass the time \
                     of receipt with --received."
                )];
                lines.push(self.signature());
            }
            Refusal::TooEarly { ahead, .. } if !self.received_is_given => {
                lines.push(format!(
                    "It is dated {} after this check: either this machine's clock is behind the signer's, or `t` is not \
                     in seconds.",
                    spoken(ahead)
                ));
                lines.push(self.signature());
            }
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

    /// The result of the check without the age of the signature.
    fn signature(&self) -> String {
        for Named { name, secret } in self.secrets {
            if self.signed_with(secret, self.body) {
                let open = if self.received_is_given {
                    "only the time is wrong"
                } else {
                    "only its age at receipt is open"
                };
                return format!("Found: the secret in {name}, the body and the signature fit together; {open}.");
            }
        }
        for Named { name, secret } in self.secrets {
            for (secret, fault) in spoilt(secret) {
                if self.signed_with(&secret, self.body) {
                    return format!("Found: the secret in {name} is wrong: {fault}. The body is right.");
                }
            }
        }
        let candidates = candidates(self.body);
        for Named { name, secret } in self.secrets {
            for Candidate { body, change } in &candidates {
                if self.signed_with(secret, body) {
                    return format!(
                        "Found: the secret in {name} is right, but these are not the bytes that were signed: {change}. \
                         Verify the raw body, before anything reads it."
                    );
                }
            }
        }
        for Named { name, secret } in self.secrets {
            for (secret, fault) in spoilt(secret) {
                for Candidate { body, change } in &candidates {
                    if self.signed_with(&secret, body) {
                        return format!("Found: the secret in {name} is wrong: {fault}. The body is too: {change}.");
                    }
                }
            }
        }
        self.not_found(candidates.len())
    }

    fn not_found(&self, candidates: usize) -> String {
        if self.body.is_empty() {
            return "Not found: the body file is empty. Capture the raw bytes again.".into();
        }
        let names: Vec<&str> = self.secrets.iter().map(|named| named.name).collect();
        let mut line = format!(
            "Not found: no clean-up of the secret in {} and none of {candidates} other spellings of the body fits the \
             signature. Compare the secret with the dashboard's for this very endpoint, then capture the raw bytes again.",
            names.join(" and of that in ")
        );
        if keys_sorted(self.body) {
            line.push_str(
                " The keys of this body are sorted: re-serialising may have sorted them, and the order that was signed \
                 is lost then.",
            );
        }
        line
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

/// The secrets that this may be a spoilt copy of, and how each is spoilt.
fn spoilt(given: &str) -> Vec<(String, &'static str)> {
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

/// Zero-width characters, which are copied along with text from a page.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// The error of the clock, if that is the cause.
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

    /// The diagnosis of a delivery that was signed correctly and changed like this.
    fn said(secret: &str, body: &[u8], received: i64) -> String {
        said_of(&signed(BODY), &[("NEW", secret)], body, received, true)
    }

    fn signed(body: &[u8]) -> String {
        Signer::new(WebhookSecret::new(SECRET).unwrap()).sign(UnixTime::new(NOW), body)
    }

    fn said_of(header: &str, secrets: &[(&'static str, &str)], body: &[u8], received: i64, given: bool) -> String {
        let named = |(name, secret): &(&'static str, &str)| Named {
            name,
            secret: (*secret).to_owned(),
        };
        let secrets: Vec<Named<'_>> = secrets.iter().map(named).collect();
        let captured = Captured {
            header,
            body,
            secrets: &secrets,
            received: UnixTime::new(received),
            received_is_given: given,
        };
        let lines = captured.why(captured.verify().unwrap().unwrap_err()).join("\n");
        assert!(!lines.contains("dGVzdA") && !lines.contains("4155550123"), "{lines}");
        lines
    }

    #[test]
    fn spoilt_secret_is_told_from_a_wrong_one() {
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
                said.contains("the secret in NEW is wrong") && said.contains(fault),
                "{secret:?}: {said}"
            );
        }
        assert!(said("whsec_other", BODY, NOW).contains("Not found"));
    }

    #[test]
    fn reserialised_body_is_reported() {
        let compact = br#"{"event":"call.completed","to":"+14155550123"}"#;
        let alone = said(SECRET, compact, NOW);
        assert!(
            alone.contains("secret in NEW is right") && alone.contains("re-serialised"),
            "{alone}"
        );
        let both = said("whsec_dGVzdA ", compact, NOW);
        assert!(
            both.contains("secret in NEW is wrong") && both.contains("re-serialised"),
            "{both}"
        );
        assert!(said(SECRET, b"{}", NOW).contains("Not found"));
    }

    #[test]
    fn wrong_time_is_reported_with_its_distance() {
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
    #[test]
    fn clock_is_not_blamed_without_a_time_of_receipt() {
        let late = said_of(&signed(BODY), &[("NEW", SECRET)], BODY, NOW + 7200, false);
        assert!(
            late.contains("--received") && late.contains("only its age at receipt is open"),
            "{late}"
        );
        assert!(!late.contains("clock") && !late.contains("hours"), "{late}");
    }

    #[test]
    fn variable_of_the_signing_secret_is_named() {
        let secrets = [("NEW", "whsec_new"), ("OLD", SECRET)];
        let late = said_of(&signed(BODY), &secrets, BODY, NOW + 301, true);
        assert!(late.contains("the secret in OLD, the body"), "{late}");
        let changed = said_of(&signed(BODY), &secrets, &[BODY, b"\n"].concat(), NOW, true);
        assert!(changed.contains("the secret in OLD is right"), "{changed}");
        let spoilt = [("NEW", "whsec_new"), ("OLD", "whsec_dGVzdA ")];
        let both = said_of(&signed(BODY), &spoilt, BODY, NOW, true);
        assert!(both.contains("the secret in OLD is wrong"), "{both}");
    }

    #[test]
    fn empty_body_is_called_empty() {
        assert!(said(SECRET, b"", NOW).contains("the body file is empty"));
    }

    #[test]
    fn sorted_keys_are_put_back_in_order_or_named() {
        let sent = br#"{"event":"call.failed","eventId":"e","callId":"c","extra":1}"#;
        let at_hand = br#"{"callId":"c","event":"call.failed","eventId":"e","extra":1}"#;
        let secrets = [("NEW", SECRET)];
        let found = said_of(&signed(sent), &secrets, at_hand, NOW, true);
        assert!(found.contains("documented order"), "{found}");
        let lost = said_of(&signed(br#"{"x":1,"callId":"c"}"#), &secrets, at_hand, NOW, true);
        assert!(lost.contains("may have sorted them"), "{lost}");
        let unsorted = said_of(&signed(b"{}"), &secrets, sent, NOW, true);
        assert!(!unsorted.contains("sorted"), "{unsorted}");
    }
}
