//! Places a call with a webhook to itself, waits by asking and by listening at once, and shows which came first.
//!
//! `cargo run --example call-and-listen` calls the simulated service, at four times the speed of a real one. With
//! `--lossy` most deliveries are lost or late, and asking is often first.
mod listening;

use byourside_examples::{line, unix_now};
use byourside_local_service::LocalService;
use byourside_proto::{
    LearntBy,
    sim::{DeliveryFaults, DeliveryOptions, Rate, ServiceOptions},
    webhook::{Event, Verifier, WebhookSecret},
};
use byourside_ureq::{Api, ApiKey, BaseUrl, Client, ClientOptions, PlaceCall};
use std::{
    error::Error,
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};

/// How long an event is still listened for once asking has told the end.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn Error>> {
    let faults = match std::env::args().nth(1).as_deref() {
        None => DeliveryFaults::default(),
        Some("--lossy") => lossy(),
        Some(_) => return Err("usage: call-and-listen [--lossy]".into()),
    };
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

    // Listen first: an event can be here before the answer to the request that caused it.
    let (address, _, events) = listening::listen(Verifier::new(secret))?;

    let api = Api::new(BaseUrl::new(&service.base_url())?, ApiKey::new("bys_ak_example")?);
    let client = Client::with_options(api, ClientOptions::default())?;
    let call =
        PlaceCall::new("+14155550123", "Ask for the opening hours.")?.webhook_url(format!("http://{address}/"))?;

    let began = Instant::now();
    let say = |what: &str| println!("{:>6.2} s  {what}", began.elapsed().as_secs_f64());
    let id = client.place_call(&call)?.call_id().ok_or("a placed call has an id")?;
    say(&format!("placed: call {}", id.as_str()));

    let mut until_asking = None;
    let next_event = |pause: Duration| {
        let listening = Instant::now();
        let event = events.recv_timeout(pause).ok()?;
        until_asking = Some(pause.saturating_sub(listening.elapsed())).filter(|_| !pause.is_zero());
        say(&format!("heard: {}", line(&event)));
        Some(event)
    };
    let ended = client.wait_for_call_with_events(&id, client.options().wait, next_event)?;
    let status = ended
        .call
        .status()
        .map_or_else(String::new, |status| status.as_str().to_owned());
    say(&format!("ended: {status}, after asking {} times", ended.counts.polls));
    match ended.learnt_by {
        LearntBy::Event => say(&match until_asking {
            Some(later) => format!("the event was first: asking was due in {:.2} s", later.as_secs_f64()),
            None => "the event was first: asking was due, or just done".into(),
        }),
        LearntBy::Poll => say(&match terminal_event(&events, id.as_str()) {
            Some(later) => format!("asking was first: the event came {:.2} s later", later.as_secs_f64()),
            None => format!("asking was first: no event came within {} s", PATIENCE.as_secs()),
        }),
    }
    println!("\n{}", ended.call.summary().unwrap_or("No summary."));
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

/// Another one every second.
fn seed() -> u64 {
    unix_now().seconds().unsigned_abs()
}

/// How much later the event of this call's end came, if it did.
fn terminal_event(events: &Receiver<Event>, call_id: &str) -> Option<Duration> {
    let asked = Instant::now();
    loop {
        let event = events.recv_timeout(PATIENCE.saturating_sub(asked.elapsed())).ok()?;
        if event.is_terminal() && event.call_id() == Some(call_id) {
            return Some(asked.elapsed());
        }
    }
}
