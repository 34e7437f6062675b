//! `webhook-sign` and `webhook-verify` as programs.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

#[expect(dead_code, reason = "the receivers are tested elsewhere")]
mod programs;
use programs::program;

const BODY: &str = r#"{"event": "call.failed", "eventId": "e1", "callId": "c1", "to": "+14155550123"}"#;

fn file(name: &str, body: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, body).unwrap();
    path
}

/// Exit code and output.
fn run(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn sign(at: &str, body: &Path) -> String {
    let (code, header) = run(program("webhook-sign").args(["--at", at]).arg(body));
    assert_eq!(code, 0, "{header}");
    header
}

#[test]
fn what_is_signed_now_verifies_now() {
    let body = file("now.json", BODY);
    let (code, header) = run(program("webhook-sign").arg(&body));
    assert_eq!(code, 0, "{header}");
    let (code, said) = run(program("webhook-verify").arg(&header).arg(&body));
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("VERIFIED") && said.contains("call.failed call c1 event e1"),
        "{said}"
    );
}

#[test]
fn a_refusal_is_told_with_its_cause_and_no_secret() {
    let body = file("signed.json", BODY);
    let header = sign("1760000000", &body);
    let rewritten = file("rewritten.json", &BODY.replace(": ", ":").replace(", ", ","));
    let at = ["--received", "1760000000"];
    for (command, words) in [
        (
            program("webhook-verify").args(at).arg(&header).arg(&rewritten),
            "re-serialised",
        ),
        (
            program("webhook-verify").arg(&header).arg(&body),
            "only the time is wrong",
        ),
        (
            program("webhook-verify")
                .args(at)
                .env("BYOURSIDE_WEBHOOK_SECRET", "dGVzdA\n")
                .arg(&header)
                .arg(&body),
            "prefix `whsec_` is missing",
        ),
        (
            program("webhook-verify").args(at).arg("t=1760000000").arg(&body),
            "no_signature",
        ),
    ] {
        let (code, said) = run(command);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("REFUSED") && said.contains(words), "{words}: {said}");
        assert!(!said.contains("dGVzdA") && !said.contains("4155550123"), "{said}");
    }
}

#[test]
fn wrong_usage_has_an_exit_code_of_its_own() {
    let body = file("usage.json", BODY);
    for command in [
        &mut program("webhook-sign"),
        program("webhook-sign").arg("no-such-file"),
        program("webhook-sign").arg("--at=x").arg(&body),
        program("webhook-sign")
            .env_remove("BYOURSIDE_WEBHOOK_SECRET")
            .arg(&body),
        program("webhook-verify").arg("t=1"),
        program("webhook-verify").arg("t=1").arg("no-such-file"),
        program("webhook-verify")
            .env("BYOURSIDE_WEBHOOK_SECRET", "")
            .arg("t=1")
            .arg(&body),
        program("webhook-verify").arg("--nonsense"),
    ] {
        let (code, said) = run(command);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("Usage:"), "{said}");
    }
}
