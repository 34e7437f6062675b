//! The decisions of a reconciler: what to look at next, and when a call is found, absent or ambiguous.
use super::{
    matching::matches,
    options::ReconcileOptions,
    outcome::Reconciliation,
    search::{Known, LIMIT, ListReading},
};
use crate::{
    api::{Api, GetCall, ListCalls, Operation, PlaceCall},
    machine::{
        Error,
        engine::{Effect, Next, Protocol, Stage, Wake},
        reply::Answer,
        snapshot::Persist,
    },
    types::{Call, Monotonic},
    webhook::Event,
};
use alloc::vec::Vec;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// How many lists without the call it takes to say that the call is absent.
const LISTS: u32 = 2;

/// The protocol of a [`Reconciler`](super::Reconciler).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reconciling {
    #[serde(with = "crate::machine::place::snapshot")]
    call: PlaceCall,
    options: ReconcileOptions,
    pub(super) known: Known,
    reading: ListReading,
    deadline: Monotonic,
    /// When an attempt that was in flight at the deadline times out at the latest.
    end: Monotonic,
    /// From then on, the service no longer acts on the POST whose answer was lost.
    settled: Monotonic,
    /// Whether the current list was requested after that.
    is_settled: bool,
    /// Whether the last list, at the deadline, was requested.
    sent_last: bool,
    /// When the `Retry-After` delay is over. No event shortens it.
    retry_after_until: Monotonic,
    /// How many lists reached back far enough, and had no candidate and no gap.
    without: u32,
    lookups: u32,
    /// Failures in a row.
    failures: u32,
    last_failure: Option<Error>,
    seed: u64,
}

impl Protocol for Reconciling {
    type Output = Reconciliation;

    fn wake(&mut self, now: Monotonic, api: &Api) -> Wake<Reconciliation> {
        let looking = !self.reading.queue.is_empty();
        if now >= self.end || (self.sent_last && !looking) {
            return Wake::Finish(self.ambiguous());
        }
        let until = now.after(self.options.attempt_timeout).min(self.end);
        if let Some(id) = self.reading.queue.front() {
            self.lookups = self.lookups.saturating_add(1);
            return Wake::Send(GetCall(id.clone()).request(api), until);
        }
        self.is_settled = now >= self.settled;
        self.sent_last = now >= self.deadline;
        Wake::Send(list().request(api), until)
    }

    fn answer(&mut self, now: Monotonic, answer: Answer) -> Next<Reconciliation> {
        match self.reading.queue.front().cloned() {
            Some(id) => match parse(&GetCall(id), answer) {
                Ok(record) => self.reading.looked_up(Some(record), &self.call, &mut self.known),
                Err(error) if is_refused_key(&error) => return self.end_with_failure(error),
                Err(error) => {
                    self.reading.looked_up(None, &self.call, &mut self.known);
                    self.back_off(now, &error);
                    self.last_failure = Some(error);
                }
            },
            None => match parse(&list(), answer) {
                Ok(entries) => {
                    self.failures = 0;
                    self.reading = ListReading::of(entries, &self.call, &self.known);
                }
                Err(error) if is_refused_key(&error) => return self.end_with_failure(error),
                Err(error) => return self.failed(now, error),
            },
        }
        self.conclude(now)
    }
}

impl Persist for Reconciling {
    const NAME: &'static str = "reconciler";

    fn map_times(&mut self, change: impl Fn(Monotonic) -> Monotonic) {
        for at in [
            &mut self.deadline,
            &mut self.end,
            &mut self.settled,
            &mut self.retry_after_until,
        ] {
            *at = change(*at);
        }
    }
}

impl Reconciling {
    pub(super) fn new(call: PlaceCall, options: ReconcileOptions, now: Monotonic) -> Self {
        let deadline = now.after(options.timeout);
        Self {
            call,
            options,
            known: Known::default(),
            reading: ListReading::default(),
            deadline,
            end: deadline.after(options.attempt_timeout),
            settled: now.after(options.settle),
            is_settled: false,
            sent_last: false,
            retry_after_until: now,
            without: 0,
            lookups: 0,
            failures: 0,
            last_failure: None,
            seed: options.seed,
        }
    }

