//! The sans-IO protocol core of the By Your Side Agent calling API, which has an AI place a phone call for you.
//! It builds requests, reads answers and webhook events, and decides when to send what; it performs no I/O.
//!
//! The core needs no socket, clock, runtime, environment variable or source of randomness of its own: the caller passes
//! in what it needs. This crate is `#![no_std]` with `alloc`, so the compiler enforces this. The crate `http`, whose
//! types it uses, still needs `std`.
//!
//! # Who should use an adapter instead
//!
//! If you want to place a call from a Rust program, you want an adapter and not this crate. An adapter brings sockets,
//! TLS and a clock, and re-exports everything here:
//!
//! | your program | take |
//! |---|---|
//! | runs on tokio, or has a tower client | `byourside-tokio` |
//! | runs on async-std or smol | `byourside-async-std` |
//! | blocks its thread | `byourside-ureq` |
//! | has an HTTP stack, event loop or workflow engine of its own | this crate, and [the loop](#the-loop) |
//! | is a test that must not use the network | `byourside-sim`, a simulated service in virtual time |
//!
//! With an adapter, `client.place_and_wait(&call)` is the whole program: see [`client`].
//!
//! # The core and its adapters
//!
//! ```text
//!    your program
//!         │  place_call, wait_for_call, place_and_wait, ...
//! ┌───────▼──────────────────────────────────────────────────┐
//! │ an adapter: sockets, TLS, proxies, a clock, sleeping     │
//! │   byourside-tokio · byourside-async-std · byourside-ureq │
//! └───────┬─────────────────────────────────────────▲────────┘
//!         │  http::Response, or TransportFailure    │  http::Request, or how long to sleep
//! ┌───────▼─────────────────────────────────────────┴────────┐
//! │ byourside-proto: no I/O                                  │
//! │   client ─▶ machine ─▶ webhook ─▶ api ─▶ types           │
//! └──────────────────────────────────────────────────────────┘
//! ```
//!
//! # Layers
//!
//! The modules are layers. Each uses only those above it in this table:
//!
//! | module | what is in it |
//! |---|---|
//! | [`types`] | the values: phone numbers, call ids, fields, statuses, call records, times |
//! | [`api`] | the operations [`PlaceCall`], [`GetCall`], [`ListCalls`]: each a request and a parser of its answer |
//! | [`webhook`] | deliveries: verify the signature, read the event, recognise repeated deliveries |
//! | [`machine`] | the state machines that place, wait, read and reconcile: retries, backoff, deadlines, snapshots |
//! | [`client`] | the client, generic over an adapter's transport; its methods are named as in the vendor's own ("official") clients |
//!
//! An operation alone is stateless:
//!
//! ```
//! use byourside_proto::{Api, Operation, PlaceCall};
//!
//! let api = Api::with_key("bys_ak_example")?;
//! let call = PlaceCall::new("+14155550123", "Confirm the appointment.")?;
//! let request = call.request(&api);
//! assert_eq!(request.uri(), "https://api.byourside.ai/v1/agent/calls");
//! # Ok::<(), byourside_proto::BuildError>(())
//! ```
//!
//! # The loop
//!
//! Everything that takes more than one step is a [`Machine`]. This loop drives all of them:
//!
//! ```
//! use byourside_proto::{Action, Machine, Monotonic, TransportFailure};
//! use http::{Request, Response};
//! use std::time::Duration;
//!
//! fn run<M: Machine>(
//!     machine: &mut M,
//!     send: impl Fn(Request<Vec<u8>>, Duration) -> Result<Response<Vec<u8>>, TransportFailure>,
//!     sleep: impl Fn(Duration),
//!     now: impl Fn() -> Monotonic,
//! ) -> M::Output {
//!     loop {
//!         match machine.poll(now()) {
//!             Action::Send(request, slot) => {
//!                 let result = send(request, slot.timeout());
//!                 machine.handle(now(), slot.reply(result));
//!             }
//!             Action::Sleep(duration) => sleep(duration),
//!             Action::Done(output) => break output,
//!         }
//!     }
//! }
//! ```
//!
//! It ships as [`drive_blocking`], and as [`drive`] for any async runtime. The caller has four duties:
//! - Send each request once.
//! - Return every answer, even a redirect, and follow no redirect.
//! - Stop an attempt after `slot.timeout()`, with [`TransportFailure::timed_out`].
//! - Report a failure as [`not_sent`](TransportFailure::not_sent) only if the request provably never left, and as
//!   [`maybe_sent`](TransportFailure::maybe_sent) otherwise.
//!
//! The machines are:
//!
//! | machine | what it does | ends with |
//! |---|---|---|
//! | [`Placer`] | places one call, at most once | [`Placement`]: *placed*, *not placed* or *unknown* |
//! | [`CallWaiter`] | waits until a call has a terminal status | [`FinishedCall`], or [`WaitError`] |
//! | [`Reconciler`] | looks for a call whose placement is *unknown* | [`Reconciliation`]: found, absent or ambiguous |
//! | [`Reader`] | sends one GET, and retries transient failures | the answer, or [`machine::Error`] |
//! | [`PlaceSet`] | places many calls, paced and bounded | one [`Placement`] for each |
//! | [`WaitSet`] | waits for many calls with few requests | one result for each call |
//!
//! A machine is in one of three states:
//!
//! ```text
//!             poll: Sleep                     poll: Sleep, until the attempt timeout
//!               ┌─────┐                          ┌──────┐
//!               ▼     │       poll: Send         ▼      │
//!  new ──────▶ idle ──┴─────────────────────▶ in flight ┘
//!  restore     ▲  │                              │  │
//!              │  │     handle, attempt timeout  │  │
//!              └──┼──────────────────────────────┘  │
//!                 │ deadline, event                 │ handle, attempt timeout, event
//!                 ▼                                 │
//!                done ◀─────────────────────────────┘
//!                     poll: Done, with the same output each time
//! ```
//!
//! A set may have several requests in flight, and leaves *done* when something is added to it. The rules that every
//! machine keeps, for drivers, event loops and simulators to rely on, are listed on [`Machine`].
//!
//! # Errors by phase
//!
//! | phase | type | meaning |
//! |---|---|---|
//! | before any I/O | [`BuildError`] | invalid input or configuration; nothing was sent |
//! | sending | [`TransportFailure`] | no complete answer came; it says whether the request [may have left](machine::Sent) |
//! | the answer | [`ApiError`] | refused, with the service's error token, or a 2xx that could not be read |
//! | reading a call or the list | [`machine::Error`] | one of the three above |
//! | placing a call | [`PlaceError`] | *not placed*: it may be placed again; *unknown*: a phone may be ringing |
//! | waiting for a call | [`WaitError`] | the wait ended before the call did; has the id and, for a single wait, the last record |
//! | placing and waiting | [`CallError`] | a [`BuildError`], [`PlaceError`] or [`WaitError`] |
//! | restoring a machine | [`SnapshotError`] | a snapshot of another machine or version, or a malformed one |
//! | verifying a delivery | [`Refusal`] | the signature does not prove that the service sent it |
//! | reading an event | [`EventError`] | the body is signed, but it is not an event |
//!
//! Each has `code()`, a short name for logs and metrics (the official clients' name where they have one), and
//! `status()`, the HTTP status or 0 where no answer came. `Display` says what happened and, where it can, what to do
//! next.
//!
//! # Placing is not idempotent
//!
//! A repeated POST rings a phone twice, and the API documents no idempotency key. So [`Placer`] retries only what was
//! provably *not placed*: the request never left, or the service refused it. Every other failure ends as *unknown*, and
//! nothing is sent again. For *unknown*, [`Reconciler`] looks for the call in the list of recent calls. A [correlation
//! token](PlaceCall::correlation) in the webhook URL shows which call a verified event belongs to, even if the answer
//! to the POST was lost.
//!
//! # What to persist, and when
//!
//! - **A placement: after `poll` returned `Send`, and before the request is sent.** Write [`Placer::snapshot`] or
//!   [`PlaceSet::snapshot`]. After a crash, a placement that was in flight is restored as *unknown*, and its POST is not
//!   repeated. For a [`PlaceSet`], a journal of your own is enough. Before a request is sent, write its intent to the
//!   journal: the name that you gave the call, as [`Intent::of`] reads it from the request. Write the outcome too,
//!   when there is one. After a crash, an intent without an outcome is *unknown*.
//! - **The id of a placed call: as soon as it is known.** A new [`CallWaiter`] can wait for it, with a new deadline.
//! - **A wait or a reconciliation: at any time.** [`CallWaiter::snapshot`], [`WaitSet::snapshot`] and
//!   [`Reconciler::snapshot`] keep the time that was left and what was seen. Losing such a snapshot loses no call.
//! - **Handled events: after handling.** A [`Deduplicator`] serialises, so that a restart still recognises
//!   redeliveries.
//!
//! A [`Reader`] is not persisted: read again. With [`Snapshot::aged`](machine::Snapshot::aged) you say how long the
//! process was down. The API key is not in a snapshot; pass it to `restore`.
//!
//! # Webhook events and polling
//!
//! Events do not replace polling. A delivery can be lost, late or repeated, so a wait goes on sending GETs alongside
//! them; an event ends the wait sooner. Give verified events to [`CallWaiter::on_event`], [`WaitSet::on_event`],
//! [`Placer::on_event`] or [`Reconciler::on_event`], and call `poll` again after each: an event can make
//! [`next_wake`](Machine::next_wake) earlier. The clients' `wait_for_call_with_events` polls and takes events at the
//! same time.
//!
//! # Time and randomness
//!
//! [`Monotonic`] is for waits and deadlines, [`UnixTime`] for webhook signatures. The caller reads both clocks. Jitter
//! comes from the `seed` in the options. Give each machine a different seed, as the clients do; machines with the same
//! seed that fail together retry together.
//!
//! # Secrets
//!
//! - The API key and webhook secrets appear in no `Debug` output, error or [`Snapshot`](machine::Snapshot).
//! - `Debug` output and errors contain no whole phone number and nothing that was said in a call. There are two
//!   exceptions. The error of an answer that is not a 2xx, or is a 2xx that could not be read, shows up to 200 bytes of
//!   the body, with anything that looks like a key or a phone number redacted. The error of [`Call::extracted_as`] is
//!   `serde_json`'s, and may quote an extracted value.
//! - A [`Snapshot`](machine::Snapshot) does contain what the call is about: phone numbers, the objective, the last
//!   record. Store it as you store call records.
//!
//! [`ApiError`]: api::ApiError
//! [`CallError`]: client::CallError
//! [`CallWaiter`]: machine::wait::CallWaiter
//! [`CallWaiter::on_event`]: machine::wait::CallWaiter::on_event
//! [`CallWaiter::snapshot`]: machine::wait::CallWaiter::snapshot
//! [`Deduplicator`]: webhook::Deduplicator
//! [`EventError`]: webhook::EventError
//! [`FinishedCall`]: machine::wait::FinishedCall
//! [`Intent::of`]: machine::place_set::Intent::of
//! [`PlaceError`]: machine::place::PlaceError
//! [`PlaceSet`]: machine::place_set::PlaceSet
//! [`PlaceSet::snapshot`]: machine::place_set::PlaceSet::snapshot
//! [`Placement`]: machine::place::Placement
//! [`Placer`]: machine::place::Placer
//! [`Placer::on_event`]: machine::place::Placer::on_event
//! [`Placer::snapshot`]: machine::place::Placer::snapshot
//! [`Reader`]: machine::read::Reader
//! [`Reconciler`]: machine::reconcile::Reconciler
//! [`Reconciler::on_event`]: machine::reconcile::Reconciler::on_event
//! [`Reconciler::snapshot`]: machine::reconcile::Reconciler::snapshot
//! [`Reconciliation`]: machine::reconcile::Reconciliation
//! [`Refusal`]: webhook::Refusal
//! [`SnapshotError`]: machine::SnapshotError
//! [`WaitError`]: machine::wait::WaitError
//! [`WaitSet`]: machine::wait_set::WaitSet
//! [`WaitSet::on_event`]: machine::wait_set::WaitSet::on_event
//! [`WaitSet::snapshot`]: machine::wait_set::WaitSet::snapshot
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(test)]
extern crate self as byourside_proto;

pub mod api;
pub mod client;
pub mod machine;
#[cfg(test)]
mod testing;
pub mod types;
pub mod webhook;

pub use api::{Api, ApiKey, BaseUrl, GetCall, ListCalls, Operation, PlaceCall};
pub use machine::{Action, Machine, TransportFailure, drive, drive_blocking};
pub use types::{BuildError, Call, CallId, Field, FieldType, Monotonic, Status, UnixTime};
