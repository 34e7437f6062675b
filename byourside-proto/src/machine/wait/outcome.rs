//! What a wait ends with, and what an event changes.
use crate::{
    api::ApiError,
    machine::Error,
    types::{Call, CallId, Status, redact_id},
};
use core::fmt;
use serde::{Deserialize, Serialize};

/// A call that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FinishedCall {
    /// The record of the call, with a terminal status.
    pub call: Call,
    /// How many GETs were sent, and how many failed.
    pub counts: WaitCounts,
    /// Whether a GET or a webhook event showed the end first.
    pub end_source: EndSource,
    /// A different status that a record or an event claimed after the terminal one. It was not believed.
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

/// What showed the end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndSource {
    /// The answer to a GET.
    Poll,
    /// A webhook event.
    Event,
}

/// What a webhook event changed in a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventEffect {
    /// Nothing: the event is for another call, or it is repeated, late or of an unknown kind.
    Nothing,
    /// The status of the call.
    Changed,
    /// The call has ended.
    Ended,
    /// The event claims this status, which contradicts the known status, or the kind of the event. It was not believed.
    Conflict(Status),
}

/// How many GETs a wait has sent, and how many of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitCounts {
    /// GETs sent.
    pub polls: u32,
    /// 429 answers.
    pub rate_limited: u32,
    /// Other answers that are not 2xx.
    pub refused: u32,
    /// 2xx answers without a readable record.
    pub unreadable: u32,
    /// Attempts without a complete answer, timeouts included.
    pub transport: u32,
}

/// The error of a wait that did not see the call end. The call itself may go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitError {
    /// The id of the call, to wait for it again.
    pub id: CallId,
    /// Why the wait ended.
    pub failure: WaitFailure,
    /// The last record that a GET returned. A [`WaitSet`](crate::machine::wait_set::WaitSet) keeps none.
    pub last: Option<Call>,
    /// The last transient failure, if there was one. From a [`WaitSet`](crate::machine::wait_set::WaitSet), only the
    /// failure that ended the wait.
    pub last_failure: Option<Error>,
    /// How many GETs were sent, and how many failed.
    pub counts: WaitCounts,
}

/// Why a wait did not see the call end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WaitFailure {
    /// The deadline passed.
    TimedOut,
    /// The service refused, and a retry would not help: a 4xx such as 401 or 404.
    Refused(ApiError),
    /// There were more transient failures in a row than the options allow. This is the last one.
    GaveUp(Error),
}

impl WaitError {
    /// The error code, as in the official clients: `timeout` after the deadline, or the code of the failure.
    #[must_use]
    pub fn code(&self) -> &str {
        match &self.failure {
            WaitFailure::TimedOut => "timeout",
            WaitFailure::Refused(error) => error.code(),
            WaitFailure::GaveUp(error) => error.code(),
        }
    }

    /// The HTTP status of the failure; 0 after the deadline, or if there was no answer.
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
    /// Counts a failure.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::TransportFailure;

    #[test]
    fn wait_error_has_the_code_and_status_of_its_failure() {
        let lost = Error::from(TransportFailure::timed_out());
        for (failure, code) in [
            (WaitFailure::TimedOut, "timeout"),
            (WaitFailure::GaveUp(lost), "network_error"),
        ] {
            let error = WaitError {
                id: CallId::new("c1").unwrap(),
                failure,
                last: None,
                last_failure: None,
                counts: WaitCounts::default(),
            };
            assert_eq!((error.code(), error.status()), (code, 0));
        }
    }
}
