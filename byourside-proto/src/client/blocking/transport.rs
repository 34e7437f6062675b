//! What the blocking client needs of an adapter.
use crate::{
    client::ClientOptions,
    machine::TransportFailure,
    types::{BuildError, Monotonic},
};
use alloc::{string::String, vec::Vec};
use core::time::Duration;
use http::{Request, Response};

/// What a blocking adapter brings: the same as [`super::Transport`], without a future.
///
/// ```
/// use byourside_proto::{Monotonic, TransportFailure, client::blocking::Transport};
/// use http::{Request, Response};
/// use std::time::{Duration, Instant};
///
/// struct Offline(Instant);
///
/// impl Transport for Offline {
///     fn send(&self, _: Request<Vec<u8>>, _: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
///         Err(TransportFailure::not_sent("this machine is offline"))
///     }
///
///     fn sleep(&self, duration: Duration) {
///         std::thread::sleep(duration);
///     }
///
///     fn now(&self) -> Monotonic {
///         Monotonic::new(self.0.elapsed())
///     }
///
///     fn seed(&self) -> u64 {
///         4 // from random numbers
///     }
/// }
/// ```
pub trait Transport {
    /// Sends one request, once: no redirect is followed, nothing is sent again, and every status is an answer.
    ///
    /// # Errors
    /// After `timeout`, [`TransportFailure::timed_out`]. A failure says whether the request can have left: when in
    /// doubt, *maybe*.
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure>;

    /// Sleeps.
    fn sleep(&self, duration: Duration);

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

    /// An environment variable.
    fn var(name: &str) -> Option<String>;
}
