//! The event in a verified delivery.
use super::event_kind::EventKind;
use crate::types::{Call, CallId, Status, redact_id};
use alloc::string::String;
use core::fmt;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// A webhook event about a call: its kind, the call, and on a terminal event what came of the call.
///
/// Only [`Delivery::event`](super::Delivery::event) makes an event, so an event always comes from a verified delivery.
/// It keeps every JSON member that came, known or not, and serialises to the same members. Each getter is `None` where
/// its member is absent, null, or not a string; the service sends null for what is not available yet. Source of the
/// members' names: the vendor's webhooks page.
///
/// `Debug` shows the kind and the ids only: the rest holds phone numbers and what people said.
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
///
/// An event cannot be deserialised, which would be a way around the verifier:
///
/// ```compile_fail,E0277
/// let event: byourside_proto::webhook::Event = serde_json::from_str("{}").unwrap();
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

    /// The kind of the event: its member `event`.
    #[must_use]
    pub fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// Whether the event is terminal: the call has ended. The kind decides, not the member `status`.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.kind.is_terminal()
    }

    /// The id of the event, `eventId`. A retry of the same delivery has the same id: see
    /// [`Deduplicator`](super::Deduplicator).
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.text("eventId")
    }

    /// The time at which the service built the event, in ISO 8601.
    #[must_use]
    pub fn timestamp(&self) -> Option<&str> {
        self.text("timestamp")
    }

    /// The id of the call: `callId`, or else `id`. An id that [`CallId::new`] refuses counts as absent.
    #[must_use]
    pub fn call_id(&self) -> Option<&str> {
        self.members.first_id(["callId", "id"])
    }

    /// The status of the call, from the member `status`. [`EventKind::status`] is the status that the kind implies.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.members.status()
    }

    /// The phone number that was called, in E.164 form: keep it out of logs.
    #[must_use]
    pub fn to(&self) -> Option<&str> {
        self.text("to")
    }

    /// The objective: what the call should accomplish.
    #[must_use]
    pub fn objective(&self) -> Option<&str> {
        self.text("objective")
    }

    /// The time at which the call was answered, `startedAt`, in ISO 8601.
    #[must_use]
    pub fn started_at(&self) -> Option<&str> {
        self.text("startedAt")
    }

    /// The time at which the call ended, in ISO 8601.
    #[must_use]
    pub fn ended_at(&self) -> Option<&str> {
        self.text("endedAt")
    }

    /// The record of the call, with the results. `None` if the event is not terminal.
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        self.is_terminal().then_some(&self.members)
    }

    /// The members as a record whose `id` is [`call_id`](Self::call_id); `None` without a usable id.
    pub(crate) fn record(&self) -> Option<Call> {
        let id = CallId::new(self.call_id()?).ok()?;
        Some(self.members.clone().with_id(&id))
    }

    /// All JSON members, as they came.
    #[must_use]
    pub fn raw(&self) -> &Map<String, Value> {
        self.members.raw()
    }

    /// A member that is a string.
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

/// The error for a verified delivery whose body is not an event. It does not hold the body, which may have phone
/// numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventError {
    /// The body is not a JSON object.
    Unreadable {
        /// The length of the body, in bytes.
        length: usize,
    },
    /// The body has no string member `event`.
    NoKind,
}

impl EventError {
    /// A short code of the reason, for logs and metrics: `unreadable_event` or `no_event_kind`.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Unreadable { .. } => "unreadable_event",
            Self::NoKind => "no_event_kind",
        }
    }

    /// Always 0: a delivery has no HTTP status.
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
                "the delivery is signed by the service, but its body ({length} bytes) is not a JSON object; \
                 acknowledge it and report it"
            ),
            Self::NoKind => f.write_str(
                "the delivery is signed by the service, but its body has no `event`; acknowledge it and report it",
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
    fn event_keeps_an_unknown_kind_and_unknown_members() {
        let body = r#"{"event":"call.transferred","deep":{"x":[1,null]},"callId":7}"#;
        let event = read(body);
        assert_eq!(event.kind(), &EventKind::Other("call.transferred".into()));
        assert!(!event.is_terminal() && event.call().is_none() && event.call_id().is_none());
        let again: Value = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
        assert_eq!(again, serde_json::from_str::<Value>(body).unwrap());
    }

    #[test]
    fn event_has_a_record_of_the_call_only_if_terminal() {
        assert!(read(r#"{"event":"call.in_progress","callId":"c1"}"#).call().is_none());
        let failed = read(r#"{"event":"call.failed","callId":"c1"}"#);
        assert_eq!(failed.call().and_then(Call::id), Some("c1"));
    }

    #[test]
    fn event_takes_the_call_id_under_either_name() {
        assert_eq!(read(r#"{"event":"call.failed","id":"c1"}"#).call_id(), Some("c1"));
        assert_eq!(
            read(r#"{"event":"call.failed","callId":"c1","id":"x"}"#).call_id(),
            Some("c1")
        );
    }

    #[test]
    fn event_skips_a_call_id_that_no_request_can_use() {
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
    fn event_error_shows_nothing_of_the_body() {
        let deep = "[".repeat(100_000);
        for body in ["", "[]", "null", "{", "\u{feff}{}", &deep] {
            assert_eq!(
                Event::read(body.as_bytes()),
                Err(EventError::Unreadable { length: body.len() })
            );
        }
        for body in ["{}", r#"{"event":null}"#, r#"{"event":5,"to":"+14155550123"}"#] {
            let error = Event::read(body.as_bytes()).unwrap_err();
            assert_eq!(
                (error, error.code(), error.status()),
                (EventError::NoKind, "no_event_kind", 0)
            );
            assert!(!error.to_string().contains("+1415"));
        }
    }

    #[test]
    fn event_debug_shows_no_phone_number_and_no_speech() {
        let body = r#"{"event":"call.completed","callId":"c1","to":"+14155550123","transcript":"a secret"}"#;
        let debug = format!("{:?}", read(body));
        assert!(
            debug.contains("c1") && !debug.contains("555") && !debug.contains("secret"),
            "{debug}"
        );
    }
}
