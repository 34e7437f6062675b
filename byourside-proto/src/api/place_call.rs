//! `POST /v1/agent/calls`: place a call. Source: the vendor's API reference.
use super::{
    answer, base_url::is_https_or_loopback, correlation, error::ApiError, idempotency, operation::Operation,
    request::Api,
};
use crate::types::{BuildError, Call, Field, PhoneNumber};
use alloc::{string::String, vec::Vec};
use core::fmt;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use serde::Serialize;

/// A call to place: the phone number, the objective, and what to extract. The request is `POST /v1/agent/calls`.
///
/// **A real phone rings.** The vendor documents no idempotency key, so the same request sent twice may ring twice. Use
/// a [`Placer`](crate::machine::place::Placer), which retries only what was provably not placed.
///
/// The service answers at once with the id and the status `queued`; the call itself happens after the answer. The
/// service refuses a call with a 4xx before any phone rings, and the error token says why. An optional member that is
/// not set is left out of the JSON. Source: the vendor's API reference. That unset members are left out comes from the
/// official Python client.
///
/// ```
/// use byourside_proto::{Api, Field, FieldType, Operation, PlaceCall};
///
/// let call = PlaceCall::new("+14155550123", "Confirm the appointment on Friday at ten.")?
///     .context("The appointment is with the dentist.")
///     .fields(vec![Field::new("confirmed").kind(FieldType::Boolean).description("Whether it stands")])?
///     .webhook_url("https://hooks.example/bys")?;
/// let request = call.request(&Api::with_key("bys_ak_example")?);
/// assert_eq!(request.uri(), "https://api.byourside.ai/v1/agent/calls");
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceCall {
    to: PhoneNumber,
    objective: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<Field>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller_id: Option<PhoneNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip)]
    idempotency: Option<(HeaderName, HeaderValue)>,
}

