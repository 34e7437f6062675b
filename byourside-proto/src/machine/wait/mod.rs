//! Waits for one call to end: polls, backs off, takes webhook events, and keeps a deadline.
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
