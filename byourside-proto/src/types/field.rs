//! The fields that a call extracts.
use super::build_error::BuildError;
use alloc::{collections::BTreeSet, string::String};
use serde::{Deserialize, Serialize};

/// The most fields that a call may have. Source: the vendor's API reference.
const MAX_FIELDS: usize = 20;

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

    /// Checks the fields of one call: at most 20, with names that are unique and not blank.
    pub(crate) fn check_all(fields: &[Self]) -> Result<(), BuildError> {
        if fields.len() > MAX_FIELDS {
            return Err(BuildError::TooManyFields);
        }
        let names: BTreeSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        if names.len() < fields.len() || names.iter().any(|name| name.trim().is_empty()) {
            return Err(BuildError::InvalidField);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, vec::Vec};

    #[test]
    fn fields_of_a_call_are_at_most_20_with_unique_names() {
        let check = |names: &[&str]| Field::check_all(&names.iter().copied().map(Field::new).collect::<Vec<_>>());
        assert_eq!(check(&["a", "A", "b"]), Ok(()));
        for names in [["", "b"], [" ", "b"], ["a", "a"]] {
            assert_eq!(check(&names), Err(BuildError::InvalidField), "{names:?}");
        }
        let many = |count: usize| (0..count).map(|at| Field::new(format!("f{at}"))).collect::<Vec<_>>();
        assert_eq!(Field::check_all(&many(20)), Ok(()));
        assert_eq!(Field::check_all(&many(21)), Err(BuildError::TooManyFields));
    }
}
