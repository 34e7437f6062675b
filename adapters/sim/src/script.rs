//! What happens to a call, by its number.
use crate::random;
use byourside_proto::{Status, types::PhoneNumber};
use std::time::Duration;

/// What the service makes of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// It calls.
    Call(Plot),
    /// It refuses, every time.
    PlacementFailed,
    RateLimited,
    OverMinuteCap,
    StoreError,
    /// It refuses once with `rate_limited`.
    RateLimitedOnce,
    /// It calls, and its answer is lost.
    AnswerLost,
}

/// How a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plot {
    Completed,
    /// Answered, and ends late.
    Long,
    /// Answered, and never ends.
    Endless,
    /// As `Completed`, but not readable at once.
    ReadableLate,
    NoAnswer,
    Voicemail,
    Declined,
    Failed,
}

/// When what happens, from the moment it was placed, and how it ends.
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

impl Script {
    pub(crate) fn of(to: &PhoneNumber) -> Self {
        match to.as_str() {
            "+14155550101" => Self::Call(Plot::NoAnswer),
            "+14155550102" => Self::Call(Plot::Voicemail),
            "+14155550103" => Self::Call(Plot::Declined),
            "+14155550104" => Self::Call(Plot::Failed),
            "+14155550105" => Self::Call(Plot::Long),
            "+14155550106" => Self::Call(Plot::Endless),
            "+14155550107" => Self::Call(Plot::ReadableLate),
            "+14155550111" => Self::PlacementFailed,
            "+14155550112" => Self::RateLimited,
            "+14155550113" => Self::OverMinuteCap,
            "+14155550114" => Self::StoreError,
            "+14155550115" => Self::RateLimitedOnce,
            "+14155550116" => Self::AnswerLost,
            _ => Self::Call(Plot::Completed),
        }
    }
}

impl Plot {
    /// One of the ways in which this can go.
    pub(crate) fn timeline(self, seed: &mut u64) -> Timeline {
        let queued = between(seed, Duration::from_secs(1), Duration::from_secs(2));
        let about_ten = between(seed, Duration::from_secs(9), Duration::from_secs(11));
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

/// A duration from `low` to `high`, both included, in whole milliseconds.
pub(crate) fn between(seed: &mut u64, low: Duration, high: Duration) -> Duration {
    let span = u64::try_from(high.saturating_sub(low).as_millis()).unwrap_or(u64::MAX);
    low.saturating_add(Duration::from_millis(random::below(seed, span.saturating_add(1))))
}
