//! What an adapter brings to the client that blocks.
use crate::{BuildError, Monotonic, TransportFailure, client::ClientOptions};
use alloc::{string::String, vec::Vec};
use core::time::Duration;
use http::{Request, Response};

/// What a blocking adapter brings: the same as [`crate::client::Transport`], without a future.
///
/// ```
/// use byourside_proto::{Monotonic, TransportFailure, client::blocking::Transport};
/// use http::{Request, Response};
/// use std::time::{Duration, Instant};
///
/// struct Mine(Instant);
///
/// impl Transport for Mine {
///     fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
///         // Hand the request to an HTTP client of your own, once, for no longer than `timeout`.
///         Err(TransportFailure::not_sent("there is no network here"))
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
///         std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0)
///     }
/// }
/// ```
pub trait Transport {
    /// Sends one request, once: no redirect is followed, nothing is sent again, and every status is an answer.
    ///
    /// # Errors
    /// After `timeout`, [`TransportFailure::timed_out`]. A failure says whether the request can have left: when in
    /// doubt, *maybe*.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::client::blocking::{Connect, Transport};
    /// # fn main() {
    /// let request = Request::new(Vec::new());
    /// let answer = Transport::send(&Scripted, request, Duration::from_secs(15));
    /// assert!(answer.is_ok());
    /// # }
    /// ```
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure>;

    /// Sleeps.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::client::blocking::{Connect, Transport};
    /// # fn main() {
    /// Transport::sleep(&Scripted, Duration::from_secs(3));
    /// # }
    /// ```
    fn sleep(&self, duration: Duration);

    /// The time, on a clock that never goes back.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::client::blocking::{Connect, Transport};
    /// # fn main() {
    /// assert_eq!(Transport::now(&Scripted), Monotonic::ORIGIN);
    /// # }
    /// ```
    fn now(&self) -> Monotonic;

    /// A number for the jitter of one machine; not the same each time.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::client::blocking::{Connect, Transport};
    /// # fn main() {
    /// assert_eq!(Transport::seed(&Scripted), 7);
    /// # }
    /// ```
    fn seed(&self) -> u64;
}

/// A transport that needs no more than options to be made.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
/// # use byourside_proto::client::blocking::{Connect, Transport};
/// # fn main() {
/// let client = byourside_proto::client::blocking::Client::<Scripted>::from_env();
/// assert!(client.is_ok());
/// # }
/// ```
pub trait Connect: Transport + Sized {
    /// Makes it. No connection is opened yet.
    ///
    /// # Errors
    /// [`BuildError::InvalidProxy`] and [`BuildError::NoTlsRoots`].
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::client::blocking::{Connect, Transport};
    /// # fn main() {
    /// assert!(<Scripted as Connect>::connect(&client::ClientOptions::default()).is_ok());
    /// # }
    /// ```
    fn connect(options: &ClientOptions) -> Result<Self, BuildError>;

    /// An environment variable.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::client::blocking::{Connect, Transport};
    /// # fn main() {
    /// assert_eq!(<Scripted as Connect>::var("HOME"), None);
    /// # }
    /// ```
    fn var(name: &str) -> Option<String>;
}
