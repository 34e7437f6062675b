//! Tracks whether any of a request was handed to a connection. Before that, the request provably has not left.
//!
//! ureq's errors alone do not tell: a reset during the TLS handshake looks like a reset after the request was sent.
use crate::resolver::ConnectResolver;
use std::cell::Cell;
use ureq::{
    Error,
    unversioned::transport::{
        Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport, time::Duration,
    },
};

/// Timeouts are rounded up to a multiple of this, in milliseconds.
const TIMEOUT_STEP: u64 = 10;

thread_local! {
    /// Thread-local, because an exchange runs on one thread from start to end.
    static HANDED_OVER: Cell<bool> = const { Cell::new(false) };
}

/// Runs an exchange, and returns its outcome and whether any of its request was handed to a connection.
pub(crate) fn track<T>(exchange: impl FnOnce() -> T) -> (T, bool) {
    HANDED_OVER.set(false);
    let outcome = exchange();
    (outcome, HANDED_OVER.get())
}

/// Establishes tracked connections.
#[derive(Debug, Default)]
pub(crate) struct TrackedConnector {
    inner: DefaultConnector,
    resolver: ConnectResolver,
}

impl Connector for TrackedConnector {
    type Out = TrackedTransport;

    fn connect(&self, details: &ConnectionDetails, chained: Option<()>) -> Result<Option<Self::Out>, Error> {
        let before = HANDED_OVER.get();
        let complete = self.resolver.complete(details);
        let connected = complete.and_then(|details| self.inner.connect(&details, chained));
        // What was sent to a proxy to establish the connection is no part of the request.
        HANDED_OVER.set(before);
        Ok(connected?.map(TrackedTransport))
    }
}

/// A connection that records when a request is handed to it.
#[derive(Debug)]
pub(crate) struct TrackedTransport(Box<dyn Transport>);

impl Transport for TrackedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        HANDED_OVER.set(true);
        self.0.transmit_output(amount, round_up(timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(round_up(timeout))
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

/// Rounds a timeout up. The time left shrinks with each step of an exchange, and each change costs a system call to set
/// it on the socket; a rounded one stays the same. Under TLS, ureq computes the timeout itself, and this has no effect.
fn round_up(mut timeout: NextTimeout) -> NextTimeout {
    if let Duration::Exact(after) = timeout.after {
        let milliseconds = u64::try_from(after.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        let rounded = milliseconds.max(1).div_ceil(TIMEOUT_STEP).saturating_mul(TIMEOUT_STEP);
        timeout.after = Duration::from_millis(rounded);
    }
    timeout
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeout_is_rounded_up_and_never_zero() {
        let rounded = |after: Duration| {
            round_up(NextTimeout {
                after,
                ..NextTimeout::default()
            })
            .after
        };
        for (nanoseconds, milliseconds) in [
            (0, 10),
            (1, 10),
            (10_000_000, 10),
            (10_000_001, 20),
            (14_999_999_000, 15_000),
        ] {
            assert_eq!(
                rounded(Duration::Exact(std::time::Duration::from_nanos(nanoseconds))),
                Duration::from_millis(milliseconds)
            );
        }
        assert_eq!(rounded(Duration::NotHappening), Duration::NotHappening);
    }
}