impl PlaceCall {
    /// A call to this phone number, in E.164 form, with this objective: what the AI should accomplish, in plain text.
    ///
    /// # Errors
    /// [`BuildError::InvalidNumber`] if the number is not E.164, [`BuildError::ObjectiveRequired`] if the objective is
    /// empty.
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
            idempotency: None,
        })
    }

    /// The phone number to call.
    #[must_use]
    pub fn to(&self) -> &PhoneNumber {
        &self.to
    }

    /// The objective: what the call should accomplish.
    #[must_use]
    pub fn objective(&self) -> &str {
        &self.objective
    }

    /// Sets background information for the AI. The AI does not share it with the recipient.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }

    /// Sets the values that the AI extracts from the conversation, at most 20.
    ///
    /// # Errors
    /// [`BuildError::TooManyFields`] if there are more than 20, [`BuildError::InvalidField`] if a name is blank or used
    /// twice.
    pub fn fields(mut self, fields: Vec<Field>) -> Result<Self, BuildError> {
        Field::check_all(&fields)?;
        self.fields = Some(fields);
        Ok(self)
    }

    /// Sets the webhook URL, to which the service sends the signed events of this call: see
    /// [`webhook`](crate::webhook).
    ///
    /// The service needs an https URL that it can reach. An http URL with a loopback host is for a simulated service on
    /// the same machine.
    ///
    /// # Errors
    /// [`BuildError::InvalidWebhookUrl`] if the URL is neither https nor http to a loopback host.
    pub fn webhook_url(mut self, url: impl Into<String>) -> Result<Self, BuildError> {
        let url = url.into();
        if !is_https_or_loopback(&url) {
            return Err(BuildError::InvalidWebhookUrl);
        }
        self.webhook_url = Some(url);
        Ok(self)
    }

    /// Adds a correlation token to the webhook URL, as the query parameter `bys_intent`.
    ///
    /// The URI of every delivery for the call then carries the token, even if the answer to the POST is lost:
    /// [`correlation_token`](crate::api::correlation_token) reads it. Use a new token for each call that you place. A
    /// later [`webhook_url`](Self::webhook_url) replaces the URL together with the token.
    ///
    /// # Errors
    /// [`BuildError::InvalidCorrelation`] if there is no webhook URL, if the URL has the parameter `bys_intent`
    /// already, or if the token is not 1 to 128 characters of `A-Z a-z 0-9 - . _ ~`.
    pub fn correlation(mut self, token: &str) -> Result<Self, BuildError> {
        let url = self.webhook_url.as_deref();
        let url = url.and_then(|url| correlation::with_token(url, token));
        self.webhook_url = Some(url.ok_or(BuildError::InvalidCorrelation)?);
        Ok(self)
    }

    /// The correlation token in the webhook URL.
    #[must_use]
    pub fn correlation_token(&self) -> Option<&str> {
        correlation::in_url(self.webhook_url.as_deref()?)
    }

    /// Sets a header that marks the request as idempotent, e.g. `idempotency-key`. Without this, no such header is
    /// sent.
    ///
    /// The vendor documents no such header, so no machine relies on it: setting it does not make a retry more likely.
    ///
    /// # Errors
    /// [`BuildError::InvalidIdempotency`] if the name is not a header name, if the request or its connection already
    /// uses the name, or if the value is not 1 to 256 characters of visible ASCII.
    pub fn idempotency_header(mut self, name: &str, value: &str) -> Result<Self, BuildError> {
        self.idempotency = Some(idempotency::header(name, value)?);
        Ok(self)
    }

    /// Sets the phone number to call from, in E.164 form. It must be a number on the account; the default is set in the
    /// vendor's dashboard. Source: the vendor's API reference.
    ///
    /// # Errors
    /// [`BuildError::InvalidNumber`] if the number is not E.164.
    pub fn caller_id(mut self, number: impl Into<String>) -> Result<Self, BuildError> {
        self.caller_id = Some(PhoneNumber::new(number)?);
        Ok(self)
    }

    /// Sets the AI's voice, e.g. `Aoede`, `Kore` or `Puck`. The default is the voice that the vendor's dashboard has
    /// for the API key, or else the platform's default voice. Source: the newer edition of the vendor's pages.
    #[must_use]
    pub fn voice(mut self, voice: impl Into<String>) -> Self {
        self.voice = Some(voice.into());
        self
    }

    /// Sets the language, a BCP-47 tag such as `en-US`, or `auto`. Without it, the service infers the language from the
    /// objective. Source: the newer edition of the vendor's pages.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// The phone number to call from.
    pub(crate) fn own_caller_id(&self) -> Option<&PhoneNumber> {
        self.caller_id.as_ref()
    }

    /// The webhook URL, with the correlation token.
    pub(crate) fn own_webhook_url(&self) -> Option<&str> {
        self.webhook_url.as_deref()
    }

    /// The idempotency header, as text.
    pub(crate) fn header(&self) -> Option<(&str, &str)> {
        let (name, value) = self.idempotency.as_ref()?;
        Some((name.as_str(), value.to_str().ok()?))
    }
}

impl Operation for PlaceCall {
    type Answer = Call;

    fn request(&self, api: &Api) -> Request<Vec<u8>> {
        // Strings and lists of strings always serialise.
        let mut request = api.post(api.calls_path(), serde_json::to_vec(self).unwrap_or_default());
        if let Some((name, value)) = &self.idempotency {
            request.headers_mut().insert(name, value.clone());
        }
        request
    }

