//! Waiting: a GET per interval until a terminal status, a refusal, too many failures in a row, or the deadline.
use super::{Expected, Model, pause};
use crate::{answer::Given, subject::Waiter};
use byourside_proto::{
    Monotonic,
    machine::{
        Backoff,
        wait::{FinishedCall, WaitCounts, WaitError, WaitOptions},
    },
};
use core::time::Duration;
use serde_json::{Map, Value};

pub struct WaiterModel {
    options: WaitOptions,
    start: Monotonic,
    deadline: Monotonic,
    sent_at: Monotonic,
    silence_at_deadline: bool,
    counts: WaitCounts,
    records: u32,
    failures_in_a_row: u32,
    last: Option<Record>,
    last_failure: Option<Failure>,
    terminal: Option<Record>,
    conflict: Option<String>,
    settle_left: u32,
}

type Record = Map<String, Value>;
/// Code and status.
type Failure = (String, u16);

#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The record, or the code of the error.
    end: Result<Record, Failure>,
    last: Option<Record>,
    last_failure: Option<Failure>,
    conflict: Option<String>,
    counts: WaitCounts,
}

impl Model for WaiterModel {
    type Subject = Waiter;
    type Outcome = Outcome;

    fn new(setup: &Waiter, start: Monotonic) -> Self {
        Self {
            options: setup.0,
            start,
            deadline: start.after(setup.0.timeout),
            sent_at: start,
            silence_at_deadline: false,
            counts: WaitCounts::default(),
            records: 0,
            failures_in_a_row: 0,
            last: None,
            last_failure: None,
            terminal: None,
            conflict: None,
            settle_left: 0,
        }
    }

    fn turn(&mut self, now: Monotonic) -> Expected<Outcome> {
        let past = now >= self.deadline;
        if past && self.counts.polls > 0 {
            if let Some(record) = self.terminal.clone() {
                return self.end(Ok(record));
            }
            let last_get_sent = self.sent_at >= self.deadline;
            if last_get_sent || self.silence_at_deadline {
                return self.end(Err(("timeout".into(), 0)));
            }
        }
        self.counts.polls += 1;
        self.sent_at = now;
        let patience = now.after(self.options.grace);
        let end = if past { patience } else { self.deadline.max(patience) };
        Expected::SendUntil(now.after(self.options.attempt_timeout).min(end))
    }

    fn answered(&mut self, now: Monotonic, given: &Given) -> Expected<Outcome> {
        let grace_over = self.deadline.after(self.options.grace);
        self.silence_at_deadline = matches!(given, Given::TimedOut) && (self.deadline..=grace_over).contains(&now);
        match given.success() {
            Some(Value::Object(record)) => self.record(now, record),
            _ => self.failure(now, given),
        }
    }

    fn outcome(output: &Result<FinishedCall, WaitError>) -> Outcome {
        match output {
            Ok(ended) => Outcome {
                end: Ok(ended.call.raw().clone()),
                last: None,
                last_failure: None,
                conflict: ended.conflict.as_ref().map(|status| status.as_str().to_owned()),
                counts: ended.counts,
            },
            Err(error) => Outcome {
                end: Err((error.code().to_owned(), error.status())),
                last: error.last.as_ref().map(|call| call.raw().clone()),
                last_failure: error
                    .last_failure
                    .as_ref()
                    .map(|error| (error.code().to_owned(), error.status())),
                conflict: None,
                counts: error.counts,
            },
        }
    }
}

impl WaiterModel {
    fn record(&mut self, now: Monotonic, record: Record) -> Expected<Outcome> {
        self.records += 1;
        self.failures_in_a_row = 0;
        let status = |record: &Record| record.get("status").and_then(Value::as_str).map(str::to_owned);
        let word = status(&record);
        if let Some(terminal) = &mut self.terminal {
            if word == status(terminal) {
                *terminal = record;
            } else {
                self.conflict = word;
            }
            return self.settle(now, Duration::ZERO);
        }
        self.last = Some(record.clone());
        let terminal = ["completed", "no_answer", "voicemail", "declined", "failed"];
        if word.is_some_and(|word| terminal.contains(&word.as_str())) {
            self.terminal = Some(record);
            self.settle_left = self.options.settle + 1;
            return self.settle(now, Duration::ZERO);
        }
        let growing = Backoff {
            first: self.options.interval,
            growth_percent: self.options.interval_growth_percent,
            max: self.options.interval.max(self.options.max_interval),
            jitter_percent: 0,
        };
        self.next_get(now, pause(&growing, self.records))
    }

    fn settle(&mut self, now: Monotonic, asked: Duration) -> Expected<Outcome> {
        let Some(record) = self.terminal.clone() else {
            return self.next_get(now, Duration::ZERO);
        };
        self.settle_left -= 1;
        let there = |name| record.get(name).is_some_and(|value| !value.is_null());
        let complete = record["status"] != "completed" || there("summary") || there("extracted");
        if complete || self.settle_left == 0 || now >= self.deadline {
            self.end(Ok(record))
        } else {
            self.next_get(now, self.options.interval.max(asked))
        }
    }

    fn failure(&mut self, now: Monotonic, given: &Given) -> Expected<Outcome> {
        match given.status() {
            0 => self.counts.transport += 1,
            200..=299 => self.counts.unreadable += 1,
            429 => self.counts.rate_limited += 1,
            _ => self.counts.refused += 1,
        }
        let asked = given.asked().unwrap_or_default().min(self.options.max_retry_after);
        if self.terminal.is_some() {
            // A refusal that is not transient: the results will not come.
            self.settle_left = if given.passes() { self.settle_left } else { 1 };
            return self.settle(now, asked);
        }
        let failure = (given.code(), given.status());
        let not_there_yet =
            given.status() == 404 && self.last.is_none() && now < self.start.after(self.options.not_found_grace);
        if !given.passes() && !not_there_yet {
            return self.end(Err(failure));
        }
        self.last_failure = Some(failure.clone());
        if !not_there_yet {
            self.failures_in_a_row += 1;
            if self.failures_in_a_row > self.options.max_failures {
                return self.end(Err(failure));
            }
        }
        let own = pause(&self.options.backoff, self.failures_in_a_row.max(1)).max(self.options.interval);
        self.next_get(now, own.max(asked))
    }

    /// Pauses before the next GET, at most until the deadline, when the last GET is due.
    fn next_get(&self, now: Monotonic, pause: Duration) -> Expected<Outcome> {
        let due = now.after(pause).min(self.deadline);
        Expected::PauseUntil(due.max(now))
    }

    fn end(&self, end: Result<Record, Failure>) -> Expected<Outcome> {
        let err = end.is_err();
        Expected::End(Outcome {
            end,
            last: self.last.clone().filter(|_| err),
            last_failure: self.last_failure.clone().filter(|_| err),
            conflict: self.conflict.clone().filter(|_| !err),
            counts: self.counts,
        })
    }
}
