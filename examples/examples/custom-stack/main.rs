//! The core alone, for those who bring an HTTP stack and an event loop of their own.
//!
//! The loop in `run` is all that it takes. Here the stack is `http1.rs`: blocking sockets and a parser.
mod http1;

use byourside_local_service::LocalService;
use byourside_proto::{
    Action, Api, ApiKey, BaseUrl, CallId, CallWaiter, Machine, Monotonic, PlaceCall, PlaceOptions, Placer, WaitOptions,
};
use std::{
    env,
    error::Error,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

fn main() -> ExitCode {
    match call() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("custom-stack: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Calls the number that is given, or one that answers. The service is simulated: no phone rings.
fn call() -> Result<(), Box<dyn Error>> {
    let service = LocalService::builder().speed(20.0).start()?;
    let api = Api::new(BaseUrl::new(&service.base_url())?, ApiKey::new("bys_ak_simulated")?);
    let to = env::args().nth(1).unwrap_or_else(|| "+14155550123".into());
    let order = PlaceCall::new(to, "Ask for the opening hours.")?;
    let began = Instant::now();
    let now = || Monotonic::new(began.elapsed());

    let mut placer = Placer::new(api.clone(), order, PlaceOptions::default(), now());
    let placed = run(&mut placer, now).into_result()?;
    let id = CallId::new(placed.id().unwrap_or_default())?;
    println!("placed: {}", id.as_str());

    let options = WaitOptions {
        interval: Duration::from_millis(100),
        ..WaitOptions::default()
    };
    let mut waiter = CallWaiter::new(api, id, options, now());
    let ended = run(&mut waiter, now)?;
    let status = ended.call.status().ok_or("a call that ended has a status")?;
    println!("ended after {} polls: {}", ended.counts.polls, status.as_str());
    println!("summary: {}", ended.call.summary().unwrap_or("none"));
    Ok(())
}

/// Runs any machine of the core to its end.
fn run<M: Machine>(machine: &mut M, now: impl Fn() -> Monotonic) -> M::Output {
    loop {
        match machine.poll(now()) {
            Action::Send(request, slot) => {
                let reply = match http1::send(&request, slot.timeout()) {
                    Ok(response) => slot.response(&response),
                    Err(failure) => slot.failed(failure),
                };
                machine.handle(now(), reply);
            }
            Action::Sleep(duration) => thread::sleep(duration),
            Action::Done(output) => break output,
        }
    }
}
