//! Reading the list: retries transient failures while retries and time are left.
use super::{Expected, Model, pause};
use crate::{answer::Given, subject::Reading};
use byourside_proto::{
    Call, Monotonic,
    machine::{Error, read::ReadOptions},
};
use serde_json::{Map, Value};

pub struct ReaderModel {
    options: ReadOptions,
    deadline: Monotonic,
    failures: u32,
    last: Option<Failure>,
}

/// Code and status.
type Failure = (String, u16);

impl Model for ReaderModel {
    type Subject = Reading;
    type Outcome = Result<Vec<Map<String, Value>>, Failure>;

    fn new(setup: &Reading, start: Monotonic) -> Self {
        Self {
            options: setup.0,
            deadline: start.after(setup.0.timeout),
            failures: 0,
            last: None,
        }
    }

    fn turn(&mut self, now: Monotonic) -> Expected<Self::Outcome> {
        match &self.last {
            Some(failure) if now >= self.deadline => Expected::End(Err(failure.clone())),
            _ => Expected::SendUntil(now.after(self.options.attempt_timeout).min(self.deadline)),
        }
    }

    fn answered(&mut self, now: Monotonic, given: &Given) -> Expected<Self::Outcome> {
        let list = given.success().and_then(|body| {
            let calls = body.get("calls")?.as_array()?.clone();
            calls.iter().map(|call| call.as_object().cloned()).collect()
        });
        if let Some(list) = list {
            return Expected::End(Ok(list));
        }
        let failure = (given.code(), given.status());
        self.last = Some(failure.clone());
        self.failures += 1;
        let pause = pause(&self.options.backoff, self.failures).max(given.asked().unwrap_or_default());
        let again = now.after(pause);
        if given.passes() && self.failures <= self.options.retries && again < self.deadline {
            Expected::PauseUntil(again)
        } else {
            Expected::End(Err(failure))
        }
    }

    fn outcome(output: &Result<Vec<Call>, Error>) -> Self::Outcome {
        match output {
            Ok(calls) => Ok(calls.iter().map(|call| call.raw().clone()).collect()),
            Err(error) => Err((error.code().into(), error.status())),
        }
    }
}
