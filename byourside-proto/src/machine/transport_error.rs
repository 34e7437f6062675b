//! No whole answer came.
use crate::types::redact;
use alloc::{format, string::String};
use core::fmt;
use serde::{Deserialize, Serialize};

/// Why there is no whole answer, and whether the request can have left.
///
/// The distinction decides whether a call may be placed again: only what provably never left may.
///
/// ```
/// use byourside_proto::{TransportFailure, machine::Sent};
///
/// let refused = TransportFailure::not_sent("connection refused");
/// assert_eq!(refused.sent(), Sent::No);
/// assert_eq!(refused.to_string(), "The request never left: connection refused. Check the network and the base URL.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransportFailure {
    sent: Sent,
    timed_out: bool,
    reason: String,
}

/// Whether a request can have reached the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sent {
    /// Provably not: no connection came about, or none of its bytes was handed to one.
    No,
    /// Some of it may have. When in doubt, this.
    Maybe,
}

impl TransportFailure {
    /// The request provably never left: the name did not resolve, the connection was refused, TLS failed.
    ///
    /// The reason is kept in part only (200 characters), without anything that looks like a key or a phone number.
    ///
    /// ```
    /// # use byourside_proto::TransportFailure;
    /// let failure = TransportFailure::not_sent("no route for bys_ak_example");
    /// assert!(!failure.to_string().contains("bys_ak_example"));
    /// ```
    #[must_use]
    pub fn not_sent(reason: impl fmt::Display) -> Self {
        Self::new(Sent::No, reason)
    }

    /// Some of the request may have left, and no whole answer came back.
    ///
    /// ```
    /// # use byourside_proto::{TransportFailure, machine::Sent};
    /// assert_eq!(TransportFailure::maybe_sent("connection reset").sent(), Sent::Maybe);
    /// ```
    #[must_use]
    pub fn maybe_sent(reason: impl fmt::Display) -> Self {
        Self::new(Sent::Maybe, reason)
    }

    /// No whole answer came in time, and some of the request may have left.
    ///
    /// ```
    /// # use byourside_proto::{TransportFailure, machine::Sent};
    /// let failure = TransportFailure::timed_out();
    /// assert!(failure.is_timeout() && failure.sent() == Sent::Maybe);
    /// ```
    #[must_use]
    pub fn timed_out() -> Self {
        // There is nothing to hide in it, and it is what waits with silent servers spend their time on.
        Self {
            sent: Sent::Maybe,
            timed_out: true,
            reason: "no answer in time".into(),
        }
    }

    fn new(sent: Sent, reason: impl fmt::Display) -> Self {
        Self {
            sent,
            timed_out: false,
            reason: redact(format!("{reason}").as_bytes()),
        }
    }

    /// Whether the request can have left.
    ///
    /// ```
    /// # use byourside_proto::{TransportFailure, machine::Sent};
    /// assert_eq!(TransportFailure::not_sent("refused").sent(), Sent::No);
    /// ```
    #[must_use]
    pub fn sent(&self) -> Sent {
        self.sent
    }

    /// Whether it was time that ran out.
    ///
    /// ```
    /// # use byourside_proto::TransportFailure;
    /// assert!(!TransportFailure::not_sent("refused").is_timeout());
    /// ```
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.timed_out
    }

    /// Always `network_error`, as in the official clients: their `timeout` is the end of a whole wait.
    ///
    /// ```
    /// # use byourside_proto::TransportFailure;
    /// assert_eq!(TransportFailure::timed_out().code(), "network_error");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        "network_error"
    }

    /// Always 0: no answer came.
    ///
    /// ```
    /// # use byourside_proto::TransportFailure;
    /// assert_eq!(TransportFailure::timed_out().status(), 0);
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        0
    }
}

impl fmt::Display for TransportFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = &self.reason;
        match self.sent {
            Sent::No => write!(
                f,
                "The request never left: {reason}. Check the network and the base URL."
            ),
            Sent::Maybe => write!(f, "The request may have arrived, but no whole answer came: {reason}."),
        }
    }
}

impl core::error::Error for TransportFailure {}
