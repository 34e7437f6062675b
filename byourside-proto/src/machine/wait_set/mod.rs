//! Waits for many calls at once, with few requests.
//!
//! One list request of a [`WaitSet`] reads up to 100 calls. A call that the list does not show gets a GET of its own.
//! When the list shows that a call has ended, one more GET fetches its record. Webhook events make GETs rare. A 429
//! pauses all requests, because the rate limit is the account's.
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
//!   [`WaitError`](super::wait::WaitError), from [`WaitSet::take_result`]. The set itself is done while it has no call to
//!   wait for.
//! - By default ([`WaitSetOptions`]), each call has a deadline after 180 s. While the list does not show a call, it
//!   gets a GET every 3 s, or every 120 s while its events arrive. The set sends a list request every 2.75 s, and has
//!   at most 16 requests in flight and 100 a second. An attempt times out after 15 s, the backoff doubles from 1 s up
//!   to 30 s, a `Retry-After` of up to 60 s is waited for, and 20 failures in a row are tolerated.
//! - [`WaitSetOptions::plan`] computes an upper bound on the number of requests.
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
