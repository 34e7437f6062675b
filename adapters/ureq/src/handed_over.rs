//! Whether any of a request was handed to a connection: before that it provably cannot have left.
//!
//! Errors alone do not tell. A reset is one during the TLS handshake and another after the request went out.
use crate::lookup::Lookup;
use std::cell::Cell;
use ureq::{
    Error,
    unversioned::transport::{
        Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport, time::Duration,
    },
};

/// What a time-out is rounded up to, in milliseconds.
const COARSE: u64 = 10;

thread_local! {
    /// An exchange runs on one thread from its start to its end.
    static HANDED_OVER: Cell<bool> = const { Cell::new(false) };
}

/// Runs an exchange, and tells whether any of its request was handed to a connection.
pub(crate) fn watch<T>(exchange: impl FnOnce() -> T) -> (T, bool) {
    HANDED_OVER.set(false);
    let outcome = exchange();
    (outcome, HANDED_OVER.get())
}

/// Makes the connections that tell.
#[derive(Debug, Default)]
pub(crate) struct WatchedConnector {
    inner: DefaultConnector,
    lookup: Lookup,
}

impl Connector for WatchedConnector {
    type Out = WatchedTransport;

    fn connect(&self, details: &ConnectionDetails, chained: Option<()>) -> Result<Option<Self::Out>, Error> {
        let before = HANDED_OVER.get();
        let complete = self.lookup.complete(details);
        let connected = complete.and_then(|details| self.inner.connect(&details, chained));
        // What a proxy was sent to get here is no part of the request.
        HANDED_OVER.set(before);
        Ok(connected?.map(WatchedTransport))
    }
}

#[derive(Debug)]
pub(crate) struct WatchedTransport(Box<dyn Transport>);

impl Transport for WatchedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        HANDED_OVER.set(true);
        self.0.transmit_output(amount, coarse(timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(coarse(timeout))
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

/// The time that is left gets shorter with each step of an exchange, and a socket is told each time that it changes.
/// Rounded up it stays what it was in the exchange before. Under TLS ureq reckons anew, and nothing is gained or lost.
fn coarse(mut timeout: NextTimeout) -> NextTimeout {
    if let Duration::Exact(after) = timeout.after {
        let milliseconds = u64::try_from(after.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        let whole = milliseconds.max(1).div_ceil(COARSE).saturating_mul(COARSE);
        timeout.after = Duration::from_millis(whole);
    }
    timeout
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_rounded_up_and_never_to_nothing() {
        let rounded = |after: Duration| {
            coarse(NextTimeout {
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
