//! The By Your Side Agent calling API, without I/O: an AI places a phone call for you, and this is the client's mind.
//!
//! An operation becomes an [`http::Request`], the status, headers and body that come back become a typed answer, and
//! machines decide *when* to do what. Sockets, clocks, runtimes and randomness stay with the caller; `no_std` is the
//! proof of it.
//!
//! # Who this is for
//! - *Just call someone*: take an adapter, `byourside-tokio`, `byourside-async-std` or `byourside-ureq`. Each is the
//!   [`client`] of this crate over a transport of its own: `client.place_and_wait(&call)` is the whole program.
//! - *My own stack*: an HTTP client, an event loop or a workflow engine of your own runs the loop below.
//! - *Prove it*: the simulated service, `byourside-sim`, answers the same requests in virtual time, from a seed.
//!
//! # Operations
//! [`PlaceCall`], [`GetCall`] and [`ListCalls`] are pairs of a request and a parser, and hold no state:
//!
//! ```
//! use byourside_proto::{Api, Operation, PlaceCall};
//!
//! let api = Api::with_key("bys_ak_example")?;
//! let place = PlaceCall::new("+14155550123", "Confirm the appointment.")?;
//! let request = place.request(&api);
//! assert_eq!(request.uri(), "https://api.byourside.ai/v1/agent/calls");
//! # Ok::<(), byourside_proto::BuildError>(())
//! ```
//!
//! # The loop
//! Whatever takes more than one step is a [`Machine`]: [`Placer`], [`Reconciler`], [`CallWaiter`], [`Reader`], and
//! [`PlaceSet`] and [`WaitSet`] for many calls at once. All are driven in the same way; [`drive`] and
//! [`drive_blocking`] are this loop.
//!
//! ```
//! use byourside_proto::{Action, Machine, machine::wait::CallWaiter};
//! # use byourside_proto::{Api, CallId, Monotonic, TransportFailure, machine::wait::WaitOptions};
//! # use http::{Request, Response};
//! # let api = Api::with_key("bys_ak_example")?;
//! # let now = || Monotonic::ORIGIN;
//! # let sleep = |_| {};
//! # let send = |_: Request<Vec<u8>>, _| {
//! #     Ok::<_, TransportFailure>(Response::new(br#"{"id": "c1", "status": "completed"}"#.to_vec()))
//! # };
//! let mut machine = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), now());
//! let output = loop {
//!     match machine.poll(now()) {
//!         Action::Send(request, slot) => {
//!             let result = send(request, slot.timeout());
//!             machine.handle(now(), slot.reply(result));
//!         }
//!         Action::Sleep(duration) => sleep(duration),
//!         Action::Done(output) => break output,
//!     }
//! };
//! assert!(output.is_ok());
//! # Ok::<(), byourside_proto::BuildError>(())
//! ```
//!
//! ```text
//!                  poll: Sleep                 poll: Sleep, until the attempt's timeout
//!                   ┌──────┐                       ┌──────┐
//!                   ▼      │     poll: Send        ▼      │
//!   new ────────▶ resting ─┴────────────────────▶ out ────┘
//!   restore          ▲                             │ │
//!                    └──── handle, or the timeout ─┘ │
//!                    │                               │
//!                    └──── an end, or an event ──────┴──▶ done: the same answer for ever
//! ```
//!
//! Rules on which a driver, a simulator and an event loop can rely:
//!
//! 1. `poll` at one `now` is idempotent, but that the call which returns `Send` hands the request out exactly once.
//! 2. After `Sleep(d)`, which is never zero, `poll(now + d)` is not `Sleep`. Early and late wake-ups are harmless.
//! 3. `next_wake` is the earliest moment at which `poll` stops returning `Sleep`.
//! 4. Time inside never goes backwards, whatever is passed in.
//! 5. `Done` is sticky.
//! 6. Every method is total; a stale or foreign reply is ignored.
//! 7. While a request is out, `poll` returns `Sleep` until that attempt's timeout: a driver that forgets to answer costs
//!    latency, never a storm of requests.
//! 8. At most 100 requests a second, whatever the input.
//! 9. Deadlines come from `now`, never from adding sleeps.
//! 10. A driver can stop at any point, and another one go on with the same machine. [`Placer`], [`Reconciler`] and
//!     [`CallWaiter`] can be written down, as a [`Snapshot`], and go on in another process.
//!
//! An event that is given to a machine can move its `next_wake` forward: poll again after it.
//!
//! # Errors, by phase
//! | phase | type | what it means |
//! |---|---|---|
//! | before any I/O | [`BuildError`] | bad input; nothing was sent |
//! | on the way | [`TransportFailure`] | no whole answer, and whether the request [can have left](Sent) |
//! | the answer | [`ApiError`] | a refusal with the service's token, or a 2xx that is not what was asked for |
//! | a whole placing | [`PlaceError`] | *not placed*, or *unknown* |
//! | a whole wait | [`WaitError`] | the end was not seen; with the last record and what it took |
//!
//! Each has a `code()` and a `status()` in the official clients' words, and says what to do next.
//!
//! # Placing is special
//! A POST that is repeated rings a stranger's phone twice. So [`Placer`] ends with a [`Placement`]: *placed*, *not
//! placed*, or *unknown*, and only what is provably not placed is ever tried again. For *unknown* there is
//! [`Reconciler`], which looks for the call in the list and never says that it is absent while it cannot know. A
//! [correlation token](PlaceCall::correlation) lets any webhook event prove which intent it belongs to.
//!
//! # Webhooks
//! [`webhook`] verifies deliveries, reads their events, and tells repeated ones. A verified event goes to
//! [`CallWaiter::on_event`], [`Placer::on_event`] or [`Reconciler::on_event`]; polling goes on beside it, and whichever
//! comes first ends the wait. The clients' `wait_for_call_with_events` does both at once.
//!
//! # Time and randomness
//! [`Monotonic`] is for waits and deadlines, [`UnixTime`] for signatures; the caller reads both clocks. Jitter comes from a
//! seed in the options: give each machine another one, as the clients do, or many that fail together come back together.
//!
//! # Secrets
//! The key is in no `Debug`, error or snapshot; whole phone numbers and what people said are in no `Debug` or error. A
//! [`Snapshot`] does hold what the call is about: keep it as you keep the call's record.
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
