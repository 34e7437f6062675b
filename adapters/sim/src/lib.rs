//! Test a program that places calls, without a network and without a phone: the service's side of the API, simulated.
//!
//! ```sh
//! cargo add --dev byourside-sim
//! ```
//!
//! ```
//! use byourside_proto::{Api, PlaceCall, Status, client::{ClientOptions, blocking::Client}};
//! use byourside_sim::{Profile, Service, SimTransport};
//!
//! for seed in 0..100 {
//!     let transport = SimTransport::new(Service::new(seed), Profile::Mild.faults(seed));
//!     let client = Client::with_transport(Api::with_key("bys_ak_example")?, ClientOptions::default(), transport);
//!     let finished = client.place_and_wait(&PlaceCall::new("+14155550101", "Ask for the opening hours.")?);
//!     assert!(finished.is_err() || finished?.call.status() == Some(Status::NoAnswer));
//!     assert!(client.transport().service().placed() <= 1, "seed {seed}: a phone rang twice");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Time is virtual, so minutes of waiting take microseconds. Everything is decided by a seed: the same program, seed
//! and options give the same run, and a failure is repeated by its seed.
//!
//! # Which type to use
//!
//! | the program under test | use |
//! |---|---|
//! | calls a [client](byourside_proto::client), blocking or asynchronous, one thing at a time | [`SimTransport`] |
//! | runs tasks on tokio, drops futures midway, or receives webhooks | `TokioService`, with the feature `tokio` |
//! | is a [`Machine`](byourside_proto::Machine), or any number of them side by side | [`Simulation`] |
//! | speaks HTTP, in any language | the crate `byourside-local-service` |
//!
//! Each of them carries requests to a [`Service`], which does no I/O itself. After the run, the test looks inside the
//! service: [`Service::placed`], [`Service::calls`], [`Service::placements`].
//!
//! The repository's example `retry-app` is a small program and its test over a thousand seeds with a [`SimTransport`].
//! The tests `app_with_webhooks` and `async_program_dropped_midway` of this crate do the same with a `TokioService`,
//! each in under 60 lines. The example `simulate` runs a million calls in [`Simulation`]s.
//!
//! # Numbers to call
//!
//! The number that is called picks the outcome. The last column is what a client with default options reports, without
//! faults:
//!
#![doc = include_str!("../numbers.md")]
//!
//! *Not placed* means that no phone rings, and the call may be placed again. *Unknown* means that a phone may be
//! ringing: a 5xx does not prove that no call was placed, and neither does an answer that never arrived.
//! [`Client::reconcile`](byourside_proto::client::Client::reconcile) then looks in the list of recent calls.
//! `placement_failed` counts as *not placed*, although its status is 502. A `WaitError` says nothing about the call
//! itself, which may go on.
//!
//! An answered call is `queued` for one to two seconds, then `in_progress`, and ends 9 to 11 seconds after it was
//! placed. A call that is not answered stays `queued` until it ends.
//!
//! Every key that starts with `bys_ak_` is valid except `bys_ak_revoked`, and sees only its own calls. Any other key is
//! `unauthorized`. Every caller id belongs to the account except `+14155550199`.
//!
//! # Faults
//!
//! [`Faults`] say what goes wrong between a client and the service, each kind at its own [`Rate`]: refused connections,
//! lost requests, lost answers, 500 and 503, rate limits, a proxy's HTML, cut bodies, stale records, and latency. A
//! [`FaultPlan`] draws one [`NetworkOutcome`] for each request. A stale answer shows how the calls stood a while ago,
//! so a call that has ended may look as if it had not.
//!
//! # Profiles
//!
//! [`Profile`] has sets of faults by name: `none`, `mild` (each fault hits one request in a hundred) and `harsh` (five
//! in a hundred).
//!
//! # Virtual time
//!
//! Sleeping and waiting for an answer move the clock forward instead of taking time. [`SimTransport`] and
//! [`Simulation`] have clocks of their own; `TokioService` uses tokio's paused clock (`start_paused = true`). The
//! service's wall clock starts at [`ServiceOptions::epoch`], 2026-01-01T00:00:00Z unless it is changed.
//!
//! # Seeds
//!
//! A [`Service`], [`Faults`] and [`DeliveryFaults`] each have a seed. Run a test over many seeds, and print the seed in
//! every assertion.
//!
//! # Webhooks
//!
//! A call with a `webhookUrl` has its events delivered, signed with the secret `whsec_simulated` unless
//! [`DeliveryOptions`] say otherwise. `TokioService::deliver_to` hands them to a receiver such as an axum router, and a
//! [`Simulation`] to [`Program::receive`]; a [`SimTransport`] delivers none. A test that drives a [`Service`] directly
//! asks [`Service::next_wake`] when there is something to deliver, takes the request from [`Service::poll_delivery`],
//! and reports the result to [`Service::delivered`]. [`DeliveryFaults`] lose, delay, duplicate, reorder and mis-date
//! deliveries.
//!
//! # Dirty data
//!
//! Real services, proxies and clocks are less tidy than a simulated one. [`Dirt`] adds that: more than eighty kinds of
//! [`Fault`], such as objectives that come back HTML-escaped, half an emoji in a summary, ids that are missing, a proxy
//! that answers 404 after the call was placed, a clock that starts elsewhere, or a process that crashes. They are drawn
//! from a seed, or scripted one by one at a [`Site`]: "the third GET gets a 503". [`SimTransport::with_dirt`] and
//! [`Simulation::with_dirt`] inject them. A [`check::Case`] runs whole calls and lists of calls under them, checks
//! every [`check::Invariant`], and [shrinks](check::CaseReport::shrink) what breaks to a test to paste.
//!
//! # What is made up
//!
//! Where the real service's behaviour is not documented, these choices are the simulation's own and prove nothing about
//! the real one:
//!
//! - the status of a success: 202 for placing, 200 for reading;
//! - the status of `placement_failed` (502) and of `over_minute_cap` (429), and 400 for the refusals of which only
//!   "4xx" is known;
//! - `invalid_request` for a body that no documented token covers (with 413 if the body is too long), and
//!   `method_not_allowed` with 405;
//! - how often, and after which pauses, a delivery is sent again;
//! - what summaries, extracted fields and transcripts say.
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
