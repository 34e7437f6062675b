//! Places a call with a webhook to itself, waits by GETs and by webhooks, and shows which told of the end first.
//!
//! The service is simulated on a loopback port, at four times real speed: no phone rings.
mod listening;

use byourside_examples::{line, say, unix_now};
use byourside_local_service::LocalService;
use byourside_proto::{
    machine::wait::EndSource,
    webhook::{Event, Verifier, WebhookSecret},
};
use byourside_sim::{DeliveryFaults, DeliveryOptions, Rate, ServiceOptions};
use byourside_ureq::{Client, ClientOptions, PlaceCall};
use lexopt::prelude::*;
use std::{
    error::Error,
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};

const HELP: &str = "\
Places a call with a webhook to itself, waits by GETs and by webhooks, and shows which told of the end first.

Usage: call-and-listen [--lossy]

  --lossy  most webhook deliveries are lost or late, so a GET is often first

The service is simulated, and no phone rings.";

/// How long to wait for the event after a GET has told of the end.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn Error>> {
    let mut faults = DeliveryFaults::default();
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Long("lossy") => faults = lossy(),
            Long("help") | Short('h') => return Ok(say(HELP)?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let secret = WebhookSecret::new("whsec_call-and-listen")?;
    let deliveries = DeliveryOptions {
        secret: secret.clone(),
        plain_http_to_loopback: true,
        faults,
        ..DeliveryOptions::default()
    };
    let options = ServiceOptions {
        epoch: unix_now(),
        deliveries,
        ..ServiceOptions::default()
    };
    let service = LocalService::builder()
        .speed(4.0)
        .seed(seed())
        .options(options)
        .start()?;

    // Listen first: an event can arrive before the answer to the POST that caused it.
    let (address, _, events) = listening::listen(Verifier::new(secret))?;

    let api = service.api()?;
    let client = Client::with_options(api, ClientOptions::default())?;
    let call =
        PlaceCall::new("+14155550123", "Ask for the opening hours.")?.webhook_url(format!("http://{address}/"))?;

    let began = Instant::now();
    // The call goes on even if printing fails.
    let tell = |what: &str| {
        let _ = say(format_args!("{:>6.2} s  {what}", began.elapsed().as_secs_f64()));
    };
    let id = client.place_call(&call)?.call_id().ok_or("a placed call has an id")?;
    tell(&format!("placed: call {}", id.as_str()));

    let mut until_asking = None;
    let next_event = |pause: Duration| {
        let listening = Instant::now();
        let event = events.recv_timeout(pause).ok()?;
        until_asking = Some(pause.saturating_sub(listening.elapsed())).filter(|_| !pause.is_zero());
        tell(&format!("heard: {}", line(&event)));
        Some(event)
    };
    let ended = client.wait_for_call_with_events(&id, client.options().wait, next_event)?;
    let status = ended
        .call
        .status()
        .map_or_else(String::new, |status| status.as_str().to_owned());
    tell(&format!("ended: {status}, after asking {} times", ended.counts.polls));
    match ended.end_source {
        EndSource::Event => tell(&match until_asking {
            Some(later) => format!("the event was first: asking was due in {:.2} s", later.as_secs_f64()),
            None => "the event was first: asking was due, or just done".into(),
        }),
        EndSource::Poll => tell(&match terminal_event(&events, id.as_str()) {
            Some(later) => format!("asking was first: the event came {:.2} s later", later.as_secs_f64()),
            None => format!("asking was first: no event came within {} s", PATIENCE.as_secs()),
        }),
    }
    say(format_args!("\n{}", ended.call.summary().unwrap_or("No summary.")))?;
    Ok(())
}

fn lossy() -> DeliveryFaults {
    DeliveryFaults {
        seed: seed(),
        lost: Rate::percent(60),
        delayed: Rate::percent(60),
        max_delay: Duration::from_secs(20),
        ..DeliveryFaults::default()
    }
}

/// A seed that changes every second.
fn seed() -> u64 {
    unix_now().seconds().unsigned_abs()
}

/// How much later the terminal event of this call arrived, if it did.
fn terminal_event(events: &Receiver<Event>, call_id: &str) -> Option<Duration> {
    let asked = Instant::now();
    loop {
        let event = events.recv_timeout(PATIENCE.saturating_sub(asked.elapsed())).ok()?;
        if event.is_terminal() && event.call_id() == Some(call_id) {
            return Some(asked.elapsed());
        }
    }
}
