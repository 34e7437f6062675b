//! What is put to the test.
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

/// An adapter under test. [`Blocking`] and [`Asynchronous`] make one of any transport.
pub trait Subject: Send + Sync {
    /// The name of its column.
    fn name(&self) -> &str;

    /// Whether it has this. What it has not is not checked.
    fn has(&self, offer: Offer) -> bool;

    /// How many waits it can have in flight at once.
    fn waits_at_once(&self) -> usize {
        usize::MAX
    }

    /// A new client, with no connection yet.
    fn open(&self, setup: &Setup) -> Box<dyn Session + '_>;
}

/// One client of the adapter under test. Every method blocks until it is done.
pub trait Session {
    /// Sends one request, as the transport does it.
    ///
    /// # Errors
    /// The transport's own failure.
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure>;

    /// Runs these to their ends, as many at once as the adapter can; the ends are in the same order.
    fn wait(&self, waiters: Vec<CallWaiter>) -> Vec<Result<FinishedCall, WaitError>>;

    /// Runs this to its end.
    fn place(&self, placer: Placer) -> Placement;

    /// Runs this for as long as `patience`, then drops what it was doing. `None` if it was not done by then.
    fn cancel(&self, waiter: &mut CallWaiter, patience: Duration) -> Option<Result<FinishedCall, WaitError>>;

    /// The time by the transport's clock.
    fn now(&self) -> Monotonic;
}

/// What not every adapter has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Offer {
    /// HTTP/2, chosen by ALPN.
    Http2,
    /// A wait can be dropped while its request is out.
    Cancel,
}

/// What a client under test is to be set up with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setup {
    /// The only roots to trust, each a certificate in DER.
    pub roots: Vec<Vec<u8>>,
    /// How long connecting may take, name and TLS included.
    pub connect_timeout: Duration,
    /// The longest body of an answer that is read, in bytes.
    pub max_body: usize,
}
