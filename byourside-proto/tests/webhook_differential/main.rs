//! Ours against the official Python client, on seeded random and mutated deliveries.
//!
//! `.ci/webhook-differential` installs that client and runs this. `BYOURSIDE_PYTHON` is the interpreter that has it,
//! `BYOURSIDE_SEED` another seed, `BYOURSIDE_CASES` another number of cases.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_proto::{
    UnixTime,
    webhook::{Signer, WebhookSecret},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

mod generate;
#[path = "../webhook_vectors/rules.rs"]
mod rules;
use generate::Generator;
use rules::{Input, Rule};

#[test]
#[ignore = "needs the official client; .ci/webhook-differential has it"]
fn nothing_is_accepted_that_the_official_client_refuses_but_one_right_signature_among_several() {
    let (seed, count) = (from_env("BYOURSIDE_SEED", 4), from_env("BYOURSIDE_CASES", 40_000));
    let mut official = Official::start();
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
    println!("seed {seed}, {count} cases: {tally:?}");
    for outcome in ["both accept", "both refuse"] {
        assert!(tally[outcome] >= count / 10, "too few cases where {outcome}");
    }
}

#[test]
#[ignore = "needs the official client; .ci/webhook-differential has it"]
fn the_official_client_accepts_what_ours_signs() {
    let mut official = Official::start();
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
    for body in &bodies {
        for secret in ["k", "whsec_a", "ünïcöde-秘密", &"s".repeat(300)] {
            for t in [0, 1_760_000_000, i64::MAX] {
                let signer = Signer::new(WebhookSecret::new(secret).unwrap());
                let input = Input {
                    header: signer.sign(UnixTime::new(t), body.as_bytes()),
                    body: body.clone().into(),
                    secret: secret.into(),
                    now: t,
                    tolerance: 300,
                };
                assert!(
                    official.accepts(&input, &input.header),
                    "{} bytes, {secret}, {t}",
                    body.len()
                );
                let other = Input {
                    secret: "another".into(),
                    ..input
                };
                assert!(!official.accepts(&other, &other.header));
            }
        }
    }
    println!("{} bodies", bodies.len());
}

/// One long-running process of the official client.
struct Official {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Official {
    fn start() -> Self {
        let python = std::env::var("BYOURSIDE_PYTHON").unwrap_or_else(|_| "python3".into());
        let mut process = Command::new(python)
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/webhook_differential/official.py"
            ))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            questions: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }

    fn accepts(&mut self, input: &Input, header: &str) -> bool {
        let question = json!({
            "header": header,
            "body": std::str::from_utf8(&input.body).unwrap(),
            "secret": input.secret,
            "now": input.now,
            "tolerance": input.tolerance,
        });
        writeln!(self.questions, "{question}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Official {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}
