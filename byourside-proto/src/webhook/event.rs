//! What a delivery says.
use super::event_kind::EventKind;
use crate::types::{Call, CallId, Status, redact_id};
use alloc::string::String;
use core::fmt;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// An event about a call, kept whole: members that are not known yet stay, and serialise again.
///
/// It comes from [`Delivery::event`](super::Delivery::event) and nowhere else, so whoever holds one holds what the
/// service said. What is not available yet is null on the wire and `None` here, as is what is absent or no string.
///
/// `Debug` shows kind and ids only: the rest holds phone numbers and what people said.
///
/// ```
/// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
/// use byourside_proto::{Status, webhook::EventKind};
///
/// let body = br#"{
///     "event": "call.completed", "eventId": "e1", "timestamp": "2026-01-01T00:01:01Z",
///     "callId": "c1", "status": "completed", "to": "+14155550123", "objective": "Book a table.",
///     "startedAt": "2026-01-01T00:00:00Z", "endedAt": "2026-01-01T00:01:00Z",
///     "summary": "Booked for eight.", "extracted": {"people": 2}, "mood": "cheerful"
/// }"#;
/// # let (secret, now) = (WebhookSecret::new("whsec_example")?, UnixTime::new(1_767_225_661));
/// # let header = Signer::new(secret.clone()).sign(now, body);
/// # let verifier = Verifier::new(secret);
/// let event = verifier.verify(&header, body, now)?.event()?;
///
/// assert_eq!(event.kind(), &EventKind::Completed);
/// assert!(event.is_terminal());
/// assert_eq!(event.event_id(), Some("e1"));
/// assert_eq!(event.timestamp(), Some("2026-01-01T00:01:01Z"));
/// assert_eq!(event.call_id(), Some("c1"));
/// assert_eq!(event.status(), Some(Status::Completed));
/// assert_eq!(event.to(), Some("+14155550123"));
/// assert_eq!(event.objective(), Some("Book a table."));
/// assert_eq!(event.started_at(), Some("2026-01-01T00:00:00Z"));
/// assert_eq!(event.ended_at(), Some("2026-01-01T00:01:00Z"));
/// assert_eq!(event.call().and_then(|call| call.summary()), Some("Booked for eight."));
/// assert_eq!(event.raw()["mood"], "cheerful");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Event {
    kind: EventKind,
    members: Call,
}

impl Event {
    pub(super) fn read(body: &[u8]) -> Result<Self, EventError> {
        let members: Call = serde_json::from_slice(body).map_err(|_| EventError::Unreadable { length: body.len() })?;
        let kind = members.raw().get("event").and_then(Value::as_str).map(EventKind::from);
        Ok(Self {
            kind: kind.ok_or(EventError::NoKind)?,
            members,
        })
    }

