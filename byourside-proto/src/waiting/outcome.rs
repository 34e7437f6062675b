//! What a wait can end with.
use crate::{ApiError, Call, CallId, Error, Status};
use core::fmt;

/// A call that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// Its record, with a terminal status.
    pub call: Call,
    /// What it took.
    pub counts: WaitCounts,
    /// A status that a later record claimed after the terminal one. It was not believed.
    pub conflict: Option<Status>,
}

/// What a wait took so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq)]
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
#[derive(Clone, Debug, PartialEq)]
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
    #[must_use]
    pub fn code(&self) -> &str {
        match &self.failure {
            WaitFailure::TimedOut => "timeout",
            WaitFailure::Refused(error) => error.code(),
            WaitFailure::GaveUp(error) => error.code(),
        }
    }

    /// The HTTP status; 0 past the deadline or where no answer came.
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
        match &self.failure {
            WaitFailure::TimedOut => {
                f.write_str("The call had not ended by the deadline; it may go on. Wait for it again.")?
            }
            WaitFailure::Refused(error) => error.fmt(f)?,
            WaitFailure::GaveUp(error) => write!(f, "Too many failures in a row, the last one: {error}")?,
        }
        write!(f, " ({} polls)", self.counts.polls)
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
