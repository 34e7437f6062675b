//! What the official client accepts, and where ours differs on purpose: by rules on the input, never by names of cases.
use super::{cases, text};
use base64::{Engine, prelude::BASE64_STANDARD};
use byourside_proto::{
    UnixTime,
    webhook::{Delivery, Refusal, Verifier, WebhookSecret},
};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

#[test]
fn webhook_verify() {
    let mut used: BTreeMap<&str, usize> = RULES.iter().map(|rule| (rule.when, 0)).collect();
    for case in cases("webhook_verify.json") {
        let name = text(&case, "name").unwrap();
        let input = Input::of(&case);
        let official = case["accepted"].as_bool().unwrap();
        let ours = input.verify(&input.header).is_ok();
        let rule = RULES.iter().find(|rule| (rule.applies)(&input));
        if let Some(rule) = rule {
            assert!((rule.holds)(&input), "{name}: {}; ours: {}", rule.when, rule.ours);
        }
        if ours != official {
            let rule = rule.unwrap_or_else(|| panic!("{name}: the official client says {official}, ours {ours}"));
            *used.get_mut(rule.when).unwrap() += 1;
        }
        if ours && !official {
            assert!(
                input.values("v1").len() > 1,
                "{name}: accepted without a valid signature"
            );
        }
    }
    for (rule, count) in &used {
        println!("webhook_verify.json: {count} differ because {rule}");
        // Another folder need not have a case for each.
        let own = std::env::var_os("BYOURSIDE_VECTORS").is_none();
        assert!(*count > 0 || !own, "no case uses the rule: {rule}");
    }
}

/// An intended difference. The first that applies to a case is the one that counts.
struct Rule {
    when: &'static str,
    applies: fn(&Input) -> bool,
    ours: &'static str,
    holds: fn(&Input) -> bool,
}

const RULES: [Rule; 4] = [
    // The official client takes the last; which one was signed is a guess that an attacker may profit from.
    Rule {
        when: "several `t`",
        applies: |input| input.values("t").len() > 1,
        ours: "refuses",
        holds: |input| {
            matches!(
                input.verify(&input.header),
                Err(Refusal::SeveralTimestamps | Refusal::InvalidTimestamp)
            )
        },
    },
    // The official client renders it anew before it hashes, so that what it checks is not what came.
    Rule {
        when: "`t` is not canonical decimal",
        applies: |input| input.values("t").iter().any(|t| !is_canonical_decimal(t)),
        ours: "refuses",
        holds: |input| input.verify(&input.header) == Err(Refusal::InvalidTimestamp),
    },
    // The official client trims it. It cannot come over HTTP but as bytes whose meaning is a guess.
    Rule {
        when: "white space other than ASCII's around a name or a value",
        applies: |input| {
            input
                .header
                .split([',', '='])
                .any(|half| half.trim_ascii() != python_strip(half))
        },
        ours: "does not trim it, so that the part is another one, or malformed, or an invalid `t`",
        holds: |input| {
            let respelled: String = input
                .header
                .chars()
                .map(|c| {
                    if python_space(c) && !c.is_ascii_whitespace() {
                        '?'
                    } else {
                        c
                    }
                })
                .collect();
            input.verify(&input.header).is_ok() == input.verify(&respelled).is_ok()
        },
    },
    // The official client takes the last; while a secret is being replaced, either may be right.
    Rule {
        when: "several `v1`",
        applies: |input| input.values("v1").len() > 1,
        ours: "accepts if any of them, alone, would pass",
        holds: |input| {
            let any = input.values("v1").iter().any(|v1| {
                let t = input.values("t").concat();
                input.verify(&format!("t={t},v1={v1}")).is_ok()
            });
            input.verify(&input.header).is_ok() == any
        },
    },
];

struct Input {
    header: String,
    body: Vec<u8>,
    secret: String,
    now: UnixTime,
    tolerance: Duration,
}

impl Input {
    fn of(case: &Value) -> Self {
        Self {
            header: text(case, "header").unwrap().into(),
            body: BASE64_STANDARD.decode(text(case, "body_base64").unwrap()).unwrap(),
            secret: text(case, "secret").unwrap().into(),
            now: UnixTime::new(case["now"].as_i64().unwrap()),
            tolerance: Duration::from_secs(case["tolerance"].as_u64().unwrap()),
        }
    }

    /// An empty secret makes no verifier, and so accepts nothing.
    fn verify(&self, header: &str) -> Result<Delivery<'_>, Refusal> {
        let secret = WebhookSecret::new(self.secret.as_str()).map_err(|_| Refusal::WrongSignature)?;
        Verifier::new(secret)
            .max_age(self.tolerance)
            .max_future_skew(self.tolerance)
            .verify(header, &self.body, self.now)
    }

    /// The values of this name, as the official client reads them before the last one wins.
    fn values(&self, name: &str) -> Vec<&str> {
        self.header
            .split(',')
            .filter_map(|part| part.split_once('='))
            .filter(|(key, _)| python_strip(key) == name)
            .map(|(_, value)| python_strip(value))
            .collect()
    }
}

fn is_canonical_decimal(t: &str) -> bool {
    t.parse::<i64>()
        .is_ok_and(|number| number >= 0 && number.to_string() == t)
}

fn python_strip(text: &str) -> &str {
    text.trim_matches(python_space)
}

/// What Python's `str.strip` takes for white space.
fn python_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}
