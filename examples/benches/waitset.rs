//! The cost of one waiting call in a set, by the number of calls in the set.
use crate::{
    adapters::resident,
    measure::{Contender, interleaved, print, verdict},
    requests::api,
};
use byourside_proto::{
    Action, CallId, Machine, Monotonic,
    machine::wait_set::{WaitSet, WaitSetOptions},
};
use http::Response;
use std::{hint::black_box, time::Duration};

const ROUNDS: usize = 301;
/// The sizes of the sets. The first is the base of the ratios.
const SIZES: [(u32, &str); 4] = [
    (10_000, "set of 10,000: a step"),
    (1_000, "set of 1,000: a step"),
    (100_000, "set of 100,000: a step"),
    (1_000_000, "set of 1,000,000: a step"),
];
const RECORD: &str = r#"{"id":"0f0e0d0c-0000-4000-8000-000000000000","status":"in_progress"}"#;
/// The goal: bytes for each call in a set of 100,000.
const MOST_BYTES: usize = 200;
/// The goal: the time of a step with 1,000,000 calls as a multiple of one with 10,000.
const MOST_GROWTH: f64 = 2.0;

pub fn table() {
    println!("\nthe set of waiting calls{:>42}{:>11}", "ns", "vs 10,000");
    // All sets are kept, so that none reuses memory that another freed.
    let sets = SIZES.map(|(calls, name)| {
        let before = resident();
        let set = filled(calls);
        (name, calls, set, resident().saturating_sub(before) / calls as usize)
    });
    for (_, calls, _, bytes) in sets.iter().filter(|(_, calls, _, _)| *calls >= 100_000) {
        let verdict = verdict(*bytes <= MOST_BYTES);
        println!("  {calls} calls: {bytes} bytes each, resident; goal of {MOST_BYTES} {verdict}");
    }
    let measured = interleaved(
        ROUNDS,
        sets.into_iter().map(|(name, _, set, _)| step(name, set)).collect(),
    );
    print(&measured);
    let verdict = verdict(measured[3].ratio <= MOST_GROWTH);
    println!("  a step with a million calls costs at most {MOST_GROWTH} times one with ten thousand: {verdict}");
}

/// Without lists and without a limit on the rate, each step is a GET, which is the most expensive step.
fn filled(calls: u32) -> WaitSet {
    let options = WaitSetOptions {
        timeout: Duration::from_secs(1 << 40),
        list_from: usize::MAX,
        max_per_second: u32::MAX,
        ..WaitSetOptions::default()
    };
    let mut set = WaitSet::new(api(), options, Monotonic::ORIGIN);
    for call in 0..calls {
        // As random as an id of the service, and unique.
        let scattered = call.wrapping_mul(0x9e37_79b1);
        let id = format!("{scattered:08x}-0000-4000-8000-000000000000");
        assert!(set.add(&CallId::new(id).unwrap(), Monotonic::ORIGIN));
    }
    set
}

/// One step: the sleep if there is one, the request and its answer.
fn step(name: &'static str, mut set: WaitSet) -> Contender<'static> {
    let (mut now, response) = (Monotonic::ORIGIN, Response::new(RECORD));
    Contender::new(name, move || {
        loop {
            match set.poll(now) {
                Action::Send(request, slot) => {
                    black_box(request);
                    return set.handle(now, slot.reply_ref(&response));
                }
                Action::Sleep(pause) => now = now.after(pause),
                Action::Done(()) => panic!("it is done"),
            }
        }
    })
}
