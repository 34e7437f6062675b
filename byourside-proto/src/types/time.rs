//! Times of the two clocks, both of which the caller reads: a monotonic clock for waits, a wall clock for signatures.
use core::{fmt, time::Duration};
use serde::{Deserialize, Serialize};

/// A moment of a monotonic clock: the time since an origin that the caller chooses once and keeps.
///
/// Waits, timeouts and deadlines use it. Unlike a `std::time::Instant`, a test can make any moment, a snapshot can
/// store it, and it needs no `std`. With `std`, the current moment is `Monotonic::new(start.elapsed())`, where `start`
/// is an `Instant` that the program keeps.
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
    /// The origin of the caller's clock.
    pub const ORIGIN: Self = Self(Duration::ZERO);

    /// The moment `since_origin` after the origin.
    #[must_use]
    pub const fn new(since_origin: Duration) -> Self {
        Self(since_origin)
    }

    /// The time since the origin.
    #[must_use]
    pub const fn since_origin(self) -> Duration {
        self.0
    }

    /// The moment `duration` later, saturating at [`Duration::MAX`] after the origin.
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    /// The time from `earlier` to this moment, or zero if `earlier` is the later one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// Whole milliseconds since the origin, rounded up: a deadline in milliseconds is never too early.
pub(crate) fn millis(at: Monotonic) -> u64 {
    u64::try_from(at.0.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

/// A moment of the wall clock, in whole seconds since 1970-01-01 UTC, for webhook signatures only.
///
/// Waits and deadlines use [`Monotonic`], since a wall clock can be set back.
///
/// ```
/// use byourside_proto::UnixTime;
/// use std::time::SystemTime;
///
/// let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
/// let received = UnixTime::new(i64::try_from(since_epoch.as_secs())?);
/// assert!(received > UnixTime::new(1_767_225_600), "after the start of 2026");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(i64);

impl UnixTime {
    /// The moment this many seconds after 1970-01-01 UTC, or before it if negative.
    #[must_use]
    pub const fn new(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The seconds since 1970-01-01 UTC.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monotonic_saturates_at_both_ends() {
        let (end, second) = (Monotonic::new(Duration::MAX), Duration::from_secs(1));
        assert_eq!(end.after(second), end);
        assert_eq!(Monotonic::ORIGIN.since(end), Duration::ZERO);
        assert_eq!(end.since_origin(), Duration::MAX);
    }

    #[test]
    fn millis_rounds_up() {
        let nanos = |nanos| millis(Monotonic::new(Duration::from_nanos(nanos)));
        assert_eq!([nanos(0), nanos(1), nanos(1_000_000), nanos(1_000_001)], [0, 1, 1, 2]);
        assert_eq!(millis(Monotonic::new(Duration::MAX)), u64::MAX);
    }
}
