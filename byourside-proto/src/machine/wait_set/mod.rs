//! Waits for many calls at once, with few requests.
//!
//! [`WaitSet`] reads up to 100 calls with one list. A call that the list does not show is read with a GET of its own,
//! and the record of a call that has ended is fetched with one more GET. Webhook events make GETs rare. A 429 pauses
//! all requests, because the rate limit is the account's.
//!
//! ```text
//!                 ┌──────────────────────────┐
//!                 ▼    list or GET           │ not terminal, or a transient failure
//!  add ──▶ waiting for its turn ──▶ read ────┴──▶ finished: a terminal record
//!                 │                   ├─────────▶ refused: 401, 403, 404, any other 4xx
//!                 │                   ├─────────▶ gave up: too many failures in a row
//!                 │                   └─────────▶ timed out: after the last GET, at its deadline
//!                 ├── a terminal event ─────────▶ finished: the record of the event, or of one more GET
//!                 └── remove ───────────────────▶ gone, without a result
//! ```
//!
//! - Yields the id of each call with a [`FinishedCall`](super::wait::FinishedCall) or a
//!   [`WaitError`](super::wait::WaitError), from [`WaitSet::take_result`]. The set itself is done while no call is
//!   waiting.
//! - [`WaitSetOptions`]: for each call a deadline after 180 s and a GET every 3 s (every 120 s while its events come);
//!   a list every 2.75 s; up to 16 requests in flight and 100 a second; 15 s for an attempt; a backoff of 1 s, doubling
//!   up to 30 s; a `Retry-After` of up to 60 s is waited for; up to 20 failures in a row.
//! - [`WaitSetOptions::plan`] computes how many requests that takes at most.
//!
//! `verdict.rs` decides what an answer means for a call, `events.rs` what an event means. `listing.rs` decides when the
//! list is requested, `timers.rs` and `calls.rs` when a call gets its own GET.
mod calls;
mod events;
mod id;
mod in_flight;
mod listing;
mod options;
mod plan;
mod set;
mod snapshot;
#[cfg(test)]
mod tests;
mod timers;
mod verdict;

pub use options::WaitSetOptions;
pub use plan::RequestPlan;
pub use set::WaitSet;
