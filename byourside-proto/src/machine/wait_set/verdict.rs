//! What an answer means for the calls of a set: its end, a failure, or another GET later.
use super::{calls::Events, set::WaitSet};
use crate::{
    machine::{
        Error,
        wait::{EndSource, FinishedCall, WaitCounts, WaitError, WaitFailure},
    },
    types::{Call, Monotonic, Status, millis},
};
use core::time::Duration;

impl WaitSet {
    /// Takes a list, and what it shows of the waiting calls.
    pub(super) fn on_list(&mut self, now: Monotonic, calls: &[Call]) {
        self.rate_limited = 0;
        let mut shown = 0;
        for call in calls {
            let Some(slot) = call.id().and_then(|id| self.calls.find(id)) else {
                continue;
            };
            shown += 1;
            if is_terminal(call) {
                self.end_seen(now, slot, finished_by_get(call.clone()), self.options.fetch_listed);
            } else if !self.ended.contains_key(&slot) {
                let pause = self.pause_after(now, slot, call);
                self.schedule_get(slot, self.listing.next(now).after(pause));
            }
        }
        self.listing.read(now, shown);
    }

    /// Takes the record that the GET of a call returned.
    pub(super) fn on_record(&mut self, now: Monotonic, slot: u32, call: Call) {
        self.rate_limited = 0;
        if let Some(mut ended) = self.ended.remove(&slot) {
            // A terminal status is sticky: a record that contradicts it is reported, not believed.
            let status = call.status();
            if status == ended.call.status() {
                ended.call = call;
            } else {
                ended.conflict = status;
            }
            return self.finish(slot, Ok(ended));
        }
        if is_terminal(&call) {
            return self.finish(slot, Ok(finished_by_get(call)));
        }
        let Some(waiting) = self.calls.get_mut(slot) else {
            return;
        };
        waiting.seen = true;
        waiting.failures = 0;
        if millis(now) >= waiting.deadline {
            self.give_up(slot, WaitFailure::TimedOut, None);
        } else {
            let pause = self.pause_after(now, slot, &call);
            self.schedule_get(slot, now.after(pause));
        }
    }

    /// Decides after the GET of a call failed whether its wait ends, and when its next GET is due.
    pub(super) fn failed(&mut self, now: Monotonic, slot: u32, error: Error) {
        let pause = self.apply_rate_limit(now, &error);
        let Some(waiting) = self.calls.get_mut(slot) else {
            return;
        };
        waiting.counts.count(&error);
        let tolerated = error.code() == "not_found" && !waiting.seen && millis(now) < waiting.grace;
        let transient = match &error {
            Error::Api(refused) => refused.is_transient() || tolerated,
            Error::Transport(_) => true,
            Error::Build(_) => false,
        };
        if !tolerated {
            waiting.failures = waiting.failures.saturating_add(1);
        }
        let failures = waiting.failures;
        let past_deadline = millis(now) >= waiting.deadline;
        let too_many = failures > self.options.max_failures;
        if (past_deadline || too_many || !transient)
            && let Some(ended) = self.ended.remove(&slot)
        {
            return self.finish(slot, Ok(ended));
        }
        match error {
            Error::Api(refused) if !transient => self.give_up(slot, WaitFailure::Refused(refused), None),
            error if past_deadline => self.give_up(slot, WaitFailure::TimedOut, Some(error)),
            error if too_many => self.give_up(slot, WaitFailure::GaveUp(error.clone()), Some(error)),
            _ => {
                let backoff = self.options.backoff.pause(u32::from(failures).max(1), &mut self.seed);
                self.schedule_get(slot, now.after(backoff.max(self.options.interval).max(pause)));
            }
        }
    }

    /// Schedules the next list after one failed.
    pub(super) fn list_failed(&mut self, now: Monotonic, error: &Error) {
        let pause = self.apply_rate_limit(now, error);
        self.listing.failed(now, pause.max(self.options.backoff.first));
    }

    /// Pauses the whole set after a 429: the rate limit is the account's. Returns the shortest pause before the request
    /// that failed is sent again.
    fn apply_rate_limit(&mut self, now: Monotonic, error: &Error) -> Duration {
        let Error::Api(refused) = error else {
            return Duration::ZERO;
        };
        let retry_after = refused
            .retry_after()
            .map(|delay| delay.min(self.options.max_retry_after));
        if refused.status() != 429 {
            return retry_after.unwrap_or_default();
        }
        self.rate_limited = self.rate_limited.saturating_add(1);
        let pause = match retry_after {
            Some(delay) => delay,
            None => self.options.backoff.pause(self.rate_limited, &mut self.seed),
        };
        self.retry_after_until = self.retry_after_until.max(now.after(pause));
        self.gate = self.gate.max(self.retry_after_until);
        pause
    }

    /// Takes the end of a call, as the list or an event shows it. If `fetch`, its record is fetched first.
    pub(super) fn end_seen(&mut self, now: Monotonic, slot: u32, ended: FinishedCall, fetch: bool) {
        let status = ended.call.status();
        if let Some(known) = self.ended.get_mut(&slot) {
            if status != known.call.status() {
                known.conflict = status;
            }
        } else if fetch {
            self.ended.insert(slot, ended);
            self.schedule_get(slot, now);
        } else {
            self.finish(slot, Ok(ended));
        }
    }

    /// The pause before the next GET of a call that has not ended, as `call` shows.
    fn pause_after(&mut self, now: Monotonic, slot: u32, call: &Call) -> Duration {
        let Some(waiting) = self.calls.get_mut(slot) else {
            return self.options.interval;
        };
        if waiting.events == Events::NotDue && call.status() != Some(Status::Queued) {
            waiting.events = Events::Missing;
        }
        let events_come = match waiting.events {
            Events::NotDue => now < self.events_until,
            Events::Come => true,
            Events::Missing => false,
        };
        if events_come {
            self.options.pause_with_events()
        } else {
            self.options.interval
        }
    }

    /// Schedules the next GET of a call for `due`, or for its deadline. A GET in flight is not affected.
    pub(super) fn schedule_get(&mut self, slot: u32, due: Monotonic) {
        let Some(waiting) = self.calls.get(slot) else { return };
        if !waiting.in_flight {
            self.calls.schedule(slot, millis(due).min(waiting.deadline));
        }
    }

    /// Ends the wait for a call with this result.
    fn finish(&mut self, slot: u32, mut result: Result<FinishedCall, WaitError>) {
        self.ended.remove(&slot);
        if let Some(waiting) = self.calls.remove(slot) {
            if let Ok(ended) = &mut result {
                ended.counts = waiting.counts;
            }
            self.results.push_back((waiting.id.to_call_id(), result));
        }
    }

    /// Ends the wait for a call at its deadline without a last GET, because no request may be sent.
    pub(super) fn end_at_deadline(&mut self, slot: u32) {
        match self.ended.remove(&slot) {
            Some(ended) => self.finish(slot, Ok(ended)),
            None => self.give_up(slot, WaitFailure::TimedOut, None),
        }
    }

    fn give_up(&mut self, slot: u32, failure: WaitFailure, last_failure: Option<Error>) {
        let Some(waiting) = self.calls.get(slot) else { return };
        let error = WaitError {
            id: waiting.id.to_call_id(),
            failure,
            last: None,
            last_failure,
            counts: waiting.counts,
        };
        self.finish(slot, Err(error));
    }
}

fn finished_by_get(call: Call) -> FinishedCall {
    FinishedCall::new(call, EndSource::Poll, WaitCounts::default())
}

fn is_terminal(call: &Call) -> bool {
    call.status().as_ref().is_some_and(Status::is_terminal)
}
