//! A small program and its test: a reminder by phone, repeated an hour later if nobody answers, at most three times.
//!
//! `cargo test --example retry-app` runs it under faults with a thousand seeds. Time is virtual, so hours take no time.
use byourside_examples::say;
use byourside_proto::client::{ClientOptions, blocking::Client, blocking::Transport};
use byourside_proto::{Api, PlaceCall, Status, client::CallError};
use byourside_sim::{Profile, Service, SimTransport};
use std::{error::Error, time::Duration};

const HOUR: Duration = Duration::from_secs(3600);

/// The program: places the reminder, and returns whether somebody answered. An error ends it, since a phone may be
/// ringing; a person should look at it.
fn remind<T: Transport>(client: &Client<T>, call: &PlaceCall) -> Result<bool, CallError> {
    for attempt in 0..3 {
        if attempt > 0 {
            client.transport().sleep(HOUR);
        }
        let ended = client.place_and_wait(call)?;
        if ended.call.status() != Some(Status::NoAnswer) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A client over a transport to a simulated service of its own.
fn simulated(seed: u64, profile: Profile) -> Result<Client<SimTransport>, Box<dyn Error>> {
    let api = Api::with_key("bys_ak_example")?;
    let transport = SimTransport::new(Service::new(seed), profile.faults(seed));
    Ok(Client::with_transport(api, ClientOptions::default(), transport))
}

fn main() -> Result<(), Box<dyn Error>> {
    let client = simulated(7, Profile::None)?;
    let answered = remind(&client, &PlaceCall::new("+14155550101", "Remind of the appointment.")?)?;
    let calls = client.transport().service().placed();
    Ok(say(format_args!("calls: {calls}, answered: {answered}"))?)
}

#[test]
fn reminder_rings_at_most_three_times_and_an_hour_apart() -> Result<(), Box<dyn Error>> {
    // Nobody ever answers the first number. Somebody answers the second one.
    for (to, times) in [("+14155550101", 3), ("+14155550123", 1)] {
        let call = PlaceCall::new(to, "Remind of the appointment.")?;
        for seed in 0..1_000 {
            let client = simulated(seed, Profile::Harsh)?;
            let result = remind(&client, &call);
            let service = client.transport().service();
            let calls: Vec<_> = service.calls().map(|call| call.placed_at()).collect();
            match result {
                Ok(answered) => assert_eq!((calls.len(), answered), (times, times == 1), "seed {seed}"),
                Err(_) => assert!(calls.len() <= times, "seed {seed}: {calls:?}"),
            }
            assert!(calls.windows(2).all(|pair| pair[1].since(pair[0]) >= HOUR));
        }
    }
    Ok(())
}
