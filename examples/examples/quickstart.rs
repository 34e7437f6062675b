//! Places a call, shows its status as it changes, and prints the result.
//!
//! Without configuration it uses a simulated service on a loopback port: no phone rings. If `BYOURSIDE_API_KEY` or
//! `VOXPLO_API_KEY` is set, it calls a real phone.
use byourside_examples::{log, say};
use byourside_local_service::LocalService;
use byourside_ureq::{
    BuildError, Call, Client, ClientOptions, Field, FieldType, PlaceCall, Status,
    machine::{place::PlaceError, wait::WaitOptions},
};
use indicatif::ProgressBar;
use lexopt::prelude::*;
use serde_json::{Map, Value};
use std::{error::Error, process::ExitCode, thread, time::Duration};

const HELP: &str = "\
Places a call, shows its status as it changes, and prints the result.

Usage: quickstart [--to NUMBER] [--objective TEXT]

  --to NUMBER       the number to call, like +14155550123
  --objective TEXT  what the call should accomplish

If neither BYOURSIDE_API_KEY nor VOXPLO_API_KEY is set, the service is simulated and no phone rings. If one is set, a
real phone rings, and both options are required. The exit code is 0 if the call completed.";

fn main() -> ExitCode {
    quickstart().unwrap_or_else(|error| {
        log(format_args!("quickstart: {error}"));
        ExitCode::FAILURE
    })
}

fn quickstart() -> Result<ExitCode, Box<dyn Error>> {
    let (mut to, mut objective) = (None, None);
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Long("to") => to = Some(args.value()?.string()?),
            Long("objective") => objective = Some(args.value()?.string()?),
            Long("help") | Short('h') => {
                say(HELP)?;
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(arg.unexpected().into()),
        }
    }
    match Client::from_env() {
        Ok(client) => {
            let (Some(to), Some(objective)) = (to, objective) else {
                return Err("with an API key set, --to and --objective are required: they reach somebody".into());
            };
            let call = order(to, objective)?;
            say("A real phone will ring. Ctrl-C within five seconds stops it.")?;
            thread::sleep(Duration::from_secs(5));
            place_and_follow(&client, &call, WaitOptions::default())
        }
        Err(BuildError::NoApiKey) => {
            let service = LocalService::builder().speed(6.0).start()?;
            say("No BYOURSIDE_API_KEY is set: the service is simulated, and no phone rings.")?;
            let api = service.api()?;
            let client = Client::with_options(api, ClientOptions::default())?;
            let to = to.unwrap_or_else(|| "+14155550123".into());
            let objective = objective.unwrap_or_else(|| "Book a table for four on Friday evening.".into());
            let often = WaitOptions {
                interval: Duration::from_millis(100),
                ..WaitOptions::default()
            };
            place_and_follow(&client, &order(to, objective)?, often)
        }
        Err(error) => Err(error.into()),
    }
}

/// The call, with the fields to extract from the conversation.
fn order(to: String, objective: String) -> Result<PlaceCall, BuildError> {
    let field = |name: &str, kind, description: &str| Field {
        name: name.into(),
        kind: Some(kind),
        description: Some(description.into()),
    };
    PlaceCall::new(to, objective)?.fields(vec![
        field("agreed", FieldType::Boolean, "Whether the recipient agreed."),
        field("time", FieldType::String, "The time that was agreed on."),
    ])
}

fn place_and_follow(client: &Client, call: &PlaceCall, options: WaitOptions) -> Result<ExitCode, Box<dyn Error>> {
    let placed = match client.place_call(call) {
        Ok(placed) => placed,
        Err(error) => {
            log(&error);
            if let PlaceError::Unknown(_) = error {
                log("A phone may be ringing. Look at your recent calls before you run this again.");
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    let id = placed.call_id().ok_or("a placed call has an id")?;
    // A phone rings from here on: wait for the end even if printing fails.
    let mut said = say(format_args!("placed: {}", id.as_str()));

    // Hidden if the output is not a terminal.
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(Duration::from_millis(100));
    let ended = client.wait_for_call_with(&id, options, |status| {
        if said.is_ok() {
            said = spinner.suspend(|| say(format_args!("status: {}", status.as_str())));
        }
        spinner.set_message(status.as_str().to_owned());
    });
    spinner.finish_and_clear();

    let call = ended?.call;
    said?;
    show(&call)?;
    Ok(if call.status() == Some(Status::Completed) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn show(call: &Call) -> Result<(), Box<dyn Error>> {
    say(format_args!("summary: {}", call.summary().unwrap_or("none")))?;
    let extracted: Option<Map<String, Value>> = call.extracted_as()?;
    for (name, value) in extracted.unwrap_or_default() {
        match value {
            Value::String(text) => say(format_args!("{name}: {text}")),
            Value::Null => say(format_args!("{name}: nobody said")),
            value => say(format_args!("{name}: {value}")),
        }?;
    }
    Ok(())
}
