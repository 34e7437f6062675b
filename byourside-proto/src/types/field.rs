//! What a call extracts.
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// A value to extract from the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name in the record's `extracted`.
    pub name: String,
    /// Its type; the service takes `string` where it is left out.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<FieldType>,
    /// What it means, for the AI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Text.
    String,
    /// Yes or no.
    Boolean,
    /// A number.
    Number,
}

impl Field {
    /// A field of this name. Its type is the service's default, `string`.
    ///
    /// ```
    /// use byourside_proto::{Field, FieldType};
    /// let people = Field::new("people").kind(FieldType::Number).description("How many will come");
    /// assert_eq!(people.name, "people");
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: None,
            description: None,
        }
    }

    /// With this type.
    ///
    /// ```
    /// use byourside_proto::{Field, FieldType};
    /// assert_eq!(Field::new("people").kind(FieldType::Number).kind, Some(FieldType::Number));
    /// ```
    #[must_use]
    pub fn kind(mut self, kind: FieldType) -> Self {
        self.kind = Some(kind);
        self
    }

    /// With this explanation for the AI.
    ///
    /// ```
    /// use byourside_proto::Field;
    /// assert_eq!(Field::new("people").description("How many").description.as_deref(), Some("How many"));
    /// ```
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}
