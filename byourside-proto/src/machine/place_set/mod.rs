//! Places many calls, each at most once.
//!
//! [`PlaceSet`] runs a [`Placer`](super::place::Placer) for each call, with a bound on the calls that have begun and on
//! the request rate. A 429 pauses all of them, because the rate limit is the account's.
//!
//! ```text
//!  add ──▶ waiting ──────▶ begun: in flight, or waiting for a retry ──▶ placed, not placed, or unknown
//!            │     room                                                          ▲
//!            ├── an event with the call's correlation token ─────────────────────┘
//!            └── remove ──▶ gone, without an outcome
//! ```
//!
//! - Each call has an [`Intent`], a name that the caller gives it. A name is accepted once, even after a restart.
//! - Yields each intent with its [`Placement`](super::place::Placement), from [`PlaceSet::take_result`]. The set itself
//!   is done while no call is left to place.
//! - [`PlaceSetOptions`]: up to 8 calls that have begun, 10 requests a second, and for each call up to 20 retries, with
//!   a `Retry-After` of up to 60 s.
mod events;
mod intent;
mod options;
mod set;
mod snapshot;

pub use intent::Intent;
pub use options::PlaceSetOptions;
pub use set::PlaceSet;
