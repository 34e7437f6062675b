//! An upper bound on the requests of a set.
use super::options::WaitSetOptions;
use crate::machine::engine::MIN_PAUSE;
use core::time::Duration;

/// The maximum number of requests that waiting for a number of calls takes, whatever the service answers. See
/// [`WaitSetOptions::plan`].
///
/// ```
/// use byourside_proto::machine::wait_set::WaitSetOptions;
///
/// let plan = WaitSetOptions::default().plan(1_000);
/// assert!(plan.requests >= plan.lists);
/// // The official clients send one GET every 3 s for each call.
/// assert!(plan.requests <= 1_000 * (180 / 3 + 4) + plan.lists);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestPlan {
    /// The maximum number of list requests.
    pub lists: u64,
    /// The maximum number of requests, lists included.
    pub requests: u64,
    /// The longest time until the last call has its result.
    pub duration: Duration,
}

impl WaitSetOptions {
    /// Computes an upper bound on the requests for `calls` calls that are added at once. It is reached only if the
    /// service does not answer, or answers nothing of use.
    #[must_use]
    pub fn plan(&self, calls: usize) -> RequestPlan {
        let calls_wide = u64::try_from(calls).unwrap_or(u64::MAX);
        let per_second = u64::from(self.max_per_second.max(1));
        let in_flight = u64::try_from(self.max_in_flight.max(1)).unwrap_or(u64::MAX);
        // For each call: one at once, one after each interval, one at the deadline, and one after its end.
        let gets = calls_wide.saturating_mul(ratio(self.timeout, self.interval).saturating_add(4));
        // After the deadline each call gets a last GET: as the rate allows, or as requests in flight time out.
        let paced = Duration::from_secs(calls_wide / per_second + 1);
        let rounds = u32::try_from(calls_wide / in_flight + 2).unwrap_or(u32::MAX);
        let duration = self
            .timeout
            .saturating_add(self.attempt_timeout.max(MIN_PAUSE).saturating_mul(rounds))
            .saturating_add(paced)
            .saturating_add(self.max_retry_after.max(self.backoff.max));
        let lists = if calls < self.list_from {
            0
        } else {
            ratio(duration, self.list_interval).saturating_add(2)
        };
        RequestPlan {
            lists,
            requests: gets.saturating_add(lists),
            duration,
        }
    }
}

fn ratio(whole: Duration, part: Duration) -> u64 {
    u64::try_from(whole.as_nanos() / part.max(MIN_PAUSE).as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_adds_up() {
        let plan = WaitSetOptions::default().plan(1_020);
        // 180 s, 65 rounds of 15 s, 11 s at the request rate, and one pause of 60 s.
        assert_eq!(plan.duration, Duration::from_secs(180 + 65 * 15 + 11 + 60));
        assert_eq!(plan.lists, 1_226_000 / 2_750 + 2);
        assert_eq!(plan.requests, 1_020 * 64 + plan.lists);
    }

    #[test]
    fn plan_has_lists_from_as_many_calls_as_the_set_lists() {
        let options = WaitSetOptions {
            list_from: 5,
            ..WaitSetOptions::default()
        };
        assert_eq!(
            [4, 5, 6].map(|calls| options.plan(calls).lists > 0),
            [false, true, true]
        );
    }
}
