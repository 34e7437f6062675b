//! Compares ours with the official Python client on seeded random and mutated deliveries, and on signatures of ours.
//!
//! This is a program and not a test because it needs the official client, and fails without it.
//! `.ci/webhook-differential` installs the client and runs this program. `BYOURSIDE_PYTHON` sets the interpreter,
//! `BYOURSIDE_SEED` the seed and `BYOURSIDE_CASES` the number of cases.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_proto::{
    UnixTime,
    webhook::{Signer, WebhookSecret},
};
use std::collections::BTreeMap;

mod generate;
mod official;
mod process;
#[path = "../webhook_vectors/rules.rs"]
mod rules;
use generate::Generator;
use official::Official;
use rules::{Input, Rule};

fn main() {
    let mut official = Official::start();
    official_accepts_what_ours_signs(&mut official);
    nothing_is_accepted_without_a_valid_signature(&mut official);
}

/// Ours accepts nothing that the official client refuses, except for one valid signature among several. Every other
/// difference needs a rule.
fn nothing_is_accepted_without_a_valid_signature(official: &mut Official) {
    let (seed, count) = (from_env("BYOURSIDE_SEED", 4), from_env("BYOURSIDE_CASES", 40_000));
    let mut generator = Generator::new(seed);
    let mut tally: BTreeMap<&str, u64> = BTreeMap::new();
    for at in 0..count {
        let input = generator.input();
        let (theirs, ours) = (official.accepts(&input, &input.header), input.accepted());
        let rule = Rule::of(&input);
        let report = || format!("seed {seed}, case {at}: {:?}, now {}", input.header, input.now);
        if let Some(rule) = rule {
            assert!((rule.holds)(&input), "{}; {}; ours: {}", report(), rule.when, rule.ours);
        }
        if ours && !theirs {
            let one_is_right = input
                .each_signature_alone()
                .any(|header| official.accepts(&input, &header));
            assert!(
                input.values("v1").len() > 1 && one_is_right,
                "ours accepts: {}",
                report()
            );
        }
        let outcome = match (theirs, ours) {
            (true, true) => "both accept",
            (false, false) => "both refuse",
            _ => rule.unwrap_or_else(|| panic!("no rule; {}", report())).when,
        };
        *tally.entry(outcome).or_default() += 1;
    }
    println!("seed {seed}, {count} deliveries, random and mutated:");
    for (outcome, number) in &tally {
        println!("{number:>7} {outcome}");
    }
    for outcome in ["both accept", "both refuse"] {
        let number = tally.get(outcome).copied().unwrap_or_default();
        assert!(number >= count / 10, "too few cases where {outcome}: {number}");
    }
}

fn official_accepts_what_ours_signs(official: &mut Official) {
    let mut bodies: Vec<String> = [0, 1, 55, 64, 1_500, 16 * 1024, 1024 * 1024]
        .map(|length| "x".repeat(length))
        .into();
    bodies.extend(
        [
            "\n",
            "\r\n",
            " {} ",
            "ünïcöde 秘密 \u{1f4de}",
            "\0",
            "\u{feff}{}",
            "%d.%s",
            "1.2.3",
        ]
        .map(Into::into),
    );
    bodies.push("秘密\r\n".repeat(1024 * 1024 / 8));
    let secrets = ["k", "whsec_a", "ünïcöde-秘密", &"s".repeat(300)];
    let times = [0, 1_760_000_000, i64::MAX];
    for body in &bodies {
        for secret in secrets {
            for t in times {
                let signer = Signer::new(WebhookSecret::new(secret).unwrap());
                let input = Input {
                    header: signer.sign(UnixTime::new(t), body.as_bytes()),
                    body: body.clone().into(),
                    secret: secret.into(),
                    now: t,
                    tolerance: 300,
                };
                let length = body.len();
                assert!(official.accepts(&input, &input.header), "{length} bytes, {secret}, {t}");
                let other = Input {
                    secret: "another".into(),
                    ..input
                };
                assert!(!official.accepts(&other, &other.header) && !other.accepted());
            }
        }
    }
    println!(
        "{} signed deliveries of 0 B to 1 MiB accepted, and refused under another secret",
        bodies.len() * secrets.len() * times.len()
    );
}

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}
