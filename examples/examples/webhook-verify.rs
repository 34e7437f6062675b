//! Verifies a delivery that was captured, and says why it fails:
//!
//! ```sh
//! export BYOURSIDE_WEBHOOK_SECRET=whsec_example
//! cargo run -q --example webhook-verify -- --received 1767225600 't=1767225600,v1=...' body.json
//! ```
//!
//! Exit codes: 0 verified, 1 refused, 2 wrong usage or unreadable input.
use byourside_examples::{SECRET_VAR, line, unix_now, why::Captured};
use byourside_proto::{
    UnixTime,
    webhook::{Delivery, Verifier, WebhookSecret},
};
use lexopt::prelude::*;
use std::{error::Error, process::ExitCode};

const USAGE: &str = "\
Verifies a captured delivery, and says why it fails.

Usage: webhook-verify [--received SECONDS] [--secret-env NAME] HEADER FILE

  HEADER              the signature header, with its name or without
  FILE                the raw body, byte for byte
  --received SECONDS  when it came, in seconds since 1970 UTC; now if left out
  --secret-env NAME   the environment variable that holds the secret; BYOURSIDE_WEBHOOK_SECRET if left out";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("webhook-verify: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let (mut values, mut received, mut secret_env) = (Vec::new(), unix_now(), SECRET_VAR.to_owned());
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("received") => received = UnixTime::new(arguments.value()?.parse()?),
            Long("secret-env") => secret_env = arguments.value()?.parse()?,
            Long("help") | Short('h') => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            Value(value) => values.push(value.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let [header, file] = values.as_slice() else {
        return Err("a header and a file are wanted".into());
    };
    // Taken as it is, spoilt or not: what spoilt it is one of the things to find out.
    let secret = std::env::var(&secret_env).map_err(|error| format!("{secret_env}: {error}"))?;
    let body = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    let header = without_name(header);
    let verifier = Verifier::new(WebhookSecret::new(secret.as_str())?);
    match verifier.verify(header, &body, received) {
        Ok(delivery) => {
            accepted(&delivery, received);
            Ok(ExitCode::SUCCESS)
        }
        Err(refusal) => {
            println!("REFUSED ({})", refusal.code());
            let captured = Captured {
                header,
                body: &body,
                secret: &secret,
                received,
            };
            for line in captured.why(refusal) {
                println!("{line}");
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

fn accepted(delivery: &Delivery<'_>, received: UnixTime) {
    let age = received.seconds() - delivery.signed_at().seconds();
    println!("VERIFIED, signed {age} s before it was received");
    match delivery.event() {
        Ok(event) => println!("{}", line(&event)),
        Err(error) => println!("{error}"),
    }
}

fn without_name(header: &str) -> &str {
    match header.split_once(':') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("x-bys-signature") => value.trim(),
        _ => header.trim(),
    }
}
