//! How many requests a policy makes at most.
use super::options::WaitSetOptions;
use crate::machine::engine::MIN_PAUSE;
use core::time::Duration;

/// How many requests waiting for some calls takes at most, whatever the service answers.
///
/// ```
/// use byourside_proto::machine::wait_set::WaitSetOptions;
///
/// let plan = WaitSetOptions::default().plan(1_000);
/// assert!(plan.requests >= plan.lists);
/// // What the official clients' loops send for calls that do not end: one GET each per three seconds.
/// assert!(plan.requests <= 1_000 * (180 / 3 + 4) + plan.lists);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestPlan {
    /// Lists among them.
    pub lists: u64,
    /// All of them.
    pub requests: u64,
    /// How long it takes at most until the last call's result is there.
    pub duration: Duration,
}

impl WaitSetOptions {
    /// What this policy makes of so many calls that join at once: an upper bound, reached only where the service
    /// answers nothing, or nothing of use.
    ///
    /// ```
    /// use byourside_proto::machine::wait_set::WaitSetOptions;
    /// let one = WaitSetOptions { timeout: core::time::Duration::ZERO, ..WaitSetOptions::default() }.plan(1);
    /// assert_eq!(one.lists, 0, "one call is not worth a list");
    /// ```
    #[must_use]
    pub fn plan(&self, calls: usize) -> RequestPlan {
        let calls_wide = u64::try_from(calls).unwrap_or(u64::MAX);
        let per_second = u64::from(self.max_per_second.max(1));
        let in_flight = u64::try_from(self.max_in_flight.max(1)).unwrap_or(u64::MAX);
        // The one at once, those after each interval, the one at the deadline, and one for a call known to have ended.
        let gets = calls_wide.saturating_mul(ratio(self.timeout, self.interval).saturating_add(4));
        // After the deadline each call is looked at once more: at the pace, or as requests that are out are given up.
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
    fn a_plan_adds_up() {
        let plan = WaitSetOptions::default().plan(1_020);
        // 180 s, 65 rounds of 15 s, 11 s of pace, and one pause of 60 s.
        assert_eq!(plan.duration, Duration::from_secs(180 + 65 * 15 + 11 + 60));
        assert_eq!(plan.lists, 1_226_000 / 2_750 + 2);
        assert_eq!(plan.requests, 1_020 * 64 + plan.lists);
    }

    #[test]
    fn lists_are_planned_from_as_many_calls_on_as_they_are_asked_for() {
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
