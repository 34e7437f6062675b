//! Waiting for a call to end.
mod options;
mod outcome;

pub use options::WaitOptions;
pub use outcome::{Ended, WaitCounts, WaitError, WaitFailure};

use crate::{
    Action, Api, Call, CallId, Error, GetCall, Machine, Monotonic, Operation, Reply, Status,
    machine::{Answer, Engine, Next, Protocol, Wake},
};
use core::time::Duration;

/// Polls the record of a call until it is terminal.
///
/// ```text
///           GET           terminal status
/// (start) ───────▶ (out) ─────────────────▶ done: the record
///          ▲         ├── 401, 403, 404, ... ▶ done: refused, with the last record
///          │ pause   │
///          └─────────┴── not terminal, or 5xx, 429, no answer, unreadable
///                    at the deadline: one last GET ▶ done: timed out, with the last record
/// ```
///
/// The answers to an attempt that is out at the deadline and to the last one are waited for no longer than
/// [`WaitOptions::grace`] each. Where the service says nothing, the wait is over at the deadline.
///
/// ```
/// use byourside_proto::{Action, Api, ApiKey, BaseUrl, CallId, CallWaiter, Machine, Monotonic, WaitOptions};
/// use core::time::Duration;
///
/// let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
/// let mut now = Monotonic::ORIGIN;
/// let mut waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), now);
/// let mut answers = ["queued", "in_progress", "completed"].into_iter();
/// let ended = loop {
///     match waiter.poll(now) {
///         Action::Send(_, slot) => {
///             let body = format!(r#"{{"id":"c1","status":"{}"}}"#, answers.next().unwrap_or("queued"));
///             waiter.handle(now, slot.response(&http::Response::new(body)));
///         }
///         Action::Sleep(duration) => now = now.after(duration),
///         Action::Done(ended) => break ended,
///     }
/// };
/// assert_eq!(now.since_origin(), Duration::from_secs(6));
/// assert_eq!(ended.map(|ended| ended.counts.polls), Ok(3));
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CallWaiter(Engine<Waiting>);

#[derive(Clone, Debug, PartialEq)]
struct Waiting {
    api: Api,
    get: GetCall,
    options: WaitOptions,
    began: Monotonic,
    deadline: Monotonic,
    sent_at: Monotonic,
    /// The attempt that was out at the deadline was answered with silence: another one after it would be too.
    silent: bool,
    last: Option<Call>,
    change: Option<Status>,
    ended: Option<Ended>,
    settling: u32,
    counts: WaitCounts,
    failures: u32,
    polls_answered: u32,
    last_failure: Option<Error>,
    seed: u64,
}

impl CallWaiter {
    /// A machine that waits for this call. Its first request is wanted at once; `now` begins the timeout.
    ///
    /// ```
    /// # use byourside_proto::{Api, ApiKey, BaseUrl, CallId, CallWaiter, Machine, Monotonic, WaitOptions};
    /// # let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(waiter.next_wake(), Some(Monotonic::ORIGIN));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn new(api: Api, id: CallId, options: WaitOptions, now: Monotonic) -> Self {
        let waiting = Waiting {
            api,
            get: GetCall(id),
            options,
            began: now,
            deadline: now.after(options.timeout),
            sent_at: now,
            silent: false,
            last: None,
            change: None,
            ended: None,
            settling: 0,
            counts: WaitCounts::default(),
            failures: 0,
            polls_answered: 0,
            last_failure: None,
            seed: options.seed,
        };
        Self(Engine::new(waiting, now))
    }

    /// The last record that was read.
    ///
    /// ```
    /// # use byourside_proto::{Api, ApiKey, BaseUrl, CallId, CallWaiter, Monotonic, WaitOptions};
    /// # let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(waiter.last(), None);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn last(&self) -> Option<&Call> {
        self.0.protocol.last.as_ref()
    }

    /// The status, if it changed since this was asked before. Ask after every `handle` to see each change.
    ///
    /// ```
    /// # use byourside_proto::{Api, ApiKey, BaseUrl, CallId, CallWaiter, Monotonic, WaitOptions};
    /// # let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// let mut waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(waiter.take_change(), None);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn take_change(&mut self) -> Option<Status> {
        self.0.protocol.change.take()
    }

    /// Calls `on_change` with each status as it comes, the first one included.
    ///
    /// ```
    /// # use byourside_proto::{Api, ApiKey, BaseUrl, CallId, CallWaiter, Monotonic, WaitOptions, drive_blocking};
    /// # let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// let mut seen = Vec::new();
    /// let mut waiter = waiter.watch(|status| seen.push(status.as_str().to_owned()));
    /// let answer = |_, _| Ok(http::Response::new(r#"{"id":"c1","status":"declined"}"#));
    /// drive_blocking(&mut waiter, answer, |_| {}, || Monotonic::ORIGIN)?;
    /// assert_eq!(seen, ["declined"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn watch<F: FnMut(&Status)>(self, on_change: F) -> Watched<F> {
        Watched {
            waiter: self,
            on_change,
        }
    }
}

impl Machine for CallWaiter {
    type Output = Result<Ended, WaitError>;

    fn poll(&mut self, now: Monotonic) -> Action<Self::Output> {
        self.0.poll(now)
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.0.handle(now, reply);
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.0.next_wake()
    }
}

