//! The status of a call.
//!
//! # To add a status
//! For a new terminal status, e.g. `busy`, change in this crate:
//!
//! 1. Here: the variant, `as_str`, `is_terminal` and `From<&str>`. The compiler asks for all but `From<&str>`.
//! 2. `webhook/event_kind.rs`: the variant, `as_str`, `status`, `From<&str>`, and the table in its tests.
//!    `EventKind::is_terminal` follows from the status.
//! 3. `types/call.rs`: `Call::has_results`, if calls with this status have a summary or extracted fields.
//!
//! Then the simulated service (`adapters/sim`): `Scenario` and `End` in `src/destination.rs`, with a phone number in
//! `Destination::of` that leads to it, the event's name in `src/delivering/event.rs`, the numbers that the simulation
//! calls in `src/check/intent.rs` and `src/check/program_plan.rs`, and the table in `numbers.md`.
//!
//! Tests, fuzz targets and examples list the words or the numbers again, on purpose. `git grep -lwE
//! '14155550103|declined'` names every such list.
//!
//! The machines ask only whether a status is terminal, so none of them changes. A status that is not terminal does not
//! need step 3.
use super::redact::redact;
use alloc::string::String;
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The status of a call: queued, in progress, or one of five terminal statuses.
///
/// A call goes from [`Queued`](Self::Queued), perhaps through [`InProgress`](Self::InProgress), to a terminal status,
/// which is final. The vendor mentions a third status that is not terminal, without its name. Source: the vendor's
/// SDK page and overview page. A word that this library does not know is kept as [`Other`](Self::Other) and is not
/// terminal.
///
/// `Debug` shows at most 200 bytes of the word, without what looks like a key or a phone number.
///
/// ```
/// use byourside_proto::Status;
///
/// assert_eq!(Status::from("no_answer"), Status::NoAnswer);
/// assert!(Status::NoAnswer.is_terminal());
/// assert_eq!(Status::from("transferring").as_str(), "transferring");
/// assert!(!Status::from("transferring").is_terminal());
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// `queued`: placed, and not under way yet.
    Queued,
    /// `in_progress`: answered, and the conversation is under way.
    InProgress,
    /// `completed`: ended after a conversation; the summary and the extracted fields are available.
    Completed,
    /// `no_answer`: nobody answered.
    NoAnswer,
    /// `voicemail`: an answering machine answered.
    Voicemail,
    /// `declined`: the recipient declined the call.
    Declined,
    /// `failed`: the call failed.
    Failed,
    /// Any other word, unchanged.
    Other(String),
}

impl Status {
    /// Whether the status is terminal: the call has ended and its status does not change again.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Completed | Self::NoAnswer | Self::Voicemail | Self::Declined | Self::Failed => true,
            Self::Queued | Self::InProgress | Self::Other(_) => false,
        }
    }

    /// The word on the wire, e.g. `no_answer`.
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
    fn status_debug_shows_no_key_and_no_phone_number() {
        assert_eq!(format!("{:?}", Status::from("no_answer")), "Status(no_answer)");
        let shown = format!("{:?}", Status::from("bys_ak_example +14155550123"));
        assert_eq!(shown, "Status([redacted] +###########)");
    }
}