    /// What it tells.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// use byourside_proto::webhook::EventKind;
    ///
    /// let event = delivered(r#"{"event": "call.completed"}"#);
    /// assert_eq!(event.kind(), &EventKind::Completed);
    /// # }
    /// ```
    #[must_use]
    pub fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// Whether the call is over, by the event's kind.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// let event = delivered(r#"{"event": "call.completed"}"#);
    /// assert!(event.is_terminal());
    /// # }
    /// ```
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.kind.is_terminal()
    }

    /// `eventId`: one per delivery. A retry of the same delivery has the same one:
    /// see [`Deduplicator`](super::Deduplicator).
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// let event = delivered(r#"{"event": "call.completed", "eventId": "e1"}"#);
    /// assert_eq!(event.event_id(), Some("e1"));
    /// # }
    /// ```
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.text("eventId")
    }

    /// When the event was built, in ISO 8601.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// let event = delivered(r#"{"event": "call.completed", "timestamp": "2026-01-01T00:01:01Z"}"#);
    /// assert_eq!(event.timestamp(), Some("2026-01-01T00:01:01Z"));
    /// # }
    /// ```
    #[must_use]
    pub fn timestamp(&self) -> Option<&str> {
        self.text("timestamp")
    }

    /// Which call: `callId`, or `id` where there is none. One that no call can be asked for with is passed over: see
    /// [`CallId::new`].
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// let event = delivered(r#"{"event": "call.completed", "callId": "c1"}"#);
    /// assert_eq!(event.call_id(), Some("c1"));
    /// # }
    /// ```
    #[must_use]
    pub fn call_id(&self) -> Option<&str> {
        self.members.first_id(["callId", "id"])
    }

    /// The `status` member. What the kind implies is [`EventKind::status`].
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// use byourside_proto::Status;
    ///
    /// let event = delivered(r#"{"event": "call.completed", "status": "completed"}"#);
    /// assert_eq!(event.status(), Some(Status::Completed));
    /// # }
    /// ```
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.members.status()
    }

    /// Who was called: a whole phone number, so keep it out of logs.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// let event = delivered(r#"{"event": "call.completed", "to": "+14155550123"}"#);
    /// assert_eq!(event.to(), Some("+14155550123"));
    /// # }
    /// ```
    #[must_use]
    pub fn to(&self) -> Option<&str> {
        self.text("to")
    }

    /// What the call was to accomplish.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// let event = delivered(r#"{"event": "call.completed", "objective": "Book a table."}"#);
    /// assert_eq!(event.objective(), Some("Book a table."));
    /// # }
    /// ```
    #[must_use]
    pub fn objective(&self) -> Option<&str> {
        self.text("objective")
    }

    /// When the call was answered, in ISO 8601.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// let event = delivered(r#"{"event": "call.completed", "startedAt": "2026-01-01T00:00:00Z"}"#);
    /// assert_eq!(event.started_at(), Some("2026-01-01T00:00:00Z"));
    /// # }
    /// ```
    #[must_use]
    pub fn started_at(&self) -> Option<&str> {
        self.text("startedAt")
    }

    /// When the call ended, in ISO 8601.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// let event = delivered(r#"{"event": "call.completed", "endedAt": "2026-01-01T00:01:00Z"}"#);
    /// assert_eq!(event.ended_at(), Some("2026-01-01T00:01:00Z"));
    /// # }
    /// ```
    #[must_use]
    pub fn ended_at(&self) -> Option<&str> {
        self.text("endedAt")
    }

    /// A terminal event as the record of its call, with summary and extracted fields; `None` for any other event.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// let event = delivered(r#"{"event": "call.completed", "summary": "Booked."}"#);
    /// assert_eq!(event.call().and_then(|call| call.summary()), Some("Booked."));
    /// # }
    /// ```
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        self.is_terminal().then_some(&self.members)
    }

    /// The call, under the id that [`call_id`](Self::call_id) names; `None` if that can be none.
    pub(crate) fn record(&self) -> Option<Call> {
        let id = CallId::new(self.call_id()?).ok()?;
        Some(self.members.clone().with_id(&id))
    }

    /// Every member as it came.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/webhook/doc_event.rs"));
    /// # fn main() {
    /// let event = delivered(r#"{"event": "call.completed", "mood": "cheerful"}"#);
    /// assert_eq!(event.raw()["mood"], "cheerful");
    /// # }
    /// ```
    #[must_use]
    pub fn raw(&self) -> &Map<String, Value> {
        self.members.raw()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.text(name)
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members.serialize(serializer)
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("kind", &self.kind)
            .field("event_id", &self.event_id().map(redact_id))
            .field("call_id", &self.call_id().map(redact_id))
            .finish_non_exhaustive()
    }
}

/// A verified delivery that is no event. Its text is left out: it may hold phone numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventError {
    /// The body is no JSON object.
    Unreadable {
        /// How many bytes it has.
        length: usize,
    },
    /// The body has no `event` that is a string.
    NoKind,
}

