//! The decisions of a wait: when to send the next GET, and when to give up.
use super::{
    options::WaitOptions,
    outcome::{EndSource, FinishedCall, WaitCounts, WaitError, WaitFailure},
    status::Reason,
};
use crate::{
    api::{Api, GetCall, Operation},
    machine::{
        Error,
        engine::{Next, Protocol, Wake},
        reply::Answer,
        snapshot::Persist,
    },
    types::{Call, Monotonic, Status},
};
use core::time::Duration;
use serde::{Deserialize, Serialize};

pub(super) type Output = Result<FinishedCall, WaitError>;

/// The protocol of a [`CallWaiter`](super::CallWaiter).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) get: GetCall,
    pub(super) options: WaitOptions,
    pub(super) deadline: Monotonic,
    /// Until then a 404 is tolerated.
    pub(super) fresh_until: Monotonic,
    /// An attempt that times out later than this says nothing about the service: this process was asleep or stopped.
    pub(super) grace_end: Monotonic,
    /// The first GET, which each wait sends whatever its timeout, was not sent yet.
    pub(super) first_poll_pending: bool,
    /// The GET at the deadline has been sent.
    pub(super) sent_last: bool,
    /// When the `Retry-After` delay is over. No event shortens it.
    pub(super) retry_after_until: Monotonic,
    /// Until then, an event that contradicts itself causes no GET, because an earlier one did.
    pub(super) conflict_cooldown_until: Monotonic,
    /// The attempt that was in flight at the deadline timed out, so another GET after it is of no use.
    pub(super) silent: bool,
    pub(super) last: Option<Call>,
    /// The last status that was reported.
    pub(super) status: Option<Status>,
    /// A change of the status that was not taken yet.
    pub(super) change: Option<Status>,
    /// The end of the call, while further GETs for its results may be sent.
    pub(super) ended: Option<FinishedCall>,
    /// How many further GETs may be sent for a call that has ended.
    pub(super) settling: u32,
    /// A GET is to be sent although a terminal event had the results:
    /// [`OnTerminalEvent::Refetch`](super::OnTerminalEvent).
    pub(super) fetching: bool,
    /// The GET in flight was sent before the event that ended the call, so its answer can be older than the event.
    pub(super) outdated: bool,
    pub(super) counts: WaitCounts,
    /// Failures in a row.
    pub(super) failures: u32,
    pub(super) polls_answered: u32,
    pub(super) last_failure: Option<Error>,
    pub(super) seed: u64,
    pub(super) reason: Reason,
}

impl Protocol for Waiting {
    type Output = Output;

    fn wake(&mut self, now: Monotonic, api: &Api) -> Wake<Output> {
        let past_deadline = now >= self.deadline && !self.first_poll_pending;
        if self.ended.is_some() && (past_deadline || self.settling == 0) {
            return self.finish().map_or_else(|| self.send_get(now, api), Wake::Finish);
        }
        if past_deadline && (self.silent || self.sent_last) {
            return Wake::Finish(Err(self.error(WaitFailure::TimedOut)));
        }
        self.send_get(now, api)
    }

    fn answer(&mut self, now: Monotonic, answer: Answer) -> Next<Output> {
        let error = match answer {
            Answer::Response(status, headers, body) => match self.get.parse(status, &headers, &body) {
                Ok(call) => return self.on_record(now, call),
                Err(error) => Error::Api(error),
            },
            Answer::Failed(failure) => Error::Transport(failure),
        };
        self.failed(now, error)
    }
}

impl Persist for Waiting {
    const NAME: &'static str = "waiter";

    fn map_times(&mut self, change: impl Fn(Monotonic) -> Monotonic) {
        for at in [
            &mut self.deadline,
            &mut self.fresh_until,
            &mut self.grace_end,
            &mut self.retry_after_until,
            &mut self.conflict_cooldown_until,
        ] {
            *at = change(*at);
        }
    }
}

impl Waiting {
    pub(super) fn new(get: GetCall, options: WaitOptions, now: Monotonic) -> Self {
        let deadline = now.after(options.timeout);
        Self {
            get,
            options,
            deadline,
            fresh_until: now.after(options.not_found_grace),
            grace_end: deadline.after(options.grace),
            first_poll_pending: true,
            sent_last: false,
            retry_after_until: now,
            conflict_cooldown_until: now,
            silent: false,
            last: None,
            status: None,
            change: None,
            ended: None,
            settling: 0,
            fetching: false,
            outdated: false,
            counts: WaitCounts::default(),
            failures: 0,
            polls_answered: 0,
            last_failure: None,
            seed: options.seed,
            reason: Reason::Start,
        }
    }

    /// Sets a new deadline. Returns whether there is anything left to wait for.
    pub(super) fn extend(&mut self, now: Monotonic, timeout: Duration, output: Option<&Output>) -> bool {
        if matches!(output, Some(Ok(_))) {
            return false;
        }
        self.deadline = now.after(timeout);
        self.grace_end = self.deadline.after(self.options.grace);
        self.first_poll_pending = true;
        self.sent_last = false;
        self.silent = false;
        self.failures = 0;
        self.reason = Reason::Start;
        true
    }

