//! Places one call, at most once.
//!
//! [`Placer`] sends `POST /v1/agent/calls`. Repeating that request can ring a stranger's phone twice, so the placer
//! sends it again only if it is proven that no call was placed.
//!
//! ```text
//!             POST              2xx with an id, or an event with the call's token
//!  (start) ───────▶ (in flight) ───────────────────────────────────────────────▶ placed
//!            ▲           ├────── 4xx, placement_failed ────────────────────────▶ not placed
//!            │ backoff   ├────── 3xx, 5xx, unreadable 2xx, no answer ──────────▶ unknown
//!            └───────────┴────── rate_limited, or no connection, while retries are left
//! ```
//!
//! - Ends with a [`Placement`]: *placed*, *not placed* or *unknown*. For *unknown* there is
//!   [`Reconciler`](super::reconcile::Reconciler). The diagram is a summary; `outcome.rs` decides what each status and
//!   token proves.
//! - By default ([`PlaceOptions`]), there are 2 retries, and the backoff before them doubles from 1 s up to 10 s. A
//!   `Retry-After` of up to 30 s is waited for, and an attempt times out after 30 s.
//! - To place many calls, use [`place_set`](super::place_set).
mod error;
mod options;
mod outcome;
mod placer;
pub(crate) mod snapshot;
#[cfg(test)]
mod tests;

pub use error::{NotPlaced, PlaceError, Unknown};
pub use options::PlaceOptions;
pub use outcome::Placement;
pub use placer::Placer;
