//! The record of a call.
use super::{call_id::CallId, redact::redact_id, status::Status};
use alloc::{string::String, sync::Arc};
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::{Map, Value};

/// A call as the service tells it, kept whole: members that are not known yet round-trip. A clone shares the record.
///
/// `Debug` shows id and status only: the rest holds phone numbers and what people said.
#[derive(Clone, PartialEq)]
pub struct Call(Arc<Map<String, Value>>);

impl Call {
    /// The id: `id` in records, `callId` in lists and in the answer to placing; either is accepted, and one that no call
    /// can be asked for with is passed over: see [`CallId::new`].
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"id": "c1"}"#)?;
    /// assert_eq!(call.id(), Some("c1"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.first_id(["id", "callId"])
    }

    /// The first of these members that a call can be asked for with.
    pub(crate) fn first_id(&self, names: [&str; 2]) -> Option<&str> {
        let mut texts = names.into_iter().filter_map(|name| self.text(name));
        texts.find(|id| CallId::is_usable(id))
    }

    /// The id, to ask for this call with; `None` where it is absent, or no id. A placed call has it.
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"callId": "c1", "status": "queued"}"#)?;
    /// assert_eq!(call.call_id(), byourside_proto::CallId::new("c1").ok());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn call_id(&self) -> Option<CallId> {
        self.id().map(|id| CallId::known(id.into()))
    }

    /// The status; `None` where it is absent or no string.
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"status": "queued"}"#)?;
    /// assert_eq!(call.status(), Some(byourside_proto::Status::Queued));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.text("status").map(Status::from)
    }

    /// The summary, once the call has completed.
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"summary": "Done."}"#)?;
    /// assert_eq!(call.summary(), Some("Done."));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn summary(&self) -> Option<&str> {
        self.text("summary")
    }

    /// The number that was called, E.164.
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"to": "+14155550123"}"#)?;
    /// assert_eq!(call.to(), Some("+14155550123"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn to(&self) -> Option<&str> {
        self.text("to")
    }

    /// What the call should accomplish.
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"objective": "Ask."}"#)?;
    /// assert_eq!(call.objective(), Some("Ask."));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn objective(&self) -> Option<&str> {
        self.text("objective")
    }

    /// The transcript, where it is a text.
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"transcript": "Hello."}"#)?;
    /// assert_eq!(call.transcript(), Some("Hello."));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn transcript(&self) -> Option<&str> {
        self.text("transcript")
    }

    /// Where the recording is.
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"recordingUrl": "https://a.example/r"}"#)?;
    /// assert_eq!(call.recording_url(), Some("https://a.example/r"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn recording_url(&self) -> Option<&str> {
        self.text("recordingUrl")
    }

    /// The language, a BCP-47 tag.
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"language": "en-US"}"#)?;
    /// assert_eq!(call.language(), Some("en-US"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        self.text("language")
    }

    /// How the language was chosen: `explicit`, `inferred`, or another word.
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"languageSource": "explicit"}"#)?;
    /// assert_eq!(call.language_source(), Some("explicit"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn language_source(&self) -> Option<&str> {
        self.text("languageSource")
    }

    /// The number that was called from, E.164.
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"callerId": "+14155550100"}"#)?;
    /// assert_eq!(call.caller_id(), Some("+14155550100"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn caller_id(&self) -> Option<&str> {
        self.text("callerId")
    }

    /// Whether a result has come: a summary, or extracted fields. Only a completed call has them.
    pub(crate) fn has_results(&self) -> bool {
        let there = |name| self.0.get(name).is_some_and(|value| !value.is_null());
        self.status() != Some(Status::Completed) || there("summary") || there("extracted")
    }

    /// The extracted fields in a type of the caller's; `None` where there are none yet.
    ///
    /// # Errors
    /// The type does not fit what was extracted. Any field can be null, so its members should be `Option`.
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

    /// Every member as it came.
    ///
    /// ```
    /// let call: byourside_proto::Call = serde_json::from_str(r#"{"mood": "cheerful"}"#)?;
    /// assert_eq!(call.raw()["mood"], "cheerful");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn raw(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The same record under this id.
    pub(crate) fn with_id(mut self, id: &CallId) -> Self {
        Arc::make_mut(&mut self.0).insert("id".into(), id.as_str().into());
        self
    }

    /// The same record with this status.
    pub(crate) fn with_status(mut self, status: &Status) -> Self {
        Arc::make_mut(&mut self.0).insert("status".into(), status.as_str().into());
        self
    }

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
    fn an_id_that_cannot_be_asked_for_is_passed_over() {
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