    pub(super) fn on_event(
        &mut self,
        event: &Event,
        token: Option<&str>,
        stage: Stage<'_, Reconciliation>,
    ) -> (bool, Effect<Reconciliation>) {
        let nothing = (false, Effect::Nothing);
        let Some(record) = event.record() else {
            return nothing;
        };
        let Some(id) = record.call_id().filter(|id| !self.known.before.contains(id)) else {
            return nothing;
        };
        let own = self.call.correlation_token();
        match (token, own) {
            (Some(token), Some(own)) if token == own => {
                return match stage {
                    Stage::Open => (true, Effect::Finish(Reconciliation::Found(record))),
                    Stage::Unobserved(output) => {
                        *output = Reconciliation::Found(record);
                        (true, Effect::Nothing)
                    }
                    Stage::Observed(_) => (true, Effect::Nothing),
                };
            }
            (Some(_), Some(_)) => {
                self.reading
                    .candidates
                    .retain(|call| call.call_id().as_ref() != Some(&id));
                self.known.rule_out(id);
                return nothing;
            }
            (None, _) | (_, None) => {}
        }
        let is_match = matches!(stage, Stage::Open) && matches(&self.call, &record) == Some(true);
        if is_match && self.known.add_from_event(id, record) {
            (false, Effect::WakeBy(self.retry_after_until))
        } else {
            nothing
        }
    }

    /// Continues with the next lookup, or decides what the list means.
    fn conclude(&mut self, now: Monotonic) -> Next<Reconciliation> {
        if !self.reading.queue.is_empty() {
            if self.lookups < self.options.max_lookups {
                return Next::Rest(self.retry_after_until.min(self.end).max(now));
            }
            self.reading.queue.clear();
            self.reading.gaps = true;
        }
        let reading = &self.reading;
        let can_be_proved = self.call.correlation_token().is_some();
        match reading.candidates.as_slice() {
            [only] if !reading.gaps => return Next::Finish(Reconciliation::Found(only.clone())),
            [_, _, ..] if !can_be_proved => return Next::Finish(self.ambiguous()),
            [] if reading.reaches_back && !reading.gaps => {
                self.without = self.without.saturating_add(1);
                if self.without >= LISTS && self.is_settled {
                    return Next::Finish(Reconciliation::Absent);
                }
            }
            _ => {}
        }
        self.rest(now, self.options.interval.max(self.retry_after_until.since(now)))
    }

    /// Backs off after a list that failed.
    fn failed(&mut self, now: Monotonic, error: Error) -> Next<Reconciliation> {
        self.failures = self.failures.saturating_add(1);
        let backoff = self.options.backoff.pause(self.failures, &mut self.seed);
        self.back_off(now, &error);
        self.last_failure = Some(error);
        let retry_after = self.retry_after_until.since(now);
        self.rest(now, backoff.max(self.options.interval).max(retry_after))
    }

    /// Sends nothing for as long as `Retry-After` says, or after a 429 without it for the first pause of the backoff.
    fn back_off(&mut self, now: Monotonic, error: &Error) {
        let Error::Api(refused) = error else { return };
        let pause = match refused.retry_after() {
            Some(delay) => delay.min(self.options.max_retry_after),
            None if refused.status() == 429 => self.options.backoff.first,
            None => return,
        };
        self.retry_after_until = self.retry_after_until.max(now.after(pause));
    }

    /// Rests until the pause is over, or until the deadline, when the last list is due.
    fn rest(&self, now: Monotonic, pause: Duration) -> Next<Reconciliation> {
        Next::Rest(now.after(pause).min(self.deadline).max(now))
    }

    fn end_with_failure(&mut self, error: Error) -> Next<Reconciliation> {
        self.last_failure = Some(error);
        Next::Finish(self.ambiguous())
    }

    fn ambiguous(&self) -> Reconciliation {
        let mut candidates: Vec<Call> = self.reading.candidates.clone();
        for named in self.known.named_by_events() {
            if !candidates.iter().any(|call| call.id() == named.id()) {
                candidates.push(named.clone());
            }
        }
        Reconciliation::Ambiguous {
            candidates,
            last_failure: self.last_failure.clone(),
        }
    }
}

fn list() -> ListCalls {
    ListCalls::new(u32::try_from(LIMIT).unwrap_or(u32::MAX))
}

fn parse<O: Operation>(operation: &O, answer: Answer) -> Result<O::Answer, Error> {
    match answer {
        Answer::Response(status, headers, body) => Ok(operation.parse(status, &headers, &body)?),
        Answer::Failed(failure) => Err(Error::Transport(failure)),
    }
}

/// Whether the service refused the key, so that every later list would fail as well.
fn is_refused_key(error: &Error) -> bool {
    matches!(error.status(), 401 | 403)
}
