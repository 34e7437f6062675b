//! What a wait is doing, and why. The status of a call is in `types/status.rs`.
use core::{fmt, time::Duration};
use serde::{Deserialize, Serialize};

/// What a wait is doing, and for how long, as returned by [`CallWaiter::status`](super::CallWaiter::status).
///
/// `Display` shows both, for logs: `8.0 s: the service asked for 8.0 s (Retry-After)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitStatus {
    /// How long it will go on with that, unless an answer or an event comes first.
    pub wait: Duration,
    /// What it is doing.
    pub reason: Reason,
}

/// What a wait is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Reason {
    /// The first GET is due.
    Start,
    /// A GET is in flight, and its answer is waited for.
    Asking,
    /// The call has not ended. The next GET is sent one interval after the last answer.
    Interval,
    /// The last GET failed in a transient way.
    Backoff {
        /// How many failures there were in a row.
        failures: u32,
    },
    /// The service asked for this `Retry-After` delay, which the options can cut.
    RetryAfter(Duration),
    /// The service answered 404: the call was just placed, and may not be readable yet.
    NotReadableYet,
    /// The call has ended, and its results may come a little later.
    Settling {
        /// The maximum number of GETs that will still be sent.
        left: u32,
    },
    /// The last GET is due at the deadline.
    LastGet,
    /// The wait is over.
    Over,
}

impl fmt::Display for WaitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Seconds(self.wait), self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("the first GET is due"),
            Self::Asking => f.write_str("a GET is in flight; its answer is waited for no longer than that"),
            Self::Interval => f.write_str("the call has not ended; the next GET is one interval after the last answer"),
            Self::Backoff { failures: 1 } => f.write_str("backing off after a failure"),
            Self::Backoff { failures } => write!(f, "backing off after {failures} failures in a row"),
            Self::RetryAfter(asked) => write!(f, "the service asked for {} (Retry-After)", Seconds(*asked)),
            Self::NotReadableYet => f.write_str("the call was just placed, and may not be readable yet"),
            Self::Settling { left } => write!(f, "the call has ended, and up to {left} more GETs are for its results"),
            Self::LastGet => f.write_str("the last GET is due at the deadline"),
            Self::Over => f.write_str("the wait is over"),
        }
    }
}

/// Shows a duration in seconds, cut to tenths.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} s", self.0.as_secs(), self.0.subsec_millis() / 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn wait_status_shows_its_duration_and_its_reason() {
        let status = |reason| {
            let wait = Duration::from_millis(8_090);
            WaitStatus { wait, reason }.to_string()
        };
        assert_eq!(status(Reason::Start), "8.0 s: the first GET is due");
        assert_eq!(
            status(Reason::RetryAfter(Duration::from_secs(8))),
            "8.0 s: the service asked for 8.0 s (Retry-After)"
        );
    }
}