    fn parse(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Call, ApiError> {
        let call: Call = answer::read(status, headers, body)?;
        // Without a usable id, nobody can ask what became of the call: that is not the expected answer.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::golden,
        types::{FieldType, Status},
    };
    use alloc::vec;

    /// The request with every optional member. The body is one line.
    const GOLDEN_REQUEST: &str = concat!(
        "POST https://api.byourside.ai/v1/agent/calls\n",
        "authorization: Bearer bys_ak_example\n",
        "content-type: application/json\n",
        "\n",
        r#"{"to":"+14155550123","#,
        r#""objective":"Confirm the appointment on Friday at ten.","#,
        r#""context":"The appointment is with the dentist.","#,
        r#""fields":[{"name":"confirmed","type":"boolean","description":"Whether it stands"},{"name":"new_time"}],"#,
        r#""webhookUrl":"https://hooks.example/bys?bys_intent=order-17","#,
        r#""callerId":"+14155550100","#,
        r#""voice":"Kore","#,
        r#""language":"en-US"}"#,
    );

    /// The body of a request without any optional member.
    const GOLDEN_BODY_WITHOUT_OPTIONS: &str =
        r#"{"to":"+14155550123","objective":"Confirm the appointment on Friday at ten."}"#;

    const GOLDEN_ANSWER: &str =
        r#"{"callId": "c1", "status": "queued", "language": "en-US", "languageSource": "explicit", "voice": "Kore"}"#;

    fn plain() -> PlaceCall {
        PlaceCall::new("+14155550123", "Confirm the appointment on Friday at ten.").unwrap()
    }

    /// A call with every member set.
    fn whole() -> Result<PlaceCall, BuildError> {
        let confirmed = Field::new("confirmed").kind(FieldType::Boolean);
        plain()
            .context("The appointment is with the dentist.")
            .fields(vec![confirmed.description("Whether it stands"), Field::new("new_time")])?
            .webhook_url("https://hooks.example/bys")?
            .correlation("order-17")?
            .caller_id("+14155550100")
            .map(|call| call.voice("Kore").language("en-US"))
    }

    #[test]
    fn place_call_request_is_golden() {
        let api = Api::with_key("bys_ak_example").unwrap();
        assert_eq!(golden::text(&whole().unwrap().request(&api)), GOLDEN_REQUEST);
        assert_eq!(plain().request(&api).body(), GOLDEN_BODY_WITHOUT_OPTIONS.as_bytes());
    }

    #[test]
    fn place_call_answer_is_golden() {
        let call = plain()
            .parse(StatusCode::OK, &HeaderMap::new(), GOLDEN_ANSWER.as_bytes())
            .unwrap();
        assert_eq!((call.id(), call.status()), (Some("c1"), Some(Status::Queued)));
        let answer: serde_json::Value = serde_json::from_str(GOLDEN_ANSWER).unwrap();
        assert_eq!(serde_json::to_value(&call).unwrap(), answer);
    }

    #[test]
    fn place_call_getters_return_what_was_set() {
        let call = whole().unwrap();
        assert_eq!(call.to().as_str(), "+14155550123");
        assert_eq!(call.objective(), "Confirm the appointment on Friday at ten.");
        assert_eq!(call.correlation_token(), Some("order-17"));
        assert_eq!(plain().correlation_token(), None);
    }

    #[test]
    fn place_call_refuses_invalid_input() {
        assert_eq!(PlaceCall::new("4155550123", "Ask."), Err(BuildError::InvalidNumber));
        assert_eq!(PlaceCall::new("+14155550123", ""), Err(BuildError::ObjectiveRequired));
        let fields = vec![Field::new("a"); 21];
        assert_eq!(plain().fields(fields), Err(BuildError::TooManyFields));
        assert_eq!(plain().fields(vec![Field::new(" ")]), Err(BuildError::InvalidField));
        let url = "http://hooks.example/bys";
        assert_eq!(plain().webhook_url(url), Err(BuildError::InvalidWebhookUrl));
        assert_eq!(plain().caller_id("+0"), Err(BuildError::InvalidNumber));
        assert_eq!(plain().correlation("order-17"), Err(BuildError::InvalidCorrelation));
        assert_eq!(
            whole().unwrap().correlation("order-18"),
            Err(BuildError::InvalidCorrelation)
        );
    }

    #[test]
    fn place_call_answer_without_a_usable_id_is_unreadable() {
        for body in [
            r#"{"status": "queued"}"#,
            r#"{"id": ""}"#,
            r#"{"callId": ".."}"#,
            r#"{"id": 7}"#,
        ] {
            let answer = plain().parse(StatusCode::OK, &HeaderMap::new(), body.as_bytes());
            assert!(
                answer.is_err_and(|error| error.kind() == crate::api::ApiErrorKind::Unreadable),
                "{body}"
            );
        }
    }

    #[test]
    fn place_call_has_an_idempotency_header_only_if_set() {
        let api = Api::with_key("bys_ak_example").unwrap();
        assert_eq!(plain().request(&api).headers().len(), 2);
        let call = plain().idempotency_header("Idempotency-Key", "k-1").unwrap();
        assert_eq!(call.request(&api).headers()["idempotency-key"], "k-1");
    }
}
