//! What an adapter implements for the blocking client.
use crate::{
    client::ClientOptions,
    machine::TransportFailure,
    types::{BuildError, Monotonic},
};
use alloc::{string::String, vec::Vec};
use core::time::Duration;
use http::{Request, Response};

/// Sends requests, sleeps and tells the time: what a blocking adapter implements for [`Client`](super::Client).
///
/// The same as [`client::Transport`](crate::client::Transport), without futures.
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
///         4 // a random number
///     }
/// }
/// ```
pub trait Transport {
    /// Sends one request, once, and returns its answer whatever the status. It follows no redirect and never sends a
    /// request again.
    ///
    /// # Errors
    /// [`TransportFailure::timed_out`] if the whole attempt, body included, took longer than `timeout`. Every failure
    /// says whether the request can have left. When in doubt, say [`maybe_sent`](TransportFailure::maybe_sent).
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure>;

    /// Sleeps for about this long. Waking early or late is harmless.
    fn sleep(&self, duration: Duration);

    /// The time on a monotonic clock.
    fn now(&self) -> Monotonic;

    /// A seed for the jitter of one machine. It should differ each time.
    fn seed(&self) -> u64;
}

/// A transport that can be created from options alone.
pub trait Connect: Transport + Sized {
    /// Creates the transport. No connection is opened yet.
    ///
    /// # Errors
    /// [`BuildError::InvalidProxy`] if the environment names an invalid proxy, [`BuildError::NoTlsRoots`] if there are
    /// no certificates to trust.
    fn connect(options: &ClientOptions) -> Result<Self, BuildError>;

    /// The value of an environment variable, if it is set.
    fn var(name: &str) -> Option<String>;
}
