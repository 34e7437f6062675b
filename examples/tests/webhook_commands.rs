//! `webhook-sign` and `webhook-verify` as programs.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

#[expect(dead_code, reason = "the receivers are tested elsewhere")]
mod programs;
use programs::{SECRET, program};

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
fn signature_made_now_verifies_now() {
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
fn refusal_names_its_cause_and_no_secret() {
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
            program("webhook-verify")
                .args(["--received", "1760000301"])
                .arg(&header)
                .arg(&body),
            "only the time is wrong",
        ),
        (
            program("webhook-verify").arg(&header).arg(&body),
            "Pass the time of receipt with --received",
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
fn captured_header_may_have_its_name_and_quotes_around_it() {
    let body = file("quoted.json", BODY);
    let header = sign("1760000005", &body);
    let value = header.trim().strip_prefix("X-BYS-Signature: ").unwrap();
    for captured in [
        value.to_owned(),
        header.clone(),
        format!("'{header}'"),
        format!("\"{value}\""),
        format!("x-bys-signature: \"{value}\"\r\n"),
        format!("  \"x-bys-signature\": \"{value}\","),
    ] {
        let (code, said) = run(program("webhook-verify")
            .args(["--received", "1760000000"])
            .arg(&captured)
            .arg(&body));
        assert_eq!(code, 0, "{captured}: {said}");
        assert!(said.contains("signed 5 s after it was received"), "{said}");
    }
}

#[test]
fn old_secret_verifies_and_is_named() {
    let body = file("old.json", BODY);
    let header = sign("1760000000", &body);
    let verify = |name: &str| {
        let mut command = program("webhook-verify");
        command.args(["--received", "1760000001"]).arg(&header).arg(&body);
        command.env("BYOURSIDE_WEBHOOK_SECRET", "whsec_new").env(name, SECRET);
        run(&mut command)
    };
    let (code, said) = verify("BYOURSIDE_WEBHOOK_SECRET_OLD");
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("BYOURSIDE_WEBHOOK_SECRET_OLD, signed 1 s before"),
        "{said}"
    );
    let (code, said) = verify("UNRELATED");
    assert_eq!(code, 1, "{said}");
}

#[cfg(unix)]
#[test]
fn secret_that_is_not_text_is_not_shown() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let body = file("no-text.json", BODY);
    for name in ["webhook-sign", "webhook-verify"] {
        let mut command = program(name);
        command.env("BYOURSIDE_WEBHOOK_SECRET", OsStr::from_bytes(b"whsec_dGVzdA\xff"));
        if name == "webhook-verify" {
            command.arg("t=1");
        }
        let (code, said) = run(command.arg(&body));
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("no UTF-8") && !said.contains("dGVzdA"), "{said}");
    }
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
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
