//! What each number does when it is called: see `numbers.md`.
use crate::random;
use byourside_proto::{Status, types::PhoneNumber};
use std::time::Duration;

/// What the service does with a POST to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Places the call.
    Call(Scenario),
    /// Refuses, every time.
    PlacementFailed,
    RateLimited,
    OverMinuteCap,
    StoreError,
    /// Refuses the first POST with `rate_limited`.
    RateLimitedOnce,
    /// Places the call and closes the connection without an answer.
    AnswerLost,
}

/// The course of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    Completed,
    /// Answered, and ends after ten minutes.
    Long,
    /// Answered, and never ends.
    Endless,
    /// As `Completed`, but its record answers 404 for two seconds.
    ReadableLate,
    NoAnswer,
    Voicemail,
    Declined,
    Failed,
}

/// The times of a call, counted from its placing, and how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeline {
    pub(crate) readable: Duration,
    pub(crate) answered: Option<Duration>,
    pub(crate) ends: Option<(Duration, End)>,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Completed,
    NoAnswer,
    Voicemail,
    Declined,
    Failed,
}

impl Destination {
    pub(crate) fn of(to: &PhoneNumber) -> Self {
        match to.as_str() {
            "+14155550101" => Self::Call(Scenario::NoAnswer),
            "+14155550102" => Self::Call(Scenario::Voicemail),
            "+14155550103" => Self::Call(Scenario::Declined),
            "+14155550104" => Self::Call(Scenario::Failed),
            "+14155550105" => Self::Call(Scenario::Long),
            "+14155550106" => Self::Call(Scenario::Endless),
            "+14155550107" => Self::Call(Scenario::ReadableLate),
            "+14155550111" => Self::PlacementFailed,
            "+14155550112" => Self::RateLimited,
            "+14155550113" => Self::OverMinuteCap,
            "+14155550114" => Self::StoreError,
            "+14155550115" => Self::RateLimitedOnce,
            "+14155550116" => Self::AnswerLost,
            _ => Self::Call(Scenario::Completed),
        }
    }
}

impl Scenario {
    /// Draws the times of one call.
    pub(crate) fn timeline(self, seed: &mut u64) -> Timeline {
        let queued = duration_between(seed, Duration::from_secs(1), Duration::from_secs(2));
        let about_ten = duration_between(seed, Duration::from_secs(9), Duration::from_secs(11));
        let (answered, ends) = match self {
            Self::Completed | Self::ReadableLate => (Some(queued), Some((about_ten, End::Completed))),
            Self::Long => (
                Some(queued),
                Some((about_ten + Duration::from_secs(600), End::Completed)),
            ),
            Self::Endless => (Some(queued), None),
            Self::NoAnswer => (None, Some((about_ten, End::NoAnswer))),
            Self::Voicemail => (None, Some((about_ten, End::Voicemail))),
            Self::Declined => (None, Some((about_ten, End::Declined))),
            Self::Failed => (None, Some((about_ten, End::Failed))),
        };
        let readable = match self {
            Self::ReadableLate => Duration::from_secs(2),
            _ => Duration::ZERO,
        };
        Timeline {
            readable,
            answered,
            ends,
        }
    }
}

impl End {
    pub(crate) fn status(self) -> Status {
        match self {
            Self::Completed => Status::Completed,
            Self::NoAnswer => Status::NoAnswer,
            Self::Voicemail => Status::Voicemail,
            Self::Declined => Status::Declined,
            Self::Failed => Status::Failed,
        }
    }
}

/// Draws a duration from `low` to `high`, both included, in whole milliseconds.
pub(crate) fn duration_between(seed: &mut u64, low: Duration, high: Duration) -> Duration {
    let span = u64::try_from(high.saturating_sub(low).as_millis()).unwrap_or(u64::MAX);
    low.saturating_add(Duration::from_millis(random::below(seed, span.saturating_add(1))))
}