/// A waiter that tells each status as it comes.
#[derive(Debug)]
pub struct Watched<F> {
    waiter: CallWaiter,
    on_change: F,
}

impl<F: FnMut(&Status)> Machine for Watched<F> {
    type Output = Result<Ended, WaitError>;

    fn poll(&mut self, now: Monotonic) -> Action<Self::Output> {
        self.waiter.poll(now)
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.waiter.handle(now, reply);
        if let Some(status) = self.waiter.take_change() {
            (self.on_change)(&status);
        }
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.waiter.next_wake()
    }
}

impl Protocol for Waiting {
    type Output = Result<Ended, WaitError>;

    fn wake(&mut self, now: Monotonic) -> Wake<Self::Output> {
        let over = now >= self.deadline && self.counts.polls > 0;
        if let Some(mut ended) = self.ended.take_if(|_| over || self.settling == 0) {
            ended.counts = self.counts;
            return Wake::Finish(Ok(ended));
        }
        if over && (self.silent || self.sent_at >= self.deadline) {
            return Wake::Finish(Err(self.error(WaitFailure::TimedOut)));
        }
        self.counts.polls = self.counts.polls.saturating_add(1);
        self.sent_at = now;
        let until = now.after(self.options.attempt_timeout).min(self.attempt_end(now));
        Wake::Send(self.get.request(&self.api), until)
    }

    fn answer(&mut self, now: Monotonic, answer: Answer) -> Next<Self::Output> {
        let error = match answer {
            Answer::Response(status, headers, body) => match self.get.parse(status, &headers, &body) {
                Ok(call) => return self.read(now, call),
                Err(error) => Error::Api(error),
            },
            Answer::Failed(failure) => Error::Transport(failure),
        };
        self.failed(now, error)
    }
}

impl Waiting {
    /// An attempt around the deadline may outlast it, by no more than the grace.
    fn attempt_end(&self, now: Monotonic) -> Monotonic {
        let grace = now.after(self.options.grace);
        if now < self.deadline {
            self.deadline.max(grace)
        } else {
            grace
        }
    }

    fn read(&mut self, now: Monotonic, call: Call) -> Next<Result<Ended, WaitError>> {
        self.silent = false;
        self.failures = 0;
        self.polls_answered = self.polls_answered.saturating_add(1);
        let status = call.status();
        if let Some(ended) = &mut self.ended {
            // Terminal is sticky: a record that says otherwise is reported, not believed.
            if status == ended.call.status() {
                ended.call = call;
            } else {
                ended.conflict = status;
            }
        } else {
            if status.is_some() && status != self.last.as_ref().and_then(Call::status) {
                self.change.clone_from(&status);
            }
            self.last = Some(call.clone());
            if !status.is_some_and(|status| status.is_terminal()) {
                return self.rest(now, self.options.interval(self.polls_answered));
            }
            self.settling = self.options.settle.saturating_add(1);
            self.ended = Some(Ended {
                call,
                counts: WaitCounts::default(),
                conflict: None,
            });
        }
        self.settle(now)
    }

    /// The call is over. Its result may come a moment later than its status, if the options allow for that.
    fn settle(&mut self, now: Monotonic) -> Next<Result<Ended, WaitError>> {
        self.settling = self.settling.saturating_sub(1);
        let settled = self.settling == 0 || now >= self.deadline;
        let complete = |ended: &Ended| ended.call.has_results();
        match self.ended.take_if(|ended| settled || complete(ended)) {
            Some(mut ended) => {
                ended.counts = self.counts;
                Next::Finish(Ok(ended))
            }
            None => self.rest(now, self.options.interval),
        }
    }

    fn failed(&mut self, now: Monotonic, error: Error) -> Next<Result<Ended, WaitError>> {
        self.counts.count(&error);
        let timed_out = matches!(&error, Error::Transport(failure) if failure.is_timeout());
        // Before the deadline, the last GET is still to come. Long after it, it is this side that was silent: asleep, or
        // stopped.
        self.silent = timed_out && self.deadline <= now && now <= self.deadline.after(self.options.grace);
        if self.ended.is_some() {
            return self.settle(now);
        }
        let fresh =
            error.code() == "not_found" && self.last.is_none() && now.since(self.began) < self.options.not_found_grace;
        if let Error::Api(refused) = &error
            && !refused.is_transient()
            && !fresh
        {
            let refused = WaitFailure::Refused(refused.clone());
            return Next::Finish(Err(self.error(refused)));
        }
        let asked = match &error {
            Error::Api(refused) => refused.retry_after(),
            Error::Build(_) | Error::Transport(_) => None,
        };
        self.last_failure = Some(error.clone());
        if !fresh {
            self.failures = self.failures.saturating_add(1);
            if self.failures > self.options.max_failures {
                return Next::Finish(Err(self.error(WaitFailure::GaveUp(error))));
            }
        }
        let backoff = self.options.backoff.pause(self.failures.max(1), &mut self.seed);
        let asked = asked.unwrap_or_default().min(self.options.max_retry_after);
        self.rest(now, backoff.max(self.options.interval).max(asked))
    }

    /// The next GET is after the pause, or at the deadline, which is when the last one is due.
    fn rest<T>(&self, now: Monotonic, pause: Duration) -> Next<T> {
        let next = now.after(pause);
        Next::Rest(if now < self.deadline {
            next.min(self.deadline)
        } else {
            now
        })
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
