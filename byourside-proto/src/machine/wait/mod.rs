//! Waits until one call has ended.
//!
//! [`CallWaiter`] sends GETs for the record of the call, takes webhook events, backs off after failures, and keeps a
//! deadline.
//!
//! ```text
//!            GET               terminal status
//!  (start) ──────▶ (in flight) ────────────────────────────────▶ done: the record
//!            ▲          ├───── 401, 403, 404, any other 4xx ───▶ done: refused, with the last record
//!            │ pause    ├───── too many failures in a row ─────▶ done: gave up, with the last record
//!            └──────────┴───── not terminal, or 5xx, 429, unreadable, no answer
//!                              at the deadline: one last GET ──▶ done: timed out, with the last record
//!
//!  at any time: a terminal event ──▶ done: the record of the event, or of one more GET
//!  after any WaitError: extend ──▶ (start)
//! ```
//!
//! The diagram is a summary; [`ApiError::is_transient`](crate::api::ApiError::is_transient) decides which answers are
//! transient.
//!
//! - Ends with a [`FinishedCall`], or with a [`WaitError`]. The call itself may go on after a `WaitError`.
//! - By default ([`WaitOptions`]), the deadline is after 180 s, a GET follows 3 s after each answer, an attempt times
//!   out after 15 s, and 20 failures in a row are tolerated. The backoff after a failure doubles from 1 s up to 30 s. A
//!   `Retry-After` of up to 60 s is waited for. A 404 is tolerated for the first 10 s, because a call that was just
//!   placed may not be readable yet.
//! - [`CallWaiter::status`] says why it waits. [`CallWaiter::with_callback`] reports each change of the status of the
//!   call.
//! - To wait for many calls, use [`wait_set`](super::wait_set).
mod events;
mod options;
mod outcome;
mod protocol;
mod status;
#[cfg(test)]
mod tests;
mod waiter;
mod with_callback;

pub use options::{OnTerminalEvent, WaitOptions};
pub use outcome::{EndSource, EventEffect, FinishedCall, WaitCounts, WaitError, WaitFailure};
pub use status::{Reason, WaitStatus};
pub use waiter::CallWaiter;
pub use with_callback::WithCallback;
