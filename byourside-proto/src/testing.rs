//! What the tests of more than one machine need.
use crate::{
    api::Api,
    machine::{Action, Machine, TransportFailure},
    types::{Monotonic, UnixTime},
    webhook::{Event, Signer, Verifier, WebhookSecret},
};
use alloc::{string::String, vec::Vec};
use core::time::Duration;
use http::{Request, Response};

pub(crate) fn api() -> Api {
    Api::with_key("bys_ak_secret").unwrap()
}

pub(crate) const fn at(seconds: u64) -> Monotonic {
    Monotonic::new(Duration::from_secs(seconds))
}

/// An event as a receiver gets it: signed and verified.
pub(crate) fn event(body: &str) -> Event {
    let (secret, now) = (
        WebhookSecret::new("whsec_secret").unwrap(),
        UnixTime::new(1_760_000_000),
    );
    let header = Signer::new(secret.clone()).sign(now, body.as_bytes());
    let verifier = Verifier::new(secret);
    let delivery = verifier.verify(&header, body.as_bytes(), now).unwrap();
    delivery.event().unwrap()
}

/// What comes back: a status with a body, or silence until the attempt's time is over.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    Answer(u16, String),
    RetryAfter(u16, u32),
    Silence,
    Refused,
    Reset,
}

pub(crate) fn ok(body: impl Into<String>) -> Script {
    Script::Answer(200, body.into())
}

/// Polls once and answers what is sent; the next moment to poll at, or the end.
pub(crate) fn step<M: Machine>(
    machine: &mut M,
    now: Monotonic,
    mut answer: impl FnMut(&Request<Vec<u8>>) -> Script,
) -> Result<Monotonic, M::Output> {
    match machine.poll(now) {
        Action::Done(output) => Err(output),
        Action::Sleep(pause) => Ok(now.after(pause)),
        Action::Send(request, slot) => {
            let (reply, now) = match answer(&request) {
                Script::Silence => return Ok(now.after(slot.timeout())),
                Script::Refused => (slot.reply(Err(TransportFailure::not_sent("connection refused"))), now),
                Script::Reset => (slot.reply(Err(TransportFailure::maybe_sent("connection reset"))), now),
                Script::Answer(status, body) => {
                    let response = Response::builder().status(status).body(body).unwrap();
                    (slot.reply_ref(&response), now)
                }
                Script::RetryAfter(status, seconds) => {
                    let response = Response::builder().status(status).header("retry-after", seconds);
                    (slot.reply_ref(&response.body("").unwrap()), now)
                }
            };
            machine.handle(now, reply);
            Ok(now)
        }
    }
}

/// Runs to the end in virtual time, and says when that was.
pub(crate) fn run<M: Machine>(
    machine: &mut M,
    mut now: Monotonic,
    mut answer: impl FnMut(&Request<Vec<u8>>) -> Script,
) -> (M::Output, Monotonic) {
    for _ in 0..100_000 {
        match step(machine, now, &mut answer) {
            Ok(next) => now = next,
            Err(output) => return (output, now),
        }
    }
    panic!("it does not end")
}
