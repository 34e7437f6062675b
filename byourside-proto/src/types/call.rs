//! The record of a call.
use super::{call_id::CallId, redact::redact_id, status::Status};
use alloc::{string::String, sync::Arc};
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::{Map, Value};

/// The record of a call: its id, its status, and what came of it.
///
/// It is what [`GetCall`](crate::api::GetCall), [`ListCalls`](crate::api::ListCalls) and
/// [`PlaceCall`](crate::api::PlaceCall) answer. A record keeps every JSON member that came, known or not, and
/// serialises to the same members. Each getter is `None` where its member is absent, null, or not a string; before the
/// end of a call that is so for all results. Source of the members' names: the vendor's quickstart. Times and other
/// members that are not documented for a record are in [`raw`](Self::raw).
///
/// A clone is cheap, since it shares the members. `Debug` shows the id and the status only: the rest holds phone
/// numbers and what people said.
///
/// ```
/// use byourside_proto::{Call, Status};
///
/// let call: Call = serde_json::from_str(
///     r#"{"id": "c1", "status": "completed", "summary": "Booked for eight.", "mood": "cheerful"}"#,
/// )?;
/// assert_eq!(call.id(), Some("c1"));
/// assert_eq!(call.status(), Some(Status::Completed));
/// assert_eq!(call.summary(), Some("Booked for eight."));
/// assert_eq!(call.transcript(), None);
/// assert_eq!(call.raw()["mood"], "cheerful");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Call(Arc<Map<String, Value>>);

impl Call {
    /// The id of the call: `id`, or else `callId`. An id that [`CallId::new`] refuses counts as absent.
    ///
    /// The service names it `id` in a record, and `callId` in a list and in the answer to a placed call. Source: the
    /// vendor's quickstart and SDK page.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.first_id(["id", "callId"])
    }

    /// The first of these members that [`CallId::new`] accepts.
    pub(crate) fn first_id(&self, names: [&str; 2]) -> Option<&str> {
        let mut texts = names.into_iter().filter_map(|name| self.text(name));
        texts.find(|id| CallId::is_usable(id))
    }

    /// The id of the call, as a [`CallId`]. The answer to a [`PlaceCall`](crate::api::PlaceCall) always has one.
    #[must_use]
    pub fn call_id(&self) -> Option<CallId> {
        self.id().map(|id| CallId::known(id.into()))
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.text("status").map(Status::from)
    }

    /// The summary of the conversation; a completed call has it.
    #[must_use]
    pub fn summary(&self) -> Option<&str> {
        self.text("summary")
    }

    /// The phone number that was called, in E.164 form.
    #[must_use]
    pub fn to(&self) -> Option<&str> {
        self.text("to")
    }

    /// The objective: what the call should accomplish.
    #[must_use]
    pub fn objective(&self) -> Option<&str> {
        self.text("objective")
    }

    /// The transcript of the conversation. One that is not a string is in [`raw`](Self::raw).
    #[must_use]
    pub fn transcript(&self) -> Option<&str> {
        self.text("transcript")
    }

    /// The URL of the recording.
    #[must_use]
    pub fn recording_url(&self) -> Option<&str> {
        self.text("recordingUrl")
    }

    /// The language of the call, a BCP-47 tag such as `en-US`. Source: the newer edition of the vendor's pages.
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        self.text("language")
    }

    /// How the language was chosen: `explicit`, `inferred`, or another word. Source: the newer edition of the vendor's
    /// pages.
    #[must_use]
    pub fn language_source(&self) -> Option<&str> {
        self.text("languageSource")
    }

    /// The phone number that the call came from, in E.164 form. No page documents it for a record.
    #[must_use]
    pub fn caller_id(&self) -> Option<&str> {
        self.text("callerId")
    }

    /// Whether the results are here: false for a completed call that has no summary and no extracted fields yet.
    pub(crate) fn has_results(&self) -> bool {
        let there = |name| self.0.get(name).is_some_and(|value| !value.is_null());
        self.status() != Some(Status::Completed) || there("summary") || there("extracted")
    }

    /// The extracted fields, read into the caller's type; `None` before the end of the call.
    ///
    /// # Errors
    /// The type does not match what was extracted. The service sends null for a field without a value, so the type's
    /// members should be `Option`. Source: the vendor's quickstart.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Extracted { confirmed: Option<bool> }
    ///
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"extracted": {"confirmed": true}}"#)?;
    /// let extracted: Option<Extracted> = call.extracted_as()?;
    /// assert_eq!(extracted.and_then(|e| e.confirmed), Some(true));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn extracted_as<T: DeserializeOwned>(&self) -> Result<Option<T>, serde_json::Error> {
        self.0.get("extracted").map_or(Ok(None), Option::<T>::deserialize)
    }

    /// All JSON members, as they came.
    #[must_use]
    pub fn raw(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The record with its `id` replaced.
    pub(crate) fn with_id(mut self, id: &CallId) -> Self {
        Arc::make_mut(&mut self.0).insert("id".into(), id.as_str().into());
        self
    }

    /// The record with its `status` replaced.
    pub(crate) fn with_status(mut self, status: &Status) -> Self {
        Arc::make_mut(&mut self.0).insert("status".into(), status.as_str().into());
        self
    }

    /// A member that is a string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

impl Serialize for Call {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Call {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(|members| Self(Arc::new(members)))
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id().map(redact_id))
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use serde_json::json;

    #[test]
    fn call_id_skips_an_id_that_no_request_can_use() {
        let id = |value| {
            let call: Call = serde_json::from_value(value).unwrap();
            assert_eq!(call.id(), call.call_id().as_ref().map(CallId::as_str));
            call.id().map(ToString::to_string)
        };
        let long = "x".repeat(1025);
        for useless in [json!(""), json!("."), json!(".."), json!(7), json!(null), json!(long)] {
            assert_eq!(id(json!({"id": useless, "callId": "c1"})).as_deref(), Some("c1"));
            assert_eq!(id(json!({"id": "c1", "callId": useless})).as_deref(), Some("c1"));
            assert_eq!(id(json!({"id": useless, "callId": useless})), None);
        }
        assert_eq!(id(json!({"id": "c1", "callId": "c2"})).as_deref(), Some("c1"));
    }
}
