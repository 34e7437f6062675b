//! What the client needs of an adapter on any runtime.
use super::options::ClientOptions;
use crate::{
    machine::TransportFailure,
    types::{BuildError, Monotonic},
};
use alloc::{string::String, vec::Vec};
use core::{future::Future, time::Duration};
use http::{Request, Response};

/// What an adapter brings. Whether the client's futures are `Send` follows from these.
///
/// ```
/// use byourside_proto::{Monotonic, TransportFailure, client::Transport};
/// use http::{Request, Response};
/// use std::time::{Duration, Instant};
///
/// struct Offline(Instant);
///
/// impl Transport for Offline {
///     async fn send(&self, _: Request<Vec<u8>>, _: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
///         Err(TransportFailure::not_sent("this machine is offline"))
///     }
///
///     async fn sleep(&self, duration: Duration) {
///         // The runtime's own.
///     }
///
///     fn now(&self) -> Monotonic {
///         Monotonic::new(self.0.elapsed())
///     }
///
///     fn seed(&self) -> u64 {
///         4 // from the runtime's random numbers
///     }
/// }
/// ```
pub trait Transport {
    /// Sends one request, once: no redirect is followed, nothing is sent again, and every status is an answer.
    ///
    /// After `timeout` it gives up, with [`TransportFailure::timed_out`]. A failure says whether the request can have
    /// left: when in doubt, *maybe*.
    fn send(
        &self,
        request: Request<Vec<u8>>,
        timeout: Duration,
    ) -> impl Future<Output = Result<Response<Vec<u8>>, TransportFailure>>;

    /// Sleeps.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;

    /// The time, on a clock that never goes back.
    fn now(&self) -> Monotonic;

    /// A number for the jitter of one machine; not the same each time.
    fn seed(&self) -> u64;
}

/// A transport that needs no more than options to be made.
pub trait Connect: Transport + Sized {
    /// Makes it. No connection is opened yet.
    ///
    /// # Errors
    /// [`BuildError::InvalidProxy`] and [`BuildError::NoTlsRoots`].
    fn connect(options: &ClientOptions) -> Result<Self, BuildError>;

    /// An environment variable, where there is an environment.
    fn var(name: &str) -> Option<String>;
}
