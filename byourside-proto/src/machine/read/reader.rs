//! The machine that sends one GET and retries it.
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

/// An operation that changes nothing at the service, so that it can be repeated. `PlaceCall` is not one of them:
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

/// Sends one GET, and retries it after a transient failure. The [module](super) shows its states.
///
/// Transient are a 5xx, a 429, no answer, and an unreadable answer.
///
/// ```
/// use byourside_proto::{Api, ListCalls, Monotonic, drive_blocking, machine::read::{ReadOptions, Reader}};
/// use core::{cell::Cell, time::Duration};
///
/// let clock = Cell::new(Monotonic::ORIGIN);
/// let api = Api::with_key("bys_ak_example")?;
/// let mut reader = Reader::new(api, ListCalls::default(), ReadOptions::default(), clock.get());
/// let mut answers = [(503, ""), (200, r#"{"calls": []}"#)].into_iter();
/// let calls = drive_blocking(
///     &mut reader,
///     |_request, _timeout| {
///         let (status, body) = answers.next().unwrap();
///         Ok(http::Response::builder().status(status).body(body).unwrap())
///     },
///     |pause| clock.set(clock.get().after(pause)),
///     || clock.get(),
/// );
/// assert_eq!(calls, Ok(vec![]));
/// assert!(clock.get().since_origin() <= Duration::from_millis(500), "one pause");
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Reader<O: ReadOperation>(Engine<Reading<O>>);

/// The protocol of a [`Reader`]: sends the GET, and decides whether to retry it.
#[derive(Clone, Debug, PartialEq)]
struct Reading<O> {
    operation: O,
    options: ReadOptions,
    deadline: Monotonic,
    /// How many failures were retried.
    failed: u32,
    last_failure: Option<Error>,
    seed: u64,
}

impl<O: ReadOperation> Reader<O> {
    /// Creates a machine that sends `operation`. It sends its first request at once, and its timeout begins at `now`.
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
        match self.retry_pause(&error) {
            Some(pause) if now.after(pause) < self.deadline => {
                self.last_failure = Some(error);
                Next::Rest(now.after(pause))
            }
            _ => Next::Finish(Err(error)),
        }
    }
}

impl<O> Reading<O> {
    /// How long to wait before a retry; `None` if a retry is of no use, or none is left.
    fn retry_pause(&mut self, error: &Error) -> Option<Duration> {
        let transient = match error {
            Error::Api(error) => error.is_transient(),
            Error::Transport(_) => true,
            Error::Build(_) => false,
        };
        if !transient || self.failed >= self.options.retries {
            return None;
        }
        self.failed += 1;
        let backoff = self.options.backoff.pause(self.failed, &mut self.seed);
        let retry_after = match error {
            Error::Api(error) => error.retry_after().unwrap_or_default(),
            Error::Build(_) | Error::Transport(_) => Duration::ZERO,
        };
        Some(backoff.max(retry_after))
    }
}
