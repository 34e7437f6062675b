//! Calls every number of a list once. It can be killed at any moment and started again.
mod args;
mod journal;
mod progress;
mod rows;
mod run;

use args::Args;
use byourside_examples::{log, say};
use byourside_local_service::LocalService;
use byourside_proto::{Api, BuildError, ListCalls, client::ClientOptions};
use byourside_tokio::Client;
use journal::Journal;
use std::{error::Error, process::ExitCode, rc::Rc};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    campaign().await.unwrap_or_else(|error| {
        log(format_args!("campaign: {error}"));
        ExitCode::from(2)
    })
}

async fn campaign() -> Result<ExitCode, Box<dyn Error>> {
    let Some(args) = Args::parse(lexopt::Parser::from_env())? else {
        say(args::HELP)?;
        return Ok(ExitCode::SUCCESS);
    };
    let rows = rows::read(&args.calls, args.webhook_url.as_deref())?;
    let (_service, api, simulated) = service()?;
    let mut options = ClientOptions::default();
    options.reconcile.settle = args.settle;
    options.reconcile.interval = args.settle.min(options.reconcile.interval);
    let client = Client::with_options(api, options)?;

    let journal = match Journal::open(&args.state)? {
        opened if opened.is_empty() => {
            // Calls that existed before the first POST belong to no row.
            let before = client.list_calls(&ListCalls::new(100)).await?;
            opened.begin(&rows, before.iter().filter_map(|call| call.call_id()).collect())?
        }
        opened if opened.is_of(&rows) => opened,
        _ => return Err("the state is of another list; name another file with --state".into()),
    };
    if !simulated && args.confirmed != Some(journal.left()) {
        let left = journal.left();
        say(format_args!(
            "{left} real phones will ring. To confirm, run it again with --confirm {left}"
        ))?;
        return Ok(ExitCode::FAILURE);
    }
    run::run(&client, Rc::new(journal), &rows, &args).await?;
    Ok(ExitCode::SUCCESS)
}

/// The service of the environment, or a simulated one, which runs until it is dropped; and whether it is simulated.
fn service() -> Result<(Option<LocalService>, Api, bool), Box<dyn Error>> {
    let var = |name: &str| std::env::var(name).ok();
    match Api::from_vars(var) {
        Ok(api) => {
            let loopback = ["http://127.0.0.1:", "http://localhost:"];
            let base = var("BYOURSIDE_BASE_URL").or(var("VOXPLO_BASE_URL")).unwrap_or_default();
            Ok((None, api, loopback.iter().any(|start| base.starts_with(start))))
        }
        Err(BuildError::NoApiKey) => {
            say("No BYOURSIDE_API_KEY is set: the service is simulated, and no phone rings.")?;
            let service = LocalService::builder().speed(10.0).start()?;
            let api = service.api()?;
            Ok((Some(service), api, true))
        }
        Err(error) => Err(error.into()),
    }
}
