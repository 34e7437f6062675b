//! What an answer means for the calls of a set.
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
    /// How many of the listed calls are waited for.
    pub(super) fn listed(&mut self, now: Monotonic, calls: &[Call]) {
        self.rate_limited = 0;
        let mut shown = 0;
        for call in calls {
            let Some(slot) = call.id().and_then(|id| self.calls.find(id)) else {
                continue;
            };
            shown += 1;
            if is_terminal(call) {
                self.over(now, slot, polled(call.clone()), self.options.fetch_listed);
            } else if !self.ended.contains_key(&slot) {
                let pause = self.pause_after(now, slot, call);
                self.rest(slot, self.listing.next(now).after(pause));
            }
        }
        self.listing.read(now, shown);
    }

    pub(super) fn read(&mut self, now: Monotonic, slot: u32, call: Call) {
        self.rate_limited = 0;
        if let Some(mut ended) = self.ended.remove(&slot) {
            // Terminal is sticky: a record that says otherwise is reported, not believed.
            let status = call.status();
            if status == ended.call.status() {
                ended.call = call;
            } else {
                ended.conflict = status;
            }
            return self.finish(slot, Ok(ended));
        }
        if is_terminal(&call) {
            return self.finish(slot, Ok(polled(call)));
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
            self.rest(slot, now.after(pause));
        }
    }

    pub(super) fn failed(&mut self, now: Monotonic, slot: u32, error: Error) {
        let pause = self.asked_to_pause(now, &error);
        let Some(waiting) = self.calls.get_mut(slot) else {
            return;
        };
        waiting.counts.count(&error);
        let fresh = error.code() == "not_found" && !waiting.seen && millis(now) < waiting.grace;
        let transient = match &error {
            Error::Api(refused) => refused.is_transient() || fresh,
            Error::Transport(_) => true,
            Error::Build(_) => false,
        };
        if !fresh {
            waiting.failures = waiting.failures.saturating_add(1);
        }
        let failures = waiting.failures;
        let over = millis(now) >= waiting.deadline;
        let spent = failures > self.options.max_failures;
        if (over || spent || !transient)
            && let Some(ended) = self.ended.remove(&slot)
        {
            return self.finish(slot, Ok(ended));
        }
        match error {
            Error::Api(refused) if !transient => self.give_up(slot, WaitFailure::Refused(refused), None),
            error if over => self.give_up(slot, WaitFailure::TimedOut, Some(error)),
            error if spent => self.give_up(slot, WaitFailure::GaveUp(error.clone()), Some(error)),
            _ => {
                let own = self.options.backoff.pause(u32::from(failures).max(1), &mut self.seed);
                self.rest(slot, now.after(own.max(self.options.interval).max(pause)));
            }
        }
    }

    pub(super) fn list_failed(&mut self, now: Monotonic, error: &Error) {
        let pause = self.asked_to_pause(now, error);
        self.listing.failed(now, pause.max(self.options.backoff.first));
    }

    /// A 429 pauses every request: the limit is the account's, not one call's.
    fn asked_to_pause(&mut self, now: Monotonic, error: &Error) -> Duration {
        let Error::Api(refused) = error else {
            return Duration::ZERO;
        };
        let asked = refused
            .retry_after()
            .map(|asked| asked.min(self.options.max_retry_after));
        if refused.status() != 429 {
            return asked.unwrap_or_default();
        }
        self.rate_limited = self.rate_limited.saturating_add(1);
        let pause = match asked {
            Some(asked) => asked,
            None => self.options.backoff.pause(self.rate_limited, &mut self.seed),
        };
        self.retry_after_until = self.retry_after_until.max(now.after(pause));
        self.gate = self.gate.max(self.retry_after_until);
        pause
    }

    /// A call has ended, by the list or by an event. Its record is fetched, or this is the result.
    pub(super) fn over(&mut self, now: Monotonic, slot: u32, ended: FinishedCall, fetch: bool) {
        let status = ended.call.status();
        if let Some(known) = self.ended.get_mut(&slot) {
            if status != known.call.status() {
                known.conflict = status;
            }
        } else if fetch {
            self.ended.insert(slot, ended);
            self.rest(slot, now);
        } else {
            self.finish(slot, Ok(ended));
        }
    }

    /// How long a call rests that was just seen not to have ended.
    fn pause_after(&mut self, now: Monotonic, slot: u32, call: &Call) -> Duration {
        let Some(waiting) = self.calls.get_mut(slot) else {
            return self.options.interval;
        };
        if waiting.events == Events::NotDue && call.status() != Some(Status::Queued) {
            waiting.events = Events::Missing;
        }
        let come = match waiting.events {
            Events::NotDue => now < self.events_until,
            Events::Come => true,
            Events::Missing => false,
        };
        if come {
            self.options.pause_with_events()
        } else {
            self.options.interval
        }
    }

    /// The call's own GET is next due then, or at its deadline.
    pub(super) fn rest(&mut self, slot: u32, due: Monotonic) {
        let Some(waiting) = self.calls.get(slot) else { return };
        if !waiting.in_flight {
            self.calls.rest_until(slot, millis(due).min(waiting.deadline));
        }
    }

    fn finish(&mut self, slot: u32, mut result: Result<FinishedCall, WaitError>) {
        self.ended.remove(&slot);
        if let Some(waiting) = self.calls.remove(slot) {
            if let Ok(ended) = &mut result {
                ended.counts = waiting.counts;
            }
            self.results.push_back((waiting.id.to_call_id(), result));
        }
    }

    /// Its deadline has come, and no request can be sent.
    pub(super) fn run_out(&mut self, slot: u32) {
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

fn polled(call: Call) -> FinishedCall {
    FinishedCall::new(call, EndSource::Poll, WaitCounts::default())
}

fn is_terminal(call: &Call) -> bool {
    call.status().as_ref().is_some_and(Status::is_terminal)
}
