//! Two hundred calls over HTTP whose webhooks are lost, late, duplicated, out of order and misdated: waiting by GETs
//! and by webhooks, the program learns the end of each call exactly once.
//!
//! The simulated service and the receiver of `webhook-axum` listen on loopback ports: no phone rings.
mod listening;

use byourside_examples::{Switchboard, say, unix_now};
use byourside_local_service::LocalService;
use byourside_proto::{
    Status,
    machine::{
        Backoff,
        wait::{EndSource, FinishedCall},
    },
    webhook::{Event, Verifier, WebhookSecret},
};
use byourside_sim::{DeliveryFaults, DeliveryOptions, Rate, ServiceOptions};
use byourside_ureq::{Client, ClientOptions, PlaceCall};
use lexopt::prelude::*;
use std::{
    collections::BTreeMap,
    error::Error,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError, mpsc::Receiver},
    thread,
    time::Duration,
};

type Fault = Box<dyn Error + Send + Sync>;

const HELP: &str = "\
Places calls over HTTP whose webhooks are lost, late, duplicated, out of order and misdated, waits for all of them by
GETs and by webhooks, and counts how each end was learnt.

Usage: webhooks-end-to-end [--calls N] [--seed S]

  --calls N  how many calls; default 200
  --seed S   decides the faults; default 1

The service is simulated, and no phone rings. The exit code is 1 if an end is reported twice, not at all, or wrongly.";

/// Virtual seconds in a real second. An answered call takes about ten virtual seconds.
const SPEED: f64 = 5.0;

/// The numbers to call, and how each call ends.
const DESTINATIONS: [(&str, Status); 5] = [
    ("+14155550123", Status::Completed),
    ("+14155550101", Status::NoAnswer),
    ("+14155550102", Status::Voicemail),
    ("+14155550103", Status::Declined),
    ("+14155550104", Status::Failed),
];

fn main() -> Result<ExitCode, Fault> {
    let (mut calls, mut seed) = (200, 1);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("calls") => calls = arguments.value()?.parse()?,
            Long("seed") => seed = arguments.value()?.parse()?,
            Long("help") | Short('h') => {
                say(HELP)?;
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    let secret = WebhookSecret::new("whsec_end-to-end")?;
    let options = options(secret.clone(), seed);
    let service = LocalService::builder()
        .speed(SPEED)
        .seed(seed)
        .options(options)
        .start()?;
    let (address, inbox, events) = listening::listen(Verifier::new(secret))?;
    let switchboard = Arc::new(Switchboard::default());
    let announced = put_through(events, switchboard.clone());

    let api = service.api()?;
    let client = Client::with_options(api, ClientOptions::default())?;
    let webhook_url = format!("http://{address}/");
    let known: Vec<Known> = thread::scope(|scope| {
        let wait = |at| place_and_listen(&client, &switchboard, &webhook_url, at);
        let waits: Vec<_> = (0..calls).map(|at| scope.spawn(move || wait(at))).collect();
        let ends = waits.into_iter().map(|wait| wait.join());
        ends.map(|end| end.unwrap_or_else(|_| Err("a wait panicked".into())))
            .collect::<Result<_, Fault>>()
    })?;
    // Time for the last retries of deliveries.
    thread::sleep(Duration::from_secs(2));

    let announced = announced.lock().unwrap_or_else(PoisonError::into_inner);
    let by = |source| known.iter().filter(|known| known.ended.end_source == source).count();
    let tally = inbox.tally();
    let unannounced = calls.saturating_sub(announced.len());
    say(format_args!("calls placed                         {calls:>5}"))?;
    say(format_args!("ends known                           {:>5}", known.len()))?;
    say(format_args!(
        "  from an event                      {:>5}",
        by(EndSource::Event)
    ))?;
    say(format_args!(
        "  from asking                        {:>5}",
        by(EndSource::Poll)
    ))?;
    say(format_args!("calls whose last event never came    {unannounced:>5}"))?;
    say(format_args!("events handed on                     {:>5}", tally.new))?;
    say(format_args!(
        "repetitions dropped                  {:>5}",
        tally.repeated
    ))?;
    let faults = faults(calls, &known, &announced);
    for fault in &faults {
        say(format_args!("WRONG: {fault}"))?;
    }
    Ok(if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn options(secret: WebhookSecret, seed: u64) -> ServiceOptions {
    let faults = DeliveryFaults {
        seed,
        lost: Rate::percent(40),
        delayed: Rate::percent(30),
        duplicated: Rate::percent(30),
        reordered: Rate::percent(30),
        skewed: Rate::percent(10),
        ..DeliveryFaults::default()
    };
    let deliveries = DeliveryOptions {
        secret,
        plain_http_to_loopback: true,
        attempts: 2,
        backoff: Backoff::doubling(Duration::from_secs(1), Duration::from_secs(1)),
        timeout: Duration::from_secs(3),
        faults,
    };
    ServiceOptions {
        epoch: unix_now(),
        deliveries,
        ..ServiceOptions::default()
    }
}

/// Passes events to the waits for their calls, and counts how often the end of each call is announced.
fn put_through(events: Receiver<Event>, switchboard: Arc<Switchboard>) -> Arc<Mutex<BTreeMap<String, u32>>> {
    let announced: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
    let counts = announced.clone();
    thread::spawn(move || {
        for event in events {
            if let (true, Some(id)) = (event.is_terminal(), event.call_id()) {
                let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
                *counts.entry(id.to_owned()).or_default() += 1;
            }
            switchboard.bring(event);
        }
    });
    announced
}

/// A call whose end is known.
struct Known {
    id: String,
    expected: Status,
    ended: FinishedCall,
}

fn place_and_listen(client: &Client, switchboard: &Switchboard, webhook_url: &str, at: usize) -> Result<Known, Fault> {
    let (number, expected) = DESTINATIONS[at % DESTINATIONS.len()].clone();
    let call = PlaceCall::new(number, format!("Ask for the opening hours of shop {at}."))?.webhook_url(webhook_url)?;
    let id = client.place_call(&call)?.call_id().ok_or("a placed call has an id")?;
    let events = switchboard.listen(id.as_str()).ok_or("two calls with one id")?;
    let next_event = |pause| events.recv_timeout(pause).ok();
    let ended = client.wait_for_call_with_events(&id, client.options().wait, next_event)?;
    Ok(Known {
        id: id.as_str().to_owned(),
        expected,
        ended,
    })
}

fn faults(calls: usize, known: &[Known], announced: &BTreeMap<String, u32>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for Known { id, expected, ended } in known {
        *times.entry(id).or_default() += 1;
        if ended.call.status().as_ref() != Some(expected) || ended.conflict.is_some() {
            faults.push(format!("call {id} ended {:?}, not {expected:?}", ended.call.status()));
        }
        if ended.end_source == EndSource::Event && !announced.contains_key(id) {
            faults.push(format!("call {id} is known from an event that never came"));
        }
    }
    let twice = |counts: &mut dyn Iterator<Item = u32>| counts.filter(|count| *count != 1).count();
    if times.len() != calls || twice(&mut times.into_values()) > 0 {
        faults.push(format!("not every one of {calls} ends is known exactly once"));
    }
    if twice(&mut announced.values().copied()) > 0 {
        faults.push("the end of a call was announced twice".into());
    }
    if calls >= 100
        && [EndSource::Event, EndSource::Poll]
            .iter()
            .any(|by| known.iter().all(|known| known.ended.end_source == *by))
    {
        faults.push("only one of the two ways was ever first: this run shows nothing".into());
    }
    faults
}
