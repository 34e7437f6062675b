//! Options of a set that places calls: concurrency, rate and retries.
use crate::machine::place::PlaceOptions;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Options of a [`PlaceSet`](super::PlaceSet): concurrency, rate and retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceSetOptions {
    /// The options of each call. Default [`PlaceOptions::default`], but with up to 20 retries and a `Retry-After` of up
    /// to 60 s: the calls of a set run into the rate limit together, so one of them can be refused many times.
    pub place: PlaceOptions,
    /// The maximum number of calls that have begun and have no outcome yet, including those that wait for a retry. So
    /// at most this many calls become *unknown* when the process ends. Default 8; at least 1.
    pub max_in_flight: usize,
    /// The most requests a second, evenly spaced. Default 10; values outside of 1 to 100 count as the nearest of them.
    pub max_per_second: u32,
    /// The seed of the jitter. Default 0.
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
