//! The fields that a call extracts.
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// A value for the AI to extract from the conversation, e.g. whether an appointment was confirmed.
///
/// After a completed call, the value is in the record's `extracted` under the field's name, or null:
/// [`Call::extracted_as`](super::Call::extracted_as) reads it. A call has at most 20 fields. Source: the vendor's API
/// reference.
///
/// ```
/// use byourside_proto::{Field, FieldType};
///
/// let field = Field::new("people").kind(FieldType::Number).description("How many will come");
/// let json = r#"{"name":"people","type":"number","description":"How many will come"}"#;
/// assert_eq!(serde_json::to_string(&field)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name: the key of the value in the record's `extracted`.
    pub name: String,
    /// The type of the value. `None` leaves it out of the request, and the service takes `string`. Source: the vendor's
    /// API reference.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<FieldType>,
    /// What the value means, for the AI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The type of a [`Field`]'s value. Source: the vendor's API reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
}

impl Field {
    /// A field with this name, without a description, and of the service's default type, `string`.
    ///
    /// [`PlaceCall::fields`](crate::api::PlaceCall::fields) checks the names: they must be unique and not blank.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: None,
            description: None,
        }
    }

    /// Sets the type of the value.
    #[must_use]
    pub fn kind(mut self, kind: FieldType) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Sets the description: what the value means, for the AI.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}
