//! The kind of a webhook event. To add a kind for a new status, see `types/status.rs`.
use crate::types::{Status, redact};
use alloc::string::String;
use core::fmt;

/// The kind of a webhook event: `call.in_progress`, or one of five terminal kinds.
///
/// A call that is answered gives `call.in_progress` and one terminal event; a call that is never answered gives only
/// the terminal one. Source: the vendor's webhooks page. A word that this library does not know is kept as
/// [`Other`](Self::Other) and is not terminal.
///
/// `Debug` shows at most 200 bytes of the word, without what looks like a key or a phone number.
///
/// ```
/// use byourside_proto::{Status, webhook::EventKind};
///
/// let kind = EventKind::from("call.no_answer");
/// assert_eq!(kind, EventKind::NoAnswer);
/// assert_eq!(kind.status(), Some(Status::NoAnswer));
/// assert!(kind.is_terminal());
/// assert!(!EventKind::from("call.transferred").is_terminal());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// `call.in_progress`: answered, and the AI begins to speak.
    InProgress,
    /// `call.completed`: ended after a conversation.
    Completed,
    /// `call.no_answer`: nobody answered.
    NoAnswer,
    /// `call.voicemail`: an answering machine answered.
    Voicemail,
    /// `call.declined`: the recipient declined the call.
    Declined,
    /// `call.failed`: the call failed.
    Failed,
    /// Any other word, unchanged.
    Other(String),
}

impl EventKind {
    /// Whether the kind is terminal: the call has ended.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.status().is_some_and(|status| status.is_terminal())
    }

    /// The word on the wire, e.g. `call.no_answer`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::InProgress => "call.in_progress",
            Self::Completed => "call.completed",
            Self::NoAnswer => "call.no_answer",
            Self::Voicemail => "call.voicemail",
            Self::Declined => "call.declined",
            Self::Failed => "call.failed",
            Self::Other(word) => word,
        }
    }

    /// The status of a call after an event of this kind; `None` for an unknown kind.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        match self {
            Self::InProgress => Some(Status::InProgress),
            Self::Completed => Some(Status::Completed),
            Self::NoAnswer => Some(Status::NoAnswer),
            Self::Voicemail => Some(Status::Voicemail),
            Self::Declined => Some(Status::Declined),
            Self::Failed => Some(Status::Failed),
            Self::Other(_) => None,
        }
    }
}

impl From<&str> for EventKind {
    fn from(word: &str) -> Self {
        match word {
            "call.in_progress" => Self::InProgress,
            "call.completed" => Self::Completed,
            "call.no_answer" => Self::NoAnswer,
            "call.voicemail" => Self::Voicemail,
            "call.declined" => Self::Declined,
            "call.failed" => Self::Failed,
            other => Self::Other(other.into()),
        }
    }
}

impl fmt::Debug for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventKind({})", redact(self.as_str().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn event_kind_has_the_word_of_its_status() {
        for word in [
            "in_progress",
            "completed",
            "no_answer",
            "voicemail",
            "declined",
            "failed",
        ] {
            let kind = EventKind::from(format!("call.{word}").as_str());
            assert!(!matches!(kind, EventKind::Other(_)), "{word}");
            assert_eq!(kind.as_str().strip_prefix("call."), Some(word));
            assert_eq!(kind.status(), Some(Status::from(word)));
            assert_eq!(kind.is_terminal(), word != "in_progress");
        }
    }

    #[test]
    fn event_kind_debug_shows_no_key_and_no_phone_number() {
        assert_eq!(format!("{:?}", EventKind::Completed), "EventKind(call.completed)");
        let shown = format!("{:?}", EventKind::from("whsec_example +14155550123"));
        assert_eq!(shown, "EventKind([redacted] +###########)");
    }
}
