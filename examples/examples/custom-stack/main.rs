//! Drives the core with an HTTP stack and an event loop of the program's own.
//!
//! The loop in `run` is all that is needed. The HTTP stack here is `http1.rs`: blocking sockets and a parser.
mod http1;

use byourside_examples::{log, say};
use byourside_local_service::LocalService;
use byourside_proto::{
    Action, Machine, Monotonic, PlaceCall,
    machine::{
        place::{PlaceOptions, Placer},
        wait::{CallWaiter, WaitOptions},
    },
};
use lexopt::prelude::*;
use std::{
    error::Error,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

const HELP: &str = "\
Places a call and waits for its end, with the core and a plain socket.

Usage: custom-stack [NUMBER]

  NUMBER  the number to call; default +14155550123

The service is simulated, and no phone rings.";

fn main() -> ExitCode {
    match call() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log(format_args!("custom-stack: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Calls the given number, or one that answers. The service is simulated: no phone rings.
fn call() -> Result<(), Box<dyn Error>> {
    let mut to = "+14155550123".into();
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Value(number) => to = number.string()?,
            Long("help") | Short('h') => return Ok(say(HELP)?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let service = LocalService::builder().speed(20.0).start()?;
    let api = service.api()?;
    let order = PlaceCall::new(to, "Ask for the opening hours.")?;
    let began = Instant::now();
    let now = || Monotonic::new(began.elapsed());

    let mut placer = Placer::new(api.clone(), order, PlaceOptions::default(), now());
    let placed = run(&mut placer, now).into_result()?;
    let id = placed.call_id().ok_or("a placed call has an id")?;
    say(format_args!("placed: {}", id.as_str()))?;

    let options = WaitOptions {
        interval: Duration::from_millis(100),
        ..WaitOptions::default()
    };
    let mut waiter = CallWaiter::new(api, id, options, now());
    let ended = run(&mut waiter, now)?;
    let status = ended.call.status().ok_or("a call that ended has a status")?;
    say(format_args!(
        "ended after {} polls: {}",
        ended.counts.polls,
        status.as_str()
    ))?;
    say(format_args!("summary: {}", ended.call.summary().unwrap_or("none")))?;
    Ok(())
}

/// Runs any machine of the core to its end.
fn run<M: Machine>(machine: &mut M, now: impl Fn() -> Monotonic) -> M::Output {
    loop {
        match machine.poll(now()) {
            Action::Send(request, slot) => {
                let result = http1::send(&request, slot.timeout());
                machine.handle(now(), slot.reply(result));
            }
            Action::Sleep(duration) => thread::sleep(duration),
            Action::Done(output) => break output,
        }
    }
}
