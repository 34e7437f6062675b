//! `Probe`: a client under test, with the requests that checks send.
use crate::{Session, Setup, Subject, server::authority};
use byourside_proto::{
    Api, ApiKey, BaseUrl, BuildError, CallId, GetCall, Operation, PlaceCall, TransportFailure,
    machine::{
        Backoff,
        place::{PlaceOptions, Placement, Placer},
        wait::{CallWaiter, WaitOptions},
    },
};
use http::{Request, Response};
use std::{
    error::Error,
    time::{Duration, Instant},
};

/// A timeout that nothing on loopback reaches unless it hangs.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How late a timeout may end on a busy machine.
pub(super) const SLACK: Duration = Duration::from_secs(2);
/// The body limit of clients under test, in bytes.
pub(super) const MAX_BODY: usize = 64 * 1024;
pub(super) const KEY: &str = "bys_ak_conformance";

/// Sequential requests may use this many connections and still count as reusing one: a pool may open another connection
/// before the first is back.
pub(super) const MAX_CONNECTIONS: usize = 3;

pub(super) type SendResult = Result<Response<Vec<u8>>, TransportFailure>;

/// A client under test, and the server that it talks to.
pub(super) struct Probe<'a> {
    pub(super) session: Box<dyn Session + 'a>,
    pub(super) api: Api,
}

impl<'a> Probe<'a> {
    pub(super) fn new(subject: &'a dyn Subject, url: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Self::with_connect_timeout(subject, url, PATIENCE)
    }

    /// Creates a probe with this connect timeout.
    pub(super) fn with_connect_timeout(
        subject: &'a dyn Subject,
        url: &str,
        connect_timeout: Duration,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let setup = Setup {
            roots: vec![authority()?.root()],
            connect_timeout,
            max_body: MAX_BODY,
        };
        Ok(Self {
            session: subject.open(&setup),
            api: Api::new(BaseUrl::allowing_plain_http(url)?, ApiKey::new(KEY)?),
        })
    }

    pub(super) fn get(&self) -> SendResult {
        self.get_within(PATIENCE)
    }

    pub(super) fn get_within(&self, timeout: Duration) -> SendResult {
        self.session.send(self.get_request("c1")?, timeout)
    }

    pub(super) fn post(&self) -> SendResult {
        self.post_within(PATIENCE)
    }

    pub(super) fn post_within(&self, timeout: Duration) -> SendResult {
        self.session.send(self.post_request()?, timeout)
    }

    /// Sends a POST that must fail. Returns the failure and how long it took.
    pub(super) fn failure_within(&self, timeout: Duration) -> Result<(TransportFailure, Duration), String> {
        let began = Instant::now();
        match self.post_within(timeout) {
            Ok(response) => Err(format!("the answer was {}, not a failure", response.status())),
            Err(failure) => Ok((failure, began.elapsed())),
        }
    }

    /// Places a call, with short pauses between the retries.
    pub(super) fn place(&self, attempt_timeout: Duration) -> Result<Placement, BuildError> {
        let pause = Duration::from_millis(10);
        let options = PlaceOptions {
            attempt_timeout,
            backoff: Backoff::doubling(pause, pause),
            ..PlaceOptions::default()
        };
        let placer = Placer::new(self.api.clone(), call()?, options, self.session.now());
        Ok(self.session.place(placer))
    }

    pub(super) fn waiter(&self, id: &str, options: WaitOptions) -> Result<CallWaiter, BuildError> {
        Ok(CallWaiter::new(
            self.api.clone(),
            CallId::new(id)?,
            options,
            self.session.now(),
        ))
    }

    pub(super) fn get_request(&self, id: &str) -> Result<Request<Vec<u8>>, TransportFailure> {
        let id = CallId::new(id).map_err(TransportFailure::not_sent)?;
        Ok(GetCall(id).request(&self.api))
    }

    pub(super) fn post_request(&self) -> Result<Request<Vec<u8>>, TransportFailure> {
        Ok(call().map_err(TransportFailure::not_sent)?.request(&self.api))
    }
}

fn call() -> Result<PlaceCall, BuildError> {
    PlaceCall::new("+14155550123", "Confirm the appointment.")
}

/// Wait options with short intervals, for loopback.
pub(super) fn fast() -> WaitOptions {
    let pause = Duration::from_millis(20);
    WaitOptions {
        timeout: Duration::from_secs(30),
        interval: pause,
        backoff: Backoff::doubling(pause, pause),
        ..WaitOptions::default()
    }
}
