//! The service's side of the API, simulated: requests in, answers out, on virtual time, from a seed.
//!
//! For tests of a program that places calls, and for trying things out: no phone rings. Like the rest of this crate it
//! does no I/O: the caller brings the time, and a way for requests to come and answers to go.
//!
//! ```
//! use byourside_proto::client::{ClientOptions, blocking::Client};
//! use byourside_sim::{Faults, SimTransport, Service};
//! use byourside_proto::{Api, PlaceCall, Status};
//!
//! let api = Api::with_key("bys_ak_example")?;
//! let transport = SimTransport::new(Service::new(7), Faults::default());
//! let client = Client::with_transport(api, ClientOptions::default(), transport);
//!
//! let ended = client.place_and_wait(&PlaceCall::new("+14155550101", "Ask for the opening hours.")?)?;
//! assert_eq!(ended.call.status(), Some(Status::NoAnswer));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a destination does
//!
//! | number | outcome |
//! |---|---|
//! | `+14155550101` | `no_answer` |
//! | `+14155550102` | `voicemail` |
//! | `+14155550103` | `declined` |
//! | `+14155550104` | `failed` |
//! | `+14155550105` | answered, and completed only after ten minutes |
//! | `+14155550106` | stays `in_progress` for good |
//! | `+14155550107` | placed, but the record answers 404 for the first two seconds |
//! | `+14155550111` | refused: `placement_failed`, 502 |
//! | `+14155550112` | refused: `rate_limited`, 429 with `Retry-After: 1` |
//! | `+14155550113` | refused: `over_minute_cap`, 429 |
//! | `+14155550114` | refused: `store_error`, 503 |
//! | `+14155550115` | `rate_limited` the first time a key asks with an objective, accepted after that |
//! | `+14155550116` | placed, but the answer is lost: the connection closes without one |
//! | `+1900...` | refused: `destination_blocked`, 400 |
//! | any other valid one | answered, then `completed` |
//!
//! An answered call is `queued` for a second or two, then `in_progress`, then ends after about ten seconds; one that is
//! not answered stays `queued` until it ends. Any key that starts `bys_ak_` is good, but for `bys_ak_revoked`, and sees
//! its own calls only; any other is `unauthorized`. Any caller id is owned but `+14155550199`.
//!
//! # Webhooks
//!
//! A call with a `webhookUrl` has its events delivered: [`Service::next_wake`] says when, [`Service::poll_delivery`] hands
//! out the signed request, [`Service::delivered`] takes what came of it. The secret is `whsec_simulated` unless
//! [`DeliveryOptions`] say otherwise. [`DeliveryFaults`] lose, delay, duplicate, reorder and mis-date deliveries.
//!
//! # Faults
//!
//! Between a client and the service stands whoever carries the requests. A [`FaultPlan`] tells it what becomes of each: how
//! long it takes, whether it arrives, whether its answer does, and whether that is the one that the service gave. Which faults
//! there are, and how often, is in [`Faults`] and [`DeliveryFaults`]; [`Profile`] has sets of both.
//!
//! A [`SimTransport`] is such a carrier in virtual time for one program that uses a client, and a [`Simulation`] is one for any number
//! of programs that are machines. Either runs hours in no time at all.
//!
//! A copy of the service that lags behind is one of the faults: a record that was terminal may look as if it were not,
//! later.
//!
//! # Dirt
//!
//! A tidy service proves little. [`Dirt`] is what the world adds: eighty kinds of [`Fault`] in what is written back, in the
//! bytes, in which call it is, in what stands in between, in clocks, events and the program itself. They are drawn from a
//! seed, or scripted one by one at a [`Site`]: "the third GET gets a 503". [`Simulation::with_dirt`] lets them strike any
//! programs; a [`check::Case`] runs whole calls and lists of calls under them, holds them to each [`check::Invariant`],
//! and [shrinks](check::CaseReport::shrink) what breaks to a test to paste.
//!
//! # A test of one's own
//!
//! There are three ways. A program that is asynchronous is served [under tokio](#under-tokio). A program that uses a plain [client](byourside_proto::client) is given a [`SimTransport`]: the repository's
//! `retry-app` example is a small app and its test, over a thousand seeds. A program that is made of machines becomes a
//! [`Program`] and lives in a [`Simulation`], with as many others as it likes: the `simulate` example runs a million calls in
//! this way. What must hold is checked against the service, which both show from the inside: [`Service::placed`],
//! [`Service::calls`], [`Service::placements`].
//!
//! Either way a failure is repeated by its seed.
//!
//! # Under tokio
//!
//! With the feature `tokio`, a `TokioService` serves an asynchronous program on tokio's paused clock. Its futures wait
//! and can be dropped midway, tasks run side by side, and webhooks are delivered to the program's own receiver, such as
//! an axum router. The tests `app_with_webhooks` and `async_program_dropped_midway` of this crate show how, each in
//! under 60 lines.
//!
//! # What is made up
//!
//! Where the service's ways are not documented, these are the simulation's own and prove nothing about the real one:
//! the status of a success (202 for placing, 200 for reading), of `placement_failed` and of `over_minute_cap`; 400 for
//! the refusals of which only "4xx" is known; `invalid_request` for a body that no documented token covers, which with
//! 413 is one that is too long; `method_not_allowed` with 405; how often and how long after a delivery is tried again;
//! what is said, extracted and transcribed.
#![cfg_attr(docsrs, feature(doc_cfg))]
mod account;
mod call;
pub mod check;
mod clock;
mod delivering;
mod destination;
mod digits;
mod dirt;
mod faults;
mod options;
mod order;
mod placements;
mod random;
mod rate;
mod record;
mod refusal;
mod router;
mod schedule;
mod service;
mod simulation;
mod store;
#[cfg(test)]
mod tests;
#[cfg(feature = "tokio")]
mod tokio_service;
mod transport;

pub use call::SimulatedCall;
use call::Uuid;
pub use delivering::{DeliveryFaults, DeliveryOptions, DeliveryOutcome, DeliveryTicket};
pub use dirt::{Dirt, Fault, FaultGroup, Injection, Site, Target};
pub use faults::{FaultPlan, Faults, NetworkOutcome, Profile, Received};
pub use options::ServiceOptions;
pub use placements::Placements;
pub use rate::Rate;
pub use service::{Answer, Service};
pub use simulation::{Program, ProgramId, Simulation, Step};
#[cfg(feature = "tokio")]
pub use tokio_service::{ResponseFuture, TokioService};
pub use transport::SimTransport;
