//! Whole lives of calls against the simulated service: placed, waited for, ended.
use crate::{
    measure::{Contender, interleaved},
    requests::api,
};
use byourside_proto::{
    CallWaiter, Monotonic, PlaceCall, PlaceOptions, Placer, TransportFailure, WaitOptions, drive_blocking,
    sim::{Answer, Service},
};
use std::cell::{Cell, RefCell};

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
    let (service, clock) = (RefCell::new(Service::new(7)), Cell::new(Monotonic::ORIGIN));
    let call = PlaceCall::new("+14155550123", "Ask for the opening hours.").unwrap();
    let api = api();
    Contender::new("placed, waited for, completed", move || {
        let send = |request, _timeout| match service.borrow_mut().handle(clock.get(), &request) {
            Answer::Response(response) => Ok(response),
            Answer::Lost => Err(TransportFailure::maybe_sent("connection closed")),
        };
        let sleep = |pause| clock.set(clock.get().after(pause));
        let now = || clock.get();
        let mut placer = Placer::new(api.clone(), call.clone(), PlaceOptions::default(), now());
        let placed = drive_blocking(&mut placer, send, sleep, now).into_result().unwrap();
        let mut waiter = CallWaiter::new(api.clone(), placed.call_id().unwrap(), WaitOptions::default(), now());
        assert!(drive_blocking(&mut waiter, send, sleep, now).is_ok());
    })
}
