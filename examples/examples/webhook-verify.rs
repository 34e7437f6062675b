//! Verifies a captured webhook delivery, and says why it fails:
//!
//! ```sh
//! export BYOURSIDE_WEBHOOK_SECRET=whsec_example
//! cargo run -q --example webhook-verify -- --received 1767225600 't=1767225600,v1=...' body.json
//! ```
//!
//! Exit codes: 0 verified; 1 refused; 2 wrong usage or unreadable input.
use byourside_examples::{
    OLD_SECRET_VAR, SECRET_VAR, line, log, say, secret_as_it_is, unix_now,
    why::{Captured, Named},
};
use byourside_proto::{UnixTime, webhook::Delivery};
use lexopt::prelude::*;
use std::{error::Error, io, process::ExitCode};

const USAGE: &str = "\
Verifies a captured webhook delivery, and says why it fails.

Usage: webhook-verify [--received SECONDS] [--secret-env NAME] HEADER FILE

  HEADER              the signature header, with or without its name
  FILE                the raw body, byte for byte
  --received SECONDS  when the delivery arrived, in seconds since 1970 UTC; default now
  --secret-env NAME   the environment variable with the secret; default BYOURSIDE_WEBHOOK_SECRET and, if it is set,
                      BYOURSIDE_WEBHOOK_SECRET_OLD";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            log(format_args!("webhook-verify: {error}\n\n{USAGE}"));
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let (mut values, mut given, mut secret_env) = (Vec::new(), None, None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("received") => given = Some(UnixTime::new(arguments.value()?.parse()?)),
            Long("secret-env") => secret_env = Some(arguments.value()?.parse::<String>()?),
            Long("help") | Short('h') => {
                say(USAGE)?;
                return Ok(ExitCode::SUCCESS);
            }
            Value(value) => values.push(value.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let [header, file] = values.as_slice() else {
        return Err("a header and a file are required".into());
    };
    let names = match &secret_env {
        Some(name) => vec![name.as_str()],
        None if std::env::var_os(OLD_SECRET_VAR).is_some() => vec![SECRET_VAR, OLD_SECRET_VAR],
        None => vec![SECRET_VAR],
    };
    let mut secrets = Vec::new();
    for name in names {
        // The secret is taken as it is: a spoilt secret is one of the things to diagnose.
        let secret = secret_as_it_is(name)?;
        secrets.push(Named { name, secret });
    }
    let body = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    let captured = Captured {
        header: without_name(header),
        body: &body,
        secrets: &secrets,
        received: given.unwrap_or_else(unix_now),
        received_is_given: given.is_some(),
    };
    match captured.verify()? {
        Ok(delivery) => {
            accepted(&delivery, &captured)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(refusal) => {
            say(format_args!("REFUSED ({})", refusal.code()))?;
            for line in captured.why(refusal) {
                say(line)?;
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

fn accepted(delivery: &Delivery<'_>, captured: &Captured<'_>) -> io::Result<()> {
    let name = captured.secrets[delivery.secret_index()].name;
    let (signed, received) = (delivery.signed_at(), captured.received);
    let apart = signed.seconds().abs_diff(received.seconds());
    let order = if signed > received { "after" } else { "before" };
    let what = if captured.received_is_given {
        "it was received"
    } else {
        "this check"
    };
    say(format_args!(
        "VERIFIED with the secret in {name}, signed {apart} s {order} {what}"
    ))?;
    match delivery.event() {
        Ok(event) => say(line(&event)),
        Err(error) => say(error),
    }
}

/// The value of a header that was copied from a log, a command line or JSON.
fn without_name(header: &str) -> &str {
    let bare = |text| str::trim_matches(text, |c: char| c.is_whitespace() || "\"'`,".contains(c));
    let header = bare(header);
    match header.split_once(':') {
        Some((name, value)) if bare(name).eq_ignore_ascii_case("x-bys-signature") => bare(value),
        _ => header,
    }
}
