//! State machines that decide *when* to send *what*. None of them does I/O or reads a clock.
//!
//! | module | machine | what it does | what it ends with |
//! |---|---|---|---|
//! | [`place`] | [`Placer`] | places one call, at most once | [`Placement`] |
//! | [`read`] | [`Reader`] | sends one GET, with retries | the answer, or [`Error`] |
//! | [`wait`] | [`CallWaiter`] | waits until one call has ended | [`FinishedCall`], or [`WaitError`] |
//! | [`reconcile`] | [`Reconciler`] | finds out whether a call was placed | [`Reconciliation`] |
//! | [`place_set`] | [`PlaceSet`] | places many calls, each at most once | the same as `place`, for each |
//! | [`wait_set`] | [`WaitSet`] | waits for many calls, with few requests | the same as `wait`, for each |
//!
//! All of them implement [`Machine`], which states the [ten rules](Machine#rules) that they keep. `PlaceSet` and
//! `WaitSet` also implement [`MachineSet`]. [`drive()`] and [`drive_blocking`] run a machine to its end. A loop of your
//! own does three things: it sends the request of [`Action::Send`] and gives the result to [`Machine::handle`] through
//! the [`ReplySlot`], it sleeps for [`Action::Sleep`], and it stops at [`Action::Done`].
//!
//! A machine for one call or one read is in one of three states; a set keeps a state for each of its calls.
//!
//! ```text
//!             poll: Sleep                      poll: Sleep, until the attempt timeout
//!                ┌───┐                            ┌─────┐
//!                ▼   │        poll: Send          ▼     │
//!  new ───────▶ Idle ┴───────────────────────▶ InFlight ┘
//!  restore       ▲                                 │
//!                └───── handle, or the timeout ────┤
//!                                                  ▼
//!                                                 Done: poll returns the same output for ever
//!
//!  from Idle and InFlight: a deadline, or a webhook event ──▶ Done
//! ```
//!
//! All machines but [`Reader`] can be stored as a [`Snapshot`] and restored in another process.
//!
//! # Where is it decided?
//! For those who change this crate. The files are in `src/machine/`, unless they begin with `api/`.
//!
//! | decision | file | function |
//! |---|---|---|
//! | how long to wait after a 429 or a failure, when placing | `place/placer.rs` | `retry_pause` |
//! | ... in a read | `read/reader.rs` | `retry_pause` |
//! | ... in a wait | `wait/protocol.rs` | `failed` |
//! | ... in a reconciliation | `reconcile/protocol.rs` | `failed`, `back_off` |
//! | ... in a set that places | `place_set/set.rs` | `apply_rate_limit` |
//! | ... in a set that waits | `wait_set/verdict.rs` | `failed`, `apply_rate_limit` |
//! | how a `Retry-After` header is read | `api/retry_after.rs` | `retry_after` |
//! | how a backoff grows, and its jitter | `backoff.rs` | `Backoff::pause` |
//! | what an answer to a POST proves, and what a lost answer means | `place/outcome.rs` | `Placement::judge` |
//! | what happens to a request without an answer, after its timeout | `engine.rs` | `poll` |
//! | ... in a set that waits | `wait_set/in_flight.rs` | `expire` |
//! | ... when the process ended | `snapshot.rs` | `lost`, `restore` |
//! | when a wait gives up | `wait/protocol.rs` | `wake`, `failed` |
//! | ... in a set that waits | `wait_set/verdict.rs` | `on_record`, `failed`, `end_at_deadline` |
//! | when a reconciler says *absent* | `reconcile/protocol.rs` | `conclude` |
//! | which entries of a list could be the call | `reconcile/matching.rs` | `matches` |
//! | whether a list reaches back far enough | `reconcile/search.rs` | `ListReading::of` |
//!
//! [`CallWaiter`]: wait::CallWaiter
//! [`FinishedCall`]: wait::FinishedCall
//! [`Placement`]: place::Placement
//! [`Placer`]: place::Placer
//! [`PlaceSet`]: place_set::PlaceSet
//! [`Reader`]: read::Reader
//! [`Reconciler`]: reconcile::Reconciler
//! [`Reconciliation`]: reconcile::Reconciliation
//! [`WaitError`]: wait::WaitError
//! [`WaitSet`]: wait_set::WaitSet
mod action;
mod backoff;
mod drive;
mod engine;
mod error;
pub mod place;
pub mod place_set;
mod random;
pub mod read;
pub mod reconcile;
mod reply;
mod snapshot;
mod traits;
mod transport_error;
pub mod wait;
pub mod wait_set;

pub use action::Action;
pub use backoff::Backoff;
pub use drive::{drive, drive_blocking};
pub use error::Error;
pub use reply::{Reply, ReplySlot};
pub use snapshot::{Snapshot, SnapshotError};
pub use traits::{Machine, MachineSet};
pub use transport_error::{Sent, TransportFailure};
