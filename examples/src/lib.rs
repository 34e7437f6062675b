//! What the examples have in common.
use byourside_proto::UnixTime;
use std::time::SystemTime;

/// The time by this machine's clock, for signatures.
#[must_use]
pub fn unix_now() -> UnixTime {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    UnixTime::new(since_1970.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX)))
}

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
