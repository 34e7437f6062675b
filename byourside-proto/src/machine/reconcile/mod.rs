//! Finds out whether a call was placed whose placement is *unknown*. It only reads, and never places a call.
//!
//! [`Reconciler`] lists the recent calls and looks for one with the same `to` and `objective`, whose `callerId` and
//! `webhookUrl` do not differ. An entry of the list is only promised to have an id and a status, so an entry that shows
//! too little to decide is looked up with a GET of its own. Verified webhook events are evidence as well.
//!
//! ```text
//!            list                one candidate
//!  (start) ───────▶ (in flight) ──────────────────────────────────────▶ found
//!            ▲           ├────── several candidates ──────────────────▶ ambiguous
//!            │           ├────── 401, 403 ────────────────────────────▶ ambiguous, with the failure
//!            │           ├────── no candidate in two lists, settled ──▶ absent
//!            │ pause     │       and the list reaches back far enough
//!            └───────────┴────── undecided, or 5xx, 429, unreadable, no answer
//!                                at the deadline: one last list ──────▶ ambiguous, if it decides nothing
//!
//!  at any time: an event with the call's correlation token ──▶ found
//! ```
//!
//! - Ends with a [`Reconciliation`]: *found*, *absent* or *ambiguous*.
//! - *Absent* needs two lists without a candidate and without an entry that could not be judged, the last one requested
//!   after [`ReconcileOptions::settle`]. Each list must reach back far enough: it has fewer than the 100 entries that
//!   were asked for, or it shows a [known](Reconciler::known) call.
//! - Only a different number, caller, correlation token or objective makes an entry another call. A text that is spelt
//!   differently, cut short or masked leaves it open, and no call is absent while an entry is open.
//! - [`ReconcileOptions`]: a deadline after 120 s, 30 s to settle, a list every 5 s, up to 20 lookups, 15 s for an
//!   attempt, a backoff of 1 s, doubling up to 30 s; a `Retry-After` of up to 60 s is waited for.
mod matching;
mod options;
mod outcome;
mod protocol;
mod reconciler;
mod search;
#[cfg(test)]
mod tests;

pub use options::ReconcileOptions;
pub use outcome::Reconciliation;
pub use reconciler::Reconciler;
