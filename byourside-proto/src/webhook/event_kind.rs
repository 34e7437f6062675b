//! What an event tells.
use crate::types::{Status, redact};
use alloc::string::String;
use core::fmt;

/// What an event tells. A kind that does not exist yet is kept as it came and is not terminal.
///
/// `Debug` shows a bounded part of the word, without what looks like a key or a phone number.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// `call.in_progress`: answered, and the AI begins to speak.
    InProgress,
    /// `call.completed`: ended after a conversation.
    Completed,
    /// `call.no_answer`: nobody answered.
    NoAnswer,
    /// `call.voicemail`: a machine answered.
    Voicemail,
    /// `call.declined`: the recipient declined.
    Declined,
    /// `call.failed`: the call failed.
    Failed,
    /// Any other word, verbatim.
    Other(String),
}

impl EventKind {
    /// Whether the call is over.
    ///
    /// ```
    /// use byourside_proto::webhook::EventKind;
    /// assert!(EventKind::from("call.no_answer").is_terminal());
    /// assert!(!EventKind::from("call.transferred").is_terminal());
    /// ```
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.status().is_some_and(|status| status.is_terminal())
    }

    /// The word on the wire.
    ///
    /// ```
    /// # use byourside_proto::webhook::EventKind;
    /// assert_eq!(EventKind::Voicemail.as_str(), "call.voicemail");
    /// ```
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

    /// The status that a call has after such an event; `None` for a kind that is not known.
    ///
    /// ```
    /// # use byourside_proto::{Status, webhook::EventKind};
    /// assert_eq!(EventKind::Declined.status(), Some(Status::Declined));
    /// ```
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
    fn debug_shows_no_key_and_no_whole_phone_number() {
        assert_eq!(format!("{:?}", EventKind::Completed), "EventKind(call.completed)");
        let shown = format!("{:?}", EventKind::from("whsec_example +14155550123"));
        assert_eq!(shown, "EventKind([redacted] +###########)");
    }
}
