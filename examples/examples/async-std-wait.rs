//! Places three calls on async-std and waits for all of them concurrently, on one thread.
//!
//! The service is simulated on a loopback port: no phone rings.
use byourside_async_std::{Client, ClientOptions, PlaceCall};
use byourside_examples::{helped, log, say};
use byourside_local_service::LocalService;
use futures_util::future::join_all;
use std::{error::Error, process::ExitCode, time::Duration};

const HELP: &str = "\
Places three calls on async-std and waits for all of them concurrently, on one thread.

Usage: async-std-wait

The service is simulated, and no phone rings.";

/// A number that answers, one that does not, and a voicemail.
const NUMBERS: [&str; 3] = ["+14155550123", "+14155550101", "+14155550102"];

fn main() -> ExitCode {
    async_std::task::block_on(async {
        match wait_for_all().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                log(format_args!("async-std-wait: {error}"));
                ExitCode::FAILURE
            }
        }
    })
}

async fn wait_for_all() -> Result<(), Box<dyn Error>> {
    if helped(HELP)? {
        return Ok(());
    }
    let service = LocalService::builder().speed(6.0).start()?;
    let api = service.api()?;
    let mut options = ClientOptions::default();
    options.wait.interval = Duration::from_millis(100);
    let client = Client::with_options(api, options)?;
    let calls = NUMBERS.iter().enumerate().map(|(nth, to)| call(&client, nth, to));
    // Wait for all calls even if printing one line fails.
    for ended in join_all(calls).await {
        ended?;
    }
    Ok(())
}

async fn call(client: &Client, nth: usize, to: &str) -> Result<(), Box<dyn Error>> {
    let ended = client
        .place_and_wait(&PlaceCall::new(to, "Ask whether Friday suits.")?)
        .await?;
    let (status, summary) = (ended.call.status(), ended.call.summary());
    let status = status.as_ref().map_or("no status", |status| status.as_str());
    say(format_args!(
        "call {nth}: {status}: {}",
        summary.unwrap_or("no summary")
    ))?;
    Ok(())
}
