//! The cost of building a request.
use crate::measure::{Contender, interleaved, print, verdict};
use byourside_proto::{Api, CallId, Field, FieldType, GetCall, ListCalls, Operation, PlaceCall};
use std::hint::black_box;

const ROUNDS: usize = 501;
/// In nanoseconds.
const GOAL: f64 = 1000.0;

pub fn table() {
    println!("\nbuilding a request, against a get{:>33}{:>9}", "ns", "ratio");
    let measured = interleaved(ROUNDS, contenders());
    print(&measured);
    let met = measured.iter().all(|one| one.nanoseconds < GOAL);
    println!("  goal of 1 us {}", verdict(met));
}

pub fn contenders() -> Vec<Contender<'static>> {
    let place = PlaceCall::new("+14155550123", "Ask whether the appointment can be moved to Thursday.").unwrap();
    let fields = vec![
        Field::new("agreed").kind(FieldType::Boolean),
        Field::new("time").description("The new time"),
    ];
    vec![
        building("request: get", get()),
        building("request: list", ListCalls::new(100)),
        building("request: place", place.fields(fields).unwrap()),
    ]
}

pub fn api() -> Api {
    Api::with_key("bys_ak_bench").unwrap()
}

pub fn get() -> GetCall {
    GetCall(CallId::new("0f0e0d0c-0000-4000-8000-000000000000").unwrap())
}

fn building(name: &'static str, operation: impl Operation + 'static) -> Contender<'static> {
    let api = api();
    Contender::new(name, move || drop(black_box(black_box(&operation).request(&api))))
}
