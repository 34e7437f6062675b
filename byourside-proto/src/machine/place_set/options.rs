//! How a list of calls is placed.
use crate::machine::place::PlaceOptions;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// How a list of calls is placed. Start from the default and change what differs.
///
/// ```
/// use byourside_proto::machine::place_set::PlaceSetOptions;
/// let gently = PlaceSetOptions { max_per_second: 1, ..PlaceSetOptions::default() };
/// assert_eq!(gently.max_in_flight, 8);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceSetOptions {
    /// How each call is placed. Default as for one call, but with up to 20 more tries and a `Retry-After` of up to 60 s:
    /// a rate limit is met by all of them together, and says nothing against any one.
    pub place: PlaceOptions,
    /// The most calls that are begun and have no outcome yet, those that rest before another try included. No more
    /// than this many can become unknown at once. Default 8; at least 1.
    pub max_in_flight: usize,
    /// The most requests that are sent in a second, evenly spaced. Default 10; at least 1, and at most 100 are taken.
    pub max_per_second: u32,
    /// Seeds the jitter. Default 0.
    pub seed: u64,
}

impl Default for PlaceSetOptions {
    fn default() -> Self {
        Self {
            place: PlaceOptions {
                retries: 20,
                max_retry_after: Duration::from_secs(60),
                ..PlaceOptions::default()
            },
            max_in_flight: 8,
            max_per_second: 10,
            seed: 0,
        }
    }
}
