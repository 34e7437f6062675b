//! The cost of one step of the waiter, compared with building the request and reading the record alone.
use crate::{
    measure::{Contender, interleaved, print},
    requests::{api, get},
};
use byourside_proto::{
    Action, Machine, Monotonic, Operation,
    machine::wait::{CallWaiter, WaitOptions},
};
use http::{HeaderMap, Response, StatusCode};
use std::{hint::black_box, time::Duration};

const ROUNDS: usize = 501;
const RECORD: &str = r#"{"id":"0f0e0d0c-0000-4000-8000-000000000000","status":"in_progress","to":"+14155550123","objective":"Ask whether the appointment on Tuesday at ten can be moved to Thursday.","summary":null,"extracted":null,"transcript":null,"recordingUrl":null}"#;

pub fn table() {
    println!(
        "\na step of the waiter, against its request and record{:>14}{:>9}",
        "ns", "ratio"
    );
    print(&interleaved(ROUNDS, contenders()));
}

pub fn contenders() -> Vec<Contender<'static>> {
    let (api, get) = (api(), get());
    let headers = HeaderMap::new();
    vec![
        Contender::new("waiter: the request and the record alone", move || {
            black_box(get.request(&api));
            assert!(black_box(get.parse(StatusCode::OK, &headers, RECORD.as_bytes())).is_ok());
        }),
        whole_step(),
    ]
}

/// One step: the sleep, the request and the record.
fn whole_step() -> Contender<'static> {
    let options = WaitOptions {
        timeout: Duration::MAX,
        ..WaitOptions::default()
    };
    let (mut now, response) = (Monotonic::ORIGIN, Response::new(RECORD));
    let mut waiter = CallWaiter::new(api(), get().0, options, now);
    Contender::new("waiter: a step, poll to poll", move || {
        let Action::Send(request, slot) = waiter.poll(now) else {
            panic!("no request")
        };
        black_box(request);
        waiter.handle(now, slot.reply_ref(&response));
        let Action::Sleep(pause) = waiter.poll(now) else {
            panic!("no sleep")
        };
        now = now.after(pause);
    })
}
