//! Whole calls against the simulated service, from the POST to the end.
use crate::{
    measure::{Contender, interleaved},
    requests::api,
};
use byourside_proto::{
    PlaceCall,
    client::{ClientOptions, blocking::Client},
};
use byourside_sim::{Faults, Service, SimTransport};

const ROUNDS: usize = 301;

pub fn table() {
    let measured = interleaved(ROUNDS, vec![lifecycle()]);
    println!("\nlifecycles in simulation");
    println!(
        "  {:<52}{:>12.0} a second",
        measured[0].name,
        1e9 / measured[0].nanoseconds
    );
}

fn lifecycle() -> Contender<'static> {
    let transport = SimTransport::new(Service::new(7), Faults::default());
    let client = Client::with_transport(api(), ClientOptions::default(), transport);
    let call = PlaceCall::new("+14155550123", "Ask for the opening hours.").unwrap();
    Contender::new("placed, waited for, completed", move || {
        assert!(client.place_and_wait(&call).is_ok());
    })
}
