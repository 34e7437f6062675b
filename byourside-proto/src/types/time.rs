//! Two clocks that are never mixed, both given by the caller.
use core::{fmt, time::Duration};
use serde::{Deserialize, Serialize};

/// A moment on a clock that never goes back: the time since an origin that the caller picks and keeps.
///
/// Unlike `std::time::Instant` it can be made up in a test, written to disk, and used where there is no `std`.
/// On a machine with a clock it is usually `Monotonic::new(start.elapsed())`.
///
/// ```
/// use byourside_proto::Monotonic;
/// use core::time::Duration;
///
/// let later = Monotonic::ORIGIN.after(Duration::from_secs(3));
/// assert_eq!(later.since(Monotonic::ORIGIN), Duration::from_secs(3));
/// assert_eq!(Monotonic::ORIGIN.since(later), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Monotonic(Duration);

impl Monotonic {
    /// The caller's origin.
    pub const ORIGIN: Self = Self(Duration::ZERO);

    /// The moment this long after the origin.
    ///
    /// ```
    /// # use {byourside_proto::Monotonic, core::time::Duration};
    /// assert_eq!(Monotonic::new(Duration::ZERO), Monotonic::ORIGIN);
    /// ```
    #[must_use]
    pub const fn new(since_origin: Duration) -> Self {
        Self(since_origin)
    }

    /// The time since the origin.
    ///
    /// ```
    /// # use {byourside_proto::Monotonic, core::time::Duration};
    /// assert_eq!(Monotonic::new(Duration::from_secs(1)).since_origin().as_millis(), 1000);
    /// ```
    #[must_use]
    pub const fn since_origin(self) -> Duration {
        self.0
    }

    /// The moment `duration` later; at the end of time it stays there.
    ///
    /// ```
    /// # use {byourside_proto::Monotonic, core::time::Duration};
    /// let end = Monotonic::new(Duration::MAX);
    /// assert_eq!(end.after(Duration::from_secs(1)), end);
    /// ```
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    /// How long after `earlier` this is; zero if it is not.
    ///
    /// ```
    /// # use {byourside_proto::Monotonic, core::time::Duration};
    /// let at = |seconds| Monotonic::new(Duration::from_secs(seconds));
    /// assert_eq!(at(5).since(at(3)).as_secs(), 2);
    /// ```
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// Whole milliseconds since the origin, rounded up, so that a moment told in them is never too early.
pub(crate) fn millis(at: Monotonic) -> u64 {
    u64::try_from(at.0.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

/// Seconds since 1970-01-01 UTC, for webhook signatures only: waits and deadlines run on [`Monotonic`].
///
/// ```
/// let received = byourside_proto::UnixTime::new(1_767_225_600);
/// assert_eq!(received.seconds(), 1_767_225_600);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(i64);

impl UnixTime {
    /// The moment this many seconds after 1970-01-01 UTC; before it if negative.
    ///
    /// ```
    /// assert!(byourside_proto::UnixTime::new(-1) < byourside_proto::UnixTime::new(0));
    /// ```
    #[must_use]
    pub const fn new(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The seconds.
    ///
    /// ```
    /// assert_eq!(byourside_proto::UnixTime::new(7).seconds(), 7);
    /// ```
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
