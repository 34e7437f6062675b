//! A small app, and its test: a reminder by phone, again an hour later if nobody answers, three times at most.
//! The test runs it under faults with a thousand seeds, on virtual time: hours take no time.
mod line;

use byourside_proto::client::blocking::{Client, Transport};
use byourside_proto::sim::{Fates, Profile, Service};
use byourside_proto::{Api, ApiKey, BaseUrl, Monotonic, PlaceCall, Status};
use line::Line;
use std::cell::{Cell, RefCell};
use std::{error::Error, time::Duration};

const HOUR: Duration = Duration::from_secs(3600);

/// The app: how the last call ended. After an error a person looks at it, since a phone may be ringing.
fn remind<T: Transport>(client: &Client<T>, call: &PlaceCall) -> Result<Option<Status>, Box<dyn Error>> {
    for attempt in 1..=3 {
        let status = client.place_and_wait(call)?.call.status();
        if status != Some(Status::NoAnswer) || attempt == 3 {
            return Ok(status);
        }
        client.transport().sleep(HOUR);
    }
    Ok(None)
}

fn main() -> Result<(), Box<dyn Error>> {
    let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    let call = PlaceCall::new("+14155550101", "Remind of the appointment.")?;
    for seed in 0..1_000 {
        let line = (Service::new(seed), Fates::new(Profile::Harsh.faults(seed)));
        let line = Line(RefCell::new(line), Cell::new(Monotonic::ORIGIN));
        let client = Client::with_transport(api.clone(), Default::default(), line);
        let ended = remind(&client, &call);
        let calls: Vec<_> = client
            .transport()
            .0
            .borrow()
            .0
            .calls()
            .map(|call| call.placed_at())
            .collect();
        assert!(
            calls.len() <= 3 && (calls.len() == 3 || ended.is_err()),
            "seed {seed}: {calls:?}"
        );
        assert!(
            calls.windows(2).all(|pair| pair[1].since(pair[0]) >= HOUR),
            "seed {seed}"
        );
    }
    println!("1000 seeds: never more than three calls, and never two within an hour");
    Ok(())
}
