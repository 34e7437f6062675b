//! The adapter under test: `Subject`, and `Session`, one of its clients.
mod asynchronous;
mod blocking;

pub use asynchronous::Asynchronous;
pub use blocking::Blocking;

use byourside_proto::{
    Monotonic, TransportFailure,
    machine::{
        place::{Placement, Placer},
        wait::{CallWaiter, FinishedCall, WaitError},
    },
};
use http::{Request, Response};
use std::time::Duration;

/// An adapter under test. [`Blocking`] and [`Asynchronous`] make one from a transport.
pub trait Subject: Send + Sync {
    /// The adapter's name: the title of its column in the report.
    fn name(&self) -> &str;

    /// Whether the adapter offers this. Checks of what it does not offer are skipped.
    fn has(&self, offer: Offer) -> bool;

    /// How many waits the adapter can run at once.
    fn waits_at_once(&self) -> usize {
        usize::MAX
    }

    /// Creates a new client, without a connection yet.
    fn open(&self, setup: &Setup) -> Box<dyn Session + '_>;
}

/// One client of the adapter under test. All methods block.
pub trait Session {
    /// Sends one request with the transport.
    ///
    /// # Errors
    /// The transport's failure.
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure>;

    /// Runs these waits to their ends, as many at once as the adapter can. The results are in the order of `waiters`.
    fn wait(&self, waiters: Vec<CallWaiter>) -> Vec<Result<FinishedCall, WaitError>>;

    /// Runs this placing to its end.
    fn place(&self, placer: Placer) -> Placement;

    /// Runs this wait for `patience`, and then drops its future. `None` if it had not ended by then.
    fn cancel(&self, waiter: &mut CallWaiter, patience: Duration) -> Option<Result<FinishedCall, WaitError>>;

    /// The time on the transport's clock.
    fn now(&self) -> Monotonic;
}

/// A capability that not every adapter has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Offer {
    /// HTTP/2, chosen by ALPN.
    Http2,
    /// A wait can be dropped while its request is in flight.
    Cancel,
}

/// The configuration of a client under test.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setup {
    /// The only certificate authorities to trust, each in DER.
    pub roots: Vec<Vec<u8>>,
    /// How long connecting may take, name lookup and TLS included.
    pub connect_timeout: Duration,
    /// The longest response body that is read, in bytes.
    pub max_body: usize,
}
