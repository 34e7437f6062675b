//! What a wait can end with.
use crate::{
    api::ApiError,
    machine::Error,
    types::{Call, CallId, Status, redact_id},
};
use core::fmt;
use serde::{Deserialize, Serialize};

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FinishedCall {
    /// Its record, with a terminal status.
    pub call: Call,
    /// What it took.
    pub counts: WaitCounts,
    /// What told of the end first.
    pub end_source: EndSource,
    /// A status that a record or an event claimed after the terminal one. It was not believed.
    pub conflict: Option<Status>,
}

impl FinishedCall {
    pub(crate) fn new(call: Call, end_source: EndSource, counts: WaitCounts) -> Self {
        Self {
            call,
            counts,
            end_source,
            conflict: None,
        }
    }
}

/// What told of the end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndSource {
    /// A record that was asked for.
    Poll,
    /// A webhook event.
    Event,
}

/// What an event changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventEffect {
    /// Nothing: it is of another call, or known, or late.
    Nothing,
    /// The status.
    Changed,
    /// The call has ended.
    Ended,
    /// It contradicts what is known, or itself, with this status. It was not believed.
    Conflict(Status),
}

/// What a wait took so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitCounts {
    /// GETs sent.
    pub polls: u32,
    /// 429 answers.
    pub rate_limited: u32,
    /// Other refusals.
    pub refused: u32,
    /// 2xx answers that were no record.
    pub unreadable: u32,
    /// Attempts without a whole answer, timeouts included.
    pub transport: u32,
}

/// A wait that ended without the end of the call. The call itself may go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitError {
    /// The call that was waited for: with its id the wait can be taken up again.
    pub id: CallId,
    /// Why.
    pub failure: WaitFailure,
    /// The last record that was read.
    pub last: Option<Call>,
    /// The last transient failure, if there was one.
    pub last_failure: Option<Error>,
    /// What it took.
    pub counts: WaitCounts,
}

/// Why a wait ended without the end of the call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WaitFailure {
    /// The deadline passed.
    TimedOut,
    /// The service refused, and will again.
    Refused(ApiError),
    /// More failures in a row than the options bear; this is the last one.
    GaveUp(Error),
}

impl WaitError {
    /// `timeout` past the deadline, else the failure's own code, as in the official clients.
    ///
    /// ```
    /// # use byourside_proto::{CallId, machine::wait::{WaitCounts, WaitError, WaitFailure}};
    /// let (last, last_failure, counts) = (None, None, WaitCounts::default());
    /// let error = WaitError { id: CallId::new("c1")?, failure: WaitFailure::TimedOut, last, last_failure, counts };
    /// assert_eq!((error.code(), error.status()), ("timeout", 0));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn code(&self) -> &str {
        match &self.failure {
            WaitFailure::TimedOut => "timeout",
            WaitFailure::Refused(error) => error.code(),
            WaitFailure::GaveUp(error) => error.code(),
        }
    }

    /// The HTTP status; 0 past the deadline or where no answer came.
    ///
    /// ```
    /// # use byourside_proto::{CallId, machine::wait::{WaitCounts, WaitError, WaitFailure}};
    /// let (last, last_failure, counts) = (None, None, WaitCounts::default());
    /// let error = WaitError { id: CallId::new("c1")?, failure: WaitFailure::TimedOut, last, last_failure, counts };
    /// assert_eq!((error.code(), error.status()), ("timeout", 0));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        match &self.failure {
            WaitFailure::TimedOut => 0,
            WaitFailure::Refused(error) => error.status(),
            WaitFailure::GaveUp(error) => error.status(),
        }
    }
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = redact_id(self.id.as_str());
        match &self.failure {
            WaitFailure::TimedOut => write!(
                f,
                "Call {id} had not ended by the deadline; it may go on. Wait for it again."
            )?,
            WaitFailure::Refused(error) => write!(f, "Call {id}: {error}")?,
            WaitFailure::GaveUp(error) => write!(f, "Call {id}: too many failures in a row, the last one: {error}")?,
        }
        write!(f, " ({} polls", self.counts.polls)?;
        if let (WaitFailure::TimedOut, Some(error)) = (&self.failure, &self.last_failure) {
            write!(f, "; the last failure: {error}")?;
        }
        f.write_str(")")?;
        let redirected = self.last_failure.as_ref().map_or(0, Error::status) / 100 == 3;
        if redirected && !matches!(self.failure, WaitFailure::Refused(_)) {
            f.write_str(" No redirect is followed: check the base URL.")?;
        }
        Ok(())
    }
}

impl core::error::Error for WaitError {}

impl WaitCounts {
    pub(crate) fn count(&mut self, error: &Error) {
        let counter = match error {
            Error::Api(error) if error.status() == 429 => &mut self.rate_limited,
            Error::Api(error) if (200..300).contains(&error.status()) => &mut self.unreadable,
            Error::Api(_) | Error::Build(_) => &mut self.refused,
            Error::Transport(_) => &mut self.transport,
        };
        *counter = counter.saturating_add(1);
    }
}