impl EventError {
    /// A short name of the reason, for logs and metrics.
    ///
    /// ```
    /// assert_eq!(byourside_proto::webhook::EventError::NoKind.code(), "no_event_kind");
    /// ```
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Unreadable { .. } => "unreadable_event",
            Self::NoKind => "no_event_kind",
        }
    }

    /// Always 0: a delivery is no answer to a request of ours.
    ///
    /// ```
    /// assert_eq!(byourside_proto::webhook::EventError::NoKind.status(), 0);
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        0
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { length } => write!(
                f,
                "the delivery is signed by the service, but its body ({length} bytes) is no JSON object; acknowledge it \
                 and report it"
            ),
            Self::NoKind => f.write_str(
                "the delivery is signed by the service, but its body names no `event`; acknowledge it and report it",
            ),
        }
    }
}

impl core::error::Error for EventError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{borrow::ToOwned, format, string::ToString};
    use serde_json::json;

    fn read(body: &str) -> Event {
        Event::read(body.as_bytes()).unwrap()
    }

    #[test]
    fn an_unknown_kind_and_unknown_members_are_kept() {
        let body = r#"{"event":"call.transferred","deep":{"x":[1,null]},"callId":7}"#;
        let event = read(body);
        assert_eq!(event.kind(), &EventKind::Other("call.transferred".into()));
        assert!(!event.is_terminal() && event.call().is_none() && event.call_id().is_none());
        let again: Value = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
        assert_eq!(again, serde_json::from_str::<Value>(body).unwrap());
    }

    #[test]
    fn every_kind_has_its_word_and_its_status() {
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
    fn only_a_terminal_event_is_a_record_of_its_call() {
        assert!(read(r#"{"event":"call.in_progress","callId":"c1"}"#).call().is_none());
        let failed = read(r#"{"event":"call.failed","callId":"c1"}"#);
        assert_eq!(failed.call().and_then(Call::id), Some("c1"));
    }

    #[test]
    fn the_calls_id_is_taken_under_either_name() {
        assert_eq!(read(r#"{"event":"call.failed","id":"c1"}"#).call_id(), Some("c1"));
        assert_eq!(
            read(r#"{"event":"call.failed","callId":"c1","id":"x"}"#).call_id(),
            Some("c1")
        );
    }

    #[test]
    fn an_id_that_no_call_can_have_is_passed_over() {
        let id = |call_id: Value, id: Value| {
            let event = read(&json!({"event": "call.failed", "callId": call_id, "id": id}).to_string());
            event.call_id().map(ToOwned::to_owned)
        };
        for useless in [json!(""), json!(".."), json!(7), json!(null), json!("x".repeat(1025))] {
            assert_eq!(id(useless.clone(), json!("c1")).as_deref(), Some("c1"));
            assert_eq!(id(json!("c1"), useless.clone()).as_deref(), Some("c1"));
            assert_eq!(id(useless.clone(), useless), None);
        }
    }

    #[test]
    fn what_is_no_event_says_so_without_its_text() {
        let deep = "[".repeat(100_000);
        for body in ["", "[]", "null", "{", "\u{feff}{}", &deep] {
            assert_eq!(
                Event::read(body.as_bytes()),
                Err(EventError::Unreadable { length: body.len() })
            );
        }
        for body in ["{}", r#"{"event":null}"#, r#"{"event":5,"to":"+14155550123"}"#] {
            let error = Event::read(body.as_bytes()).unwrap_err();
            assert_eq!(error, EventError::NoKind);
            assert!(!error.to_string().contains("+1415"));
        }
    }

    #[test]
    fn debug_shows_no_phone_number_and_nothing_that_was_said() {
        let body = r#"{"event":"call.completed","callId":"c1","to":"+14155550123","transcript":"a secret"}"#;
        let debug = format!("{:?}", read(body));
        assert!(
            debug.contains("c1") && !debug.contains("555") && !debug.contains("secret"),
            "{debug}"
        );
    }
}
