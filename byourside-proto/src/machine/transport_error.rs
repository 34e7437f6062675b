//! The failure of a transport: no complete answer came.
use crate::types::redact;
use alloc::{format, string::String};
use core::fmt;
use serde::{Deserialize, Serialize};

/// Why no complete answer came, and whether the request can have been sent.
///
/// A transport must be careful with [`not_sent`](Self::not_sent): a POST that provably did not leave may be sent again,
/// and any other one is not.
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

/// Whether a request can have left this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sent {
    /// The request provably did not leave: there was no connection, or no byte of the request was written to one.
    No,
    /// Some of the request may have left. Use this when in doubt.
    Maybe,
}

impl TransportFailure {
    /// The request provably never left: the name did not resolve, the connection was refused, or TLS failed.
    ///
    /// The first 200 bytes of the reason are kept, with API keys and phone numbers redacted.
    #[must_use]
    pub fn not_sent(reason: impl fmt::Display) -> Self {
        Self::new(Sent::No, reason)
    }

    /// Some of the request may have left, and no complete answer came. The reason is redacted as in
    /// [`not_sent`](Self::not_sent).
    #[must_use]
    pub fn maybe_sent(reason: impl fmt::Display) -> Self {
        Self::new(Sent::Maybe, reason)
    }

    /// The attempt timed out, and some of the request may have left.
    #[must_use]
    pub fn timed_out() -> Self {
        // The reason needs no redacting, and a wait for a silent server makes many of these.
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

    /// Whether the request can have left this machine.
    #[must_use]
    pub fn sent(&self) -> Sent {
        self.sent
    }

    /// Whether the attempt timed out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.timed_out
    }

    /// Always `network_error`, as in the official clients: `timeout` is their code for a whole wait that timed out.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "network_error"
    }

    /// Always 0: there was no HTTP answer.
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
            Sent::Maybe => write!(
                f,
                "The request may have arrived, but no complete answer came: {reason}."
            ),
        }
    }
}

impl core::error::Error for TransportFailure {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn transport_failure_tells_a_timeout_and_what_can_have_been_sent() {
        for (failure, sent, timed_out) in [
            (TransportFailure::not_sent("connection refused"), Sent::No, false),
            (TransportFailure::maybe_sent("connection reset"), Sent::Maybe, false),
            (TransportFailure::timed_out(), Sent::Maybe, true),
        ] {
            assert_eq!((failure.sent(), failure.is_timeout()), (sent, timed_out));
            assert_eq!((failure.code(), failure.status()), ("network_error", 0));
        }
    }

    #[test]
    fn transport_failure_redacts_its_reason() {
        let reason = "no route for bys_ak_secret and +14155550123";
        for failure in [TransportFailure::not_sent(reason), TransportFailure::maybe_sent(reason)] {
            let shown = failure.to_string();
            assert!(!shown.contains("bys_ak_secret") && !shown.contains("555"), "{shown}");
        }
    }
}
