//! What an adapter brings to the client on any runtime.
use crate::{BuildError, Monotonic, TransportFailure, client::ClientOptions};
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
/// struct Mine(Instant);
///
/// impl Transport for Mine {
///     async fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
///         // Hand the request to an HTTP client of your own, once, for no longer than `timeout`.
///         Err(TransportFailure::not_sent("there is no network here"))
///     }
///
///     async fn sleep(&self, duration: Duration) {
///         let _ = duration; // The timer of your runtime.
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
    /// After `timeout` it gives up, with [`TransportFailure::timed_out`]. A failure says whether the request can have
    /// left: when in doubt, *maybe*.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::client::{Connect, Transport};
    /// # fn main() {
    /// let request = Request::new(Vec::new());
    /// let answer = ready(Transport::send(&Scripted, request, Duration::from_secs(15)));
    /// assert!(answer.is_ok());
    /// # }
    /// ```
    fn send(
        &self,
        request: Request<Vec<u8>>,
        timeout: Duration,
    ) -> impl Future<Output = Result<Response<Vec<u8>>, TransportFailure>>;

    /// Sleeps.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::client::{Connect, Transport};
    /// # fn main() {
    /// ready(Transport::sleep(&Scripted, Duration::from_secs(3)));
    /// # }
    /// ```
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;

    /// The time, on a clock that never goes back.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::client::{Connect, Transport};
    /// # fn main() {
    /// assert_eq!(Transport::now(&Scripted), Monotonic::ORIGIN);
    /// # }
    /// ```
    fn now(&self) -> Monotonic;

    /// A number for the jitter of one machine; not the same each time.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::client::{Connect, Transport};
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
/// # use byourside_proto::client::{Connect, Transport};
/// # fn main() {
/// let client = byourside_proto::client::Client::<Scripted>::from_env();
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
    /// # use byourside_proto::client::{Connect, Transport};
    /// # fn main() {
    /// assert!(<Scripted as Connect>::connect(&client::ClientOptions::default()).is_ok());
    /// # }
    /// ```
    fn connect(options: &ClientOptions) -> Result<Self, BuildError>;

    /// An environment variable, where there is an environment.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/doc_transport.rs"));
    /// # use byourside_proto::client::{Connect, Transport};
    /// # fn main() {
    /// assert_eq!(<Scripted as Connect>::var("HOME"), None);
    /// # }
    /// ```
    fn var(name: &str) -> Option<String>;
}
