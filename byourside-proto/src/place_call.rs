//! `POST /v1/agent/calls`
use crate::{Api, ApiError, BuildError, Call, Operation, PhoneNumber, api::is_loopback, error};
use alloc::{string::String, vec::Vec};
use core::fmt;
use http::{HeaderMap, Request, StatusCode, Uri};
use serde::Serialize;

/// The most fields that a call extracts.
const MAX_FIELDS: usize = 20;

/// Places a call: a real phone rings. Never send one request twice.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceCall {
    #[serde(serialize_with = "number")]
    to: PhoneNumber,
    objective: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<Field>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_number")]
    caller_id: Option<PhoneNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
}

/// A value to extract from the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Text.
    String,
    /// Yes or no.
    Boolean,
    /// A number.
    Number,
}

impl PlaceCall {
    /// A call to this E.164 number with this objective.
    ///
    /// # Errors
    /// [`BuildError::InvalidNumber`], or [`BuildError::ObjectiveRequired`] if the objective is empty.
    pub fn new(to: impl Into<String>, objective: impl Into<String>) -> Result<Self, BuildError> {
        let objective = objective.into();
        if objective.is_empty() {
            return Err(BuildError::ObjectiveRequired);
        }
        let to = PhoneNumber::new(to)?;
        Ok(Self {
            to,
            objective,
            context: None,
            fields: None,
            webhook_url: None,
            caller_id: None,
            voice: None,
            language: None,
        })
    }

    /// Background for the AI, not shared with the recipient.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }

    /// What to extract.
    ///
    /// # Errors
    /// [`BuildError::TooManyFields`] over 20.
    pub fn fields(mut self, fields: Vec<Field>) -> Result<Self, BuildError> {
        if fields.len() > MAX_FIELDS {
            return Err(BuildError::TooManyFields);
        }
        self.fields = Some(fields);
        Ok(self)
    }

    /// Where the signed events go: https, or http to a loopback host, where only a simulated service can post.
    ///
    /// # Errors
    /// [`BuildError::InvalidWebhookUrl`] if it is no such URL.
    pub fn webhook_url(mut self, url: impl Into<String>) -> Result<Self, BuildError> {
        let url = url.into();
        let fit = url.parse::<Uri>().is_ok_and(|uri| match uri.scheme_str() {
            Some("https") => uri.host().is_some(),
            Some("http") => uri.host().is_some_and(is_loopback),
            _ => false,
        });
        if !fit {
            return Err(BuildError::InvalidWebhookUrl);
        }
        self.webhook_url = Some(url);
        Ok(self)
    }

    /// The number to call from; one on the account.
    ///
    /// # Errors
    /// [`BuildError::InvalidNumber`] if it is not E.164.
    pub fn caller_id(mut self, number: impl Into<String>) -> Result<Self, BuildError> {
        self.caller_id = Some(PhoneNumber::new(number)?);
        Ok(self)
    }

    /// The voice, e.g. `Kore`.
    #[must_use]
    pub fn voice(mut self, voice: impl Into<String>) -> Self {
        self.voice = Some(voice.into());
        self
    }

    /// A BCP-47 tag such as `en-US`, or `auto`.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }
}

impl Operation for PlaceCall {
    type Answer = Call;

    fn request(&self, api: &Api) -> Request<Vec<u8>> {
        // Only strings and lists of them: serialising cannot fail.
        api.post("/v1/agent/calls", serde_json::to_vec(self).unwrap_or_default())
    }

    fn parse(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Call, ApiError> {
        let call: Call = error::read(status, headers, body)?;
        // Without an id that can be asked for, nobody can tell what becomes of this call: that is no answer.
        if call.call_id().is_some() {
            Ok(call)
        } else {
            Err(ApiError::unreadable(status, headers, body))
        }
    }
}

impl fmt::Debug for PlaceCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlaceCall")
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

fn number<S: serde::Serializer>(number: &PhoneNumber, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(number.as_str())
}

fn optional_number<S: serde::Serializer>(number: &Option<PhoneNumber>, serializer: S) -> Result<S::Ok, S::Error> {
    number.as_ref().map(PhoneNumber::as_str).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn bad_input_is_refused_before_any_request() {
        let place = || PlaceCall::new("+14155550123", "Ask.").unwrap();
        let field = Field {
            name: "a".into(),
            kind: None,
            description: None,
        };
        assert_eq!(PlaceCall::new("4155550123", "Ask."), Err(BuildError::InvalidNumber));
        assert_eq!(PlaceCall::new("+14155550123", ""), Err(BuildError::ObjectiveRequired));
        assert_eq!(place().fields(vec![field; 21]), Err(BuildError::TooManyFields));
        for url in ["http://a.example/x", "http://127.0.0.1@a.example/", "/x", ""] {
            assert_eq!(place().webhook_url(url), Err(BuildError::InvalidWebhookUrl), "{url}");
        }
        for url in ["https://a.example/x", "http://127.0.0.1:8080/x", "http://[::1]/"] {
            assert!(place().webhook_url(url).is_ok(), "{url}");
        }
        assert_eq!(place().caller_id("+0"), Err(BuildError::InvalidNumber));
    }

    #[test]
    fn an_answer_without_an_id_is_unreadable() {
        let place = PlaceCall::new("+14155550123", "Ask.").unwrap();
        let answer = place.parse(StatusCode::OK, &HeaderMap::new(), b"{\"status\": \"queued\"}");
        assert!(answer.is_err_and(|error| error.kind() == crate::ApiErrorKind::Unreadable));
    }
}
