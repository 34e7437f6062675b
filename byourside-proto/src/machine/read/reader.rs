//! A single read that outlives what passes.
use super::options::ReadOptions;
use crate::{
    api::{Api, GetCall, ListCalls, Operation},
    machine::{
        Action, Error, Machine, Reply,
        engine::{Engine, Next, Protocol, Wake},
        reply::Answer,
    },
    types::Monotonic,
};
use core::time::Duration;

/// An operation that changes nothing at the service, so that it may be repeated. Placing a call is none:
///
/// ```compile_fail,E0277
/// use byourside_proto::{Api, Monotonic, PlaceCall, machine::read::{Reader, ReadOptions}};
/// fn twice(api: Api, call: PlaceCall) {
///     let _ = Reader::new(api, call, ReadOptions::default(), Monotonic::ORIGIN);
/// }
/// ```
pub trait ReadOperation: Operation {}

impl ReadOperation for GetCall {}
impl ReadOperation for ListCalls {}

/// Gets one answer, and tries again after what passes: 5xx, 429 (honouring `Retry-After`), no answer, an unreadable one.
///
/// ```text
///           GET           readable 2xx
/// (start) ───────▶ (out) ───────────────────────────────▶ done: the answer
///          ▲         ├── 401, 404, another 4xx ──────────▶ done: the error
///          │ pause   ├── 5xx, 429, no answer, unreadable,
///          └─────────┘   while retries and time are left; then ▶ done: the error
/// ```
///
/// ```
/// use byourside_proto::{Api, ListCalls, Monotonic, drive_blocking, machine::read::{ReadOptions, Reader}};
///
/// let api = Api::with_key("bys_ak_example")?;
/// let mut reader = Reader::new(api, ListCalls::default(), ReadOptions::default(), Monotonic::ORIGIN);
/// let mut answers = [(503, ""), (200, r#"{"calls": []}"#)].into_iter();
/// let calls = drive_blocking(
///     &mut reader,
///     |_request, _timeout| {
///         let (status, body) = answers.next().unwrap_or((500, ""));
///         Ok(http::Response::builder().status(status).body(body).unwrap())
///     },
///     |_pause| {},
///     { let mut seconds = 0; move || { seconds += 1; Monotonic::new(core::time::Duration::from_secs(seconds)) } },
/// );
/// assert_eq!(calls, Ok(vec![]));
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Reader<O: ReadOperation>(Engine<Reading<O>>);

#[derive(Clone, Debug, PartialEq)]
struct Reading<O> {
    operation: O,
    options: ReadOptions,
    deadline: Monotonic,
    failed: u32,
    last_failure: Option<Error>,
    seed: u64,
}

impl<O: ReadOperation> Reader<O> {
    /// A machine that reads this. Its first request is wanted at once; `now` begins the timeout.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, GetCall, Machine, Monotonic, machine::read::{ReadOptions, Reader}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let get = GetCall(CallId::new("c1")?);
    /// let reader = Reader::new(api, get, ReadOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(reader.next_wake(), Some(Monotonic::ORIGIN));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn new(api: Api, operation: O, options: ReadOptions, now: Monotonic) -> Self {
        let reading = Reading {
            operation,
            options,
            deadline: now.after(options.timeout),
            failed: 0,
            last_failure: None,
            seed: options.seed,
        };
        Self(Engine::new(reading, api, now))
    }
}

impl<O: ReadOperation> Machine for Reader<O> {
    type Output = Result<O::Answer, Error>;

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

impl<O: ReadOperation> Protocol for Reading<O> {
    type Output = Result<O::Answer, Error>;

    fn wake(&mut self, now: Monotonic, api: &Api) -> Wake<Self::Output> {
        match self.last_failure.take_if(|_| now >= self.deadline) {
            Some(error) => Wake::Finish(Err(error)),
            None => {
                let until = now.after(self.options.attempt_timeout).min(self.deadline);
                Wake::Send(self.operation.request(api), until)
            }
        }
    }

    fn answer(&mut self, now: Monotonic, answer: Answer) -> Next<Self::Output> {
        let error = match answer {
            Answer::Response(status, headers, body) => match self.operation.parse(status, &headers, &body) {
                Ok(answer) => return Next::Finish(Ok(answer)),
                Err(error) => Error::Api(error),
            },
            Answer::Failed(failure) => Error::Transport(failure),
        };
        match self.pause(&error) {
            Some(pause) if now.after(pause) < self.deadline => {
                self.last_failure = Some(error);
                Next::Rest(now.after(pause))
            }
            _ => Next::Finish(Err(error)),
        }
    }
}

impl<O> Reading<O> {
    /// How long to wait before trying again; `None` where that is of no use.
    fn pause(&mut self, error: &Error) -> Option<Duration> {
        let transient = match error {
            Error::Api(error) => error.is_transient(),
            Error::Transport(_) => true,
            Error::Build(_) => false,
        };
        if !transient || self.failed >= self.options.retries {
            return None;
        }
        self.failed += 1;
        let own = self.options.backoff.pause(self.failed, &mut self.seed);
        let asked = match error {
            Error::Api(error) => error.retry_after().unwrap_or_default(),
            Error::Build(_) | Error::Transport(_) => Duration::ZERO,
        };
        Some(own.max(asked))
    }
}
