//! Where a call stands.
use super::redact::redact;
use alloc::string::String;
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The status of a call. One that does not exist yet is kept as it came and is not terminal.
///
/// `Debug` shows a bounded part of the word, without what looks like a key or a phone number.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Placed, not dialled yet.
    Queued,
    /// Answered and under way.
    InProgress,
    /// FinishedCall after a conversation; summary and extracted fields are available.
    Completed,
    /// Nobody answered.
    NoAnswer,
    /// A machine answered.
    Voicemail,
    /// The recipient declined.
    Declined,
    /// The call failed.
    Failed,
    /// Any other word, verbatim.
    Other(String),
}

impl Status {
    /// Whether the call is over.
    ///
    /// ```
    /// use byourside_proto::Status;
    /// assert!(Status::from("voicemail").is_terminal());
    /// assert!(!Status::from("busy").is_terminal());
    /// ```
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Completed | Self::NoAnswer | Self::Voicemail | Self::Declined | Self::Failed => true,
            Self::Queued | Self::InProgress | Self::Other(_) => false,
        }
    }

    /// The word on the wire.
    ///
    /// ```
    /// assert_eq!(byourside_proto::Status::NoAnswer.as_str(), "no_answer");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::NoAnswer => "no_answer",
            Self::Voicemail => "voicemail",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::Other(word) => word,
        }
    }
}

impl From<&str> for Status {
    fn from(word: &str) -> Self {
        match word {
            "queued" => Self::Queued,
            "in_progress" => Self::InProgress,
            "completed" => Self::Completed,
            "no_answer" => Self::NoAnswer,
            "voicemail" => Self::Voicemail,
            "declined" => Self::Declined,
            "failed" => Self::Failed,
            other => Self::Other(other.into()),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Status({})", redact(self.as_str().as_bytes()))
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|word| Self::from(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn debug_shows_no_key_and_no_whole_phone_number() {
        assert_eq!(format!("{:?}", Status::from("no_answer")), "Status(no_answer)");
        let shown = format!("{:?}", Status::from("bys_ak_example +14155550123"));
        assert_eq!(shown, "Status([redacted] +###########)");
    }
}
