//! Sends one GET, and retries it after a transient failure.
//!
//! ```text
//!            GET                2xx
//!  (start) ──────▶ (in flight) ─────────────────────────────────▶ done: the answer
//!            ▲          ├────── 401, 404, any other 4xx ────────▶ done: the error
//!            │ backoff  ├────── 5xx, 429, unreadable, no answer
//!            └──────────┘       while retries and time are left; then ▶ done: the error
//! ```
//!
//! - [`Reader`] takes any [`ReadOperation`]: `GetCall` or `ListCalls`. It ends with the answer, or with the last
//!   [`Error`](super::Error).
//! - [`ReadOptions`]: 60 s in all, 15 s for an attempt, 3 retries with a backoff of 500 ms, doubling up to 10 s. A
//!   `Retry-After` is waited for if it ends before the deadline.
mod options;
mod reader;

pub use options::ReadOptions;
pub use reader::{ReadOperation, Reader};