    fn send_get(&mut self, now: Monotonic, api: &Api) -> Wake<Output> {
        self.counts.polls = self.counts.polls.saturating_add(1);
        self.first_poll_pending = false;
        self.outdated = false;
        self.sent_last = now >= self.deadline;
        // An attempt may outlast the deadline by the grace at most.
        let grace = now.after(self.options.grace);
        let end = if self.sent_last {
            grace
        } else {
            self.deadline.max(grace)
        };
        let until = now.after(self.options.attempt_timeout).min(end);
        Wake::Send(self.get.request(api), until)
    }

    fn on_record(&mut self, now: Monotonic, call: Call) -> Next<Output> {
        self.silent = false;
        self.failures = 0;
        self.polls_answered = self.polls_answered.saturating_add(1);
        let status = call.status();
        let terminal = status.as_ref().is_some_and(Status::is_terminal);
        if let Some(ended) = &mut self.ended {
            if status == ended.call.status() {
                ended.call = call;
                self.fetching = false;
            } else if self.outdated && !terminal {
                return Next::Rest(now);
            } else {
                // A terminal status is sticky: a record that contradicts it is reported, not believed.
                ended.conflict = status;
            }
            return self.settle(now, Duration::ZERO);
        }
        if let Some(status) = &status {
            self.report(status);
        }
        if !terminal {
            self.last = Some(call);
            return self.rest(now, self.options.interval(self.polls_answered), Reason::Interval);
        }
        self.last = Some(call.clone());
        self.settling = self.options.settle.saturating_add(1);
        self.ended = Some(FinishedCall::new(call, EndSource::Poll, self.counts));
        self.settle(now, Duration::ZERO)
    }

    /// Reports a status if it has changed. `queued` is the first status: after another one it is only late.
    pub(super) fn report(&mut self, status: &Status) {
        let late = *status == Status::Queued && self.status.is_some();
        if self.status.as_ref() != Some(status) && !late {
            self.change = Some(status.clone());
            self.status = Some(status.clone());
        }
    }

    /// Finishes, or waits for the results of a call that has ended: they can come later than its status.
    fn settle(&mut self, now: Monotonic, retry_after: Duration) -> Next<Output> {
        self.settling = self.settling.saturating_sub(1);
        let complete = |ended: &FinishedCall| !self.fetching && ended.call.has_results();
        if (self.settling == 0 || now >= self.deadline || self.ended.as_ref().is_some_and(complete))
            && let Some(output) = self.finish()
        {
            return Next::Finish(output);
        }
        let left = self.settling;
        self.rest(now, self.options.interval.max(retry_after), Reason::Settling { left })
    }

    /// Decides after a failure whether to give up, and how long to wait before the next GET.
    fn failed(&mut self, now: Monotonic, error: Error) -> Next<Output> {
        self.counts.count(&error);
        let timed_out = matches!(&error, Error::Transport(failure) if failure.is_timeout());
        // Not before the deadline: the last GET is still to be sent then.
        self.silent = timed_out && self.deadline <= now && now <= self.grace_end;
        let (transient, retry_after) = match &error {
            Error::Api(refused) => (refused.is_transient(), refused.retry_after()),
            Error::Build(_) | Error::Transport(_) => (true, None),
        };
        let retry_after = retry_after.map(|delay| delay.min(self.options.max_retry_after));
        self.retry_after_until = now.after(retry_after.unwrap_or_default());
        if self.ended.is_some() {
            if self.outdated && transient {
                let left = self.settling;
                return self.rest(now, retry_after.unwrap_or_default(), Reason::Settling { left });
            }
            self.settling = if transient { self.settling } else { 0 };
            return self.settle(now, retry_after.unwrap_or_default());
        }
        let fresh = error.status() == 404 && self.last.is_none() && now < self.fresh_until;
        let error = match error {
            Error::Api(refused) if !transient && !fresh => {
                return Next::Finish(Err(self.error(WaitFailure::Refused(refused))));
            }
            error => error,
        };
        if !fresh {
            self.failures = self.failures.saturating_add(1);
            if self.failures > self.options.max_failures {
                self.last_failure = Some(error.clone());
                return Next::Finish(Err(self.error(WaitFailure::GaveUp(error))));
            }
        }
        self.last_failure = Some(error);
        let backoff = self.options.backoff.pause(self.failures.max(1), &mut self.seed);
        let pause = backoff.max(self.options.interval);
        let reason = match retry_after {
            _ if fresh => Reason::NotReadableYet,
            Some(delay) if delay > pause => Reason::RetryAfter(delay),
            _ => Reason::Backoff {
                failures: self.failures,
            },
        };
        self.rest(now, pause.max(retry_after.unwrap_or_default()), reason)
    }

    /// Rests until the pause is over, or until the deadline, when the last GET is due.
    fn rest<T>(&mut self, now: Monotonic, pause: Duration, reason: Reason) -> Next<T> {
        let next = now.after(pause);
        self.reason = if next < self.deadline { reason } else { Reason::LastGet };
        Next::Rest(next.min(self.deadline).max(now))
    }

    pub(super) fn finish(&mut self) -> Option<Output> {
        let mut ended = self.ended.take()?;
        ended.counts = self.counts;
        Some(Ok(ended))
    }

    fn error(&self, failure: WaitFailure) -> WaitError {
        WaitError {
            id: self.get.0.clone(),
            failure,
            last: self.last.clone(),
            last_failure: self.last_failure.clone(),
            counts: self.counts,
        }
    }
}
