//! Places many calls on tokio and waits for all of them concurrently, with one line of output for each call.
//!
//! The service is simulated on a loopback port: no phone rings.
use byourside_examples::{log, say};
use byourside_local_service::LocalService;
use byourside_tokio::{
    BuildError, Client, ClientOptions, PlaceCall, Status,
    client::{CallError, Update},
    machine::wait::WaitOptions,
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use lexopt::prelude::*;
use std::{collections::BTreeMap, error::Error, process::ExitCode, time::Duration};

const HELP: &str = "\
Places many calls and waits for all of them concurrently, with one line of output for each call.

Usage: tokio-wait [--calls N]

  --calls N  how many calls, 1 to 100; default 8

The service is simulated, and no phone rings. If the output is not a terminal, each change of status is a line.";

#[tokio::main]
async fn main() -> ExitCode {
    match wait_for_many().await {
        Ok(code) => code,
        Err(error) => {
            log(format_args!("tokio-wait: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn wait_for_many() -> Result<ExitCode, Box<dyn Error>> {
    let mut calls = 8_u16;
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Long("calls") => calls = args.value()?.parse()?,
            Long("help") | Short('h') => {
                say(HELP)?;
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(arg.unexpected().into()),
        }
    }
    if !(1..=100).contains(&calls) {
        return Err("--calls is from 1 to 100".into());
    }
    let service = LocalService::builder().speed(6.0).start()?;
    let api = service.api()?;
    let client = Client::with_options(api, ClientOptions::default())?;
    let view = MultiProgress::new();
    // Some of these numbers are not answered.
    let following: FuturesUnordered<_> = (0..calls)
        .map(|nth| {
            let line = view.add(ProgressBar::new_spinner());
            follow(&client, format!("+141555501{nth:02}"), View { nth, line })
        })
        .collect();
    let ends: Vec<_> = following.collect().await;

    let mut counts = BTreeMap::new();
    for end in ends {
        let end = end.map_or_else(|error| error.code().to_owned(), |status| status.as_str().to_owned());
        *counts.entry(end).or_insert(0) += 1;
    }
    say(format_args!("{calls} calls: {counts:?}"))?;
    Ok(ExitCode::SUCCESS)
}

async fn follow(client: &Client, to: String, view: View) -> Result<Status, CallError> {
    let end = place_and_watch(client, to, &view).await;
    match &end {
        Ok(status) => view.end(status.as_str()),
        Err(error) => view.end(&error.to_string()),
    }
    end
}

async fn place_and_watch(client: &Client, to: String, view: &View) -> Result<Status, CallError> {
    let call = PlaceCall::new(to, "Ask whether Friday suits.")?;
    view.show("placing");
    let placed = client.place_call(&call).await?;
    let id = placed.call_id().ok_or(BuildError::InvalidCallId)?;
    let options = WaitOptions {
        interval: Duration::from_millis(100),
        timeout: Duration::from_secs(20),
        ..WaitOptions::default()
    };
    let mut updates = client.watch(&id, options).into_stream();
    let mut last = Status::Queued;
    while let Some(update) = updates.next().await {
        match update? {
            Update::Status(status) => {
                view.show(status.as_str());
                last = status;
            }
            Update::Finished(ended) => last = ended.call.status().unwrap_or(last),
        }
    }
    Ok(last)
}

/// The line of one call. It changes in place on a terminal; elsewhere each change is printed.
struct View {
    nth: u16,
    line: ProgressBar,
}

impl View {
    fn show(&self, text: &str) {
        if self.line.is_hidden() {
            // The calls go on even if printing fails.
            let _ = say(format_args!("call {}: {text}", self.nth));
            return;
        }
        if let Ok(style) = ProgressStyle::with_template("{spinner} call {prefix:>3} {elapsed:>4}  {msg}") {
            self.line.set_style(style);
        }
        self.line.set_prefix(self.nth.to_string());
        self.line.set_message(text.to_owned());
        self.line.enable_steady_tick(Duration::from_millis(100));
    }

    fn end(&self, text: &str) {
        if self.line.is_hidden() {
            let _ = say(format_args!("call {}: ended, {text}", self.nth));
        } else {
            self.line.finish_with_message(format!("ended, {text}"));
        }
    }
}
