//! Signs a body as the service does, to try out a webhook receiver:
//!
//! ```sh
//! export BYOURSIDE_WEBHOOK_SECRET=whsec_example
//! echo -n '{"event": "call.failed", "eventId": "e1", "callId": "c1"}' > body.json
//! curl -H "$(cargo run -q --example webhook-sign -- body.json)" --data-binary @body.json http://127.0.0.1:8080/
//! ```
//!
//! Exit codes: 0 signed; 2 wrong usage or unreadable input.
use byourside_examples::{SECRET_VAR, log, say, secret_from_env, unix_now};
use byourside_proto::{UnixTime, webhook::Signer};
use lexopt::prelude::*;
use std::{
    error::Error,
    io::{Read, stdin},
    process::ExitCode,
};

const USAGE: &str = "\
Prints the header line `X-BYS-Signature: t=...,v1=...` for a body.

Usage: webhook-sign [--at SECONDS] [--secret-env NAME] FILE

  FILE               the body, byte for byte; `-` means standard input
  --at SECONDS       the time of the signature, in seconds since 1970 UTC; default now
  --secret-env NAME  the environment variable with the secret; default BYOURSIDE_WEBHOOK_SECRET";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log(format_args!("webhook-sign: {error}\n\n{USAGE}"));
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let (mut file, mut at, mut secret_env) = (None, unix_now(), SECRET_VAR.to_owned());
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("at") => at = UnixTime::new(arguments.value()?.parse()?),
            Long("secret-env") => secret_env = arguments.value()?.parse()?,
            Long("help") | Short('h') => {
                say(USAGE)?;
                return Ok(());
            }
            Value(path) if file.is_none() => file = Some(path),
            other => return Err(other.unexpected().into()),
        }
    }
    let file = file.ok_or("which file holds the body?")?;
    let mut body = Vec::new();
    if file == "-" {
        stdin().read_to_end(&mut body)?;
    } else {
        body = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.to_string_lossy()))?;
    }
    let signature = Signer::new(secret_from_env(&secret_env)?).sign(at, &body);
    say(format_args!("X-BYS-Signature: {signature}"))?;
    Ok(())
}
