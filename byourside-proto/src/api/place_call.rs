//! `POST /v1/agent/calls`
use super::{answer, base_url::is_loopback, correlation, error::ApiError, operation::Operation, request::Api};
use crate::types::{BuildError, Call, Field, PhoneNumber};
use alloc::{collections::BTreeSet, string::String, vec::Vec};
use core::fmt;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Uri, header};
use serde::Serialize;

/// The most fields that a call extracts.
const MAX_FIELDS: usize = 20;
/// The longest value of an idempotency header, in bytes.
const MAX_HEADER: usize = 256;
/// Headers that the request, or the connection that carries it, has already.
const TAKEN: [HeaderName; 12] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::CONNECTION,
    header::COOKIE,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Places a call: a real phone rings. Never send one request twice: [`Placer`](crate::machine::place::Placer) sees to that.
///
/// ```
/// use byourside_proto::{Field, FieldType, PlaceCall};
///
/// let call = PlaceCall::new("+14155550123", "Confirm the appointment on Friday at ten.")?
///     .context("The appointment is with the dentist.")
///     .fields(vec![Field::new("confirmed").kind(FieldType::Boolean).description("Whether it stands")])?
///     .webhook_url("https://hooks.example/bys")?;
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
    /// A call to this E.164 number with this objective.
    ///
    /// # Errors
    /// [`BuildError::InvalidNumber`], or [`BuildError::ObjectiveRequired`] if the objective is empty.
    ///
    /// ```
    /// use byourside_proto::{BuildError, PlaceCall};
    /// assert!(PlaceCall::new("+14155550123", "Confirm the appointment.").is_ok());
    /// assert_eq!(PlaceCall::new("+14155550123", ""), Err(BuildError::ObjectiveRequired));
    /// ```
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

    /// The number to call.
    ///
    /// ```
    /// # use byourside_proto::PlaceCall;
    /// assert_eq!(PlaceCall::new("+14155550123", "Ask.")?.to().as_str(), "+14155550123");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn to(&self) -> &PhoneNumber {
        &self.to
    }

    /// What the call should accomplish.
    ///
    /// ```
    /// # use byourside_proto::PlaceCall;
    /// assert_eq!(PlaceCall::new("+14155550123", "Ask.")?.objective(), "Ask.");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn objective(&self) -> &str {
        &self.objective
    }

    /// Background for the AI, not shared with the recipient.
    ///
    /// ```
    /// # use byourside_proto::PlaceCall;
    /// let call = PlaceCall::new("+14155550123", "Ask.")?.context("They open at nine.");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }

    /// What to extract.
    ///
    /// # Errors
    /// [`BuildError::TooManyFields`] over 20, [`BuildError::InvalidField`] if a name is blank or there twice.
    ///
    /// ```
    /// # use byourside_proto::{BuildError, Field, PlaceCall};
    /// let call = || PlaceCall::new("+14155550123", "Ask.");
    /// assert!(call()?.fields(vec![Field::new("open"), Field::new("price")]).is_ok());
    /// assert_eq!(call()?.fields(vec![Field::new("a"), Field::new("a")]), Err(BuildError::InvalidField));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn fields(mut self, fields: Vec<Field>) -> Result<Self, BuildError> {
        if fields.len() > MAX_FIELDS {
            return Err(BuildError::TooManyFields);
        }
        let names: BTreeSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        if names.len() < fields.len() || names.iter().any(|name| name.trim().is_empty()) {
            return Err(BuildError::InvalidField);
        }
        self.fields = Some(fields);
        Ok(self)
    }

    /// Where the signed events go: https, or http to a loopback host, where only a simulated service can post.
    ///
    /// # Errors
    /// [`BuildError::InvalidWebhookUrl`] if it is no such URL.
    ///
    /// ```
    /// # use byourside_proto::PlaceCall;
    /// let call = || PlaceCall::new("+14155550123", "Ask.");
    /// assert!(call()?.webhook_url("https://hooks.example/bys").is_ok());
    /// assert!(call()?.webhook_url("http://127.0.0.1:8080/bys").is_ok());
    /// assert!(call()?.webhook_url("http://hooks.example/bys").is_err());
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
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

    /// Puts a token into the query of the webhook URL, as `bys_intent`, so that any event of this call says which intent
    /// it belongs to, even if the answer to the POST is lost. One token for one intent, never used again.
    ///
    /// A webhook URL that is set after this has no token.
    ///
    /// # Errors
    /// [`BuildError::InvalidCorrelation`] if there is no webhook URL, or it has a `bys_intent` already, or the token is not
    /// 1 to 128 of `A-Z a-z 0-9 - . _ ~`.
    ///
    /// ```
    /// # use byourside_proto::{BuildError, PlaceCall};
    /// let call = PlaceCall::new("+14155550123", "Ask.")?;
    /// assert_eq!(call.clone().correlation("order-17"), Err(BuildError::InvalidCorrelation));
    /// let call = call.webhook_url("https://hooks.example/bys")?.correlation("order-17")?;
    /// assert_eq!(call.correlation_token(), Some("order-17"));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn correlation(mut self, token: &str) -> Result<Self, BuildError> {
        let url = self.webhook_url.as_deref();
        let url = url.and_then(|url| correlation::with_token(url, token));
        self.webhook_url = Some(url.ok_or(BuildError::InvalidCorrelation)?);
        Ok(self)
    }

    /// The token that the webhook URL carries.
    ///
    /// ```
    /// # use byourside_proto::PlaceCall;
    /// assert_eq!(PlaceCall::new("+14155550123", "Ask.")?.correlation_token(), None);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn correlation_token(&self) -> Option<&str> {
        correlation::in_url(self.webhook_url.as_deref()?)
    }

    /// Sends a header with the request, by which a service could know that it has seen it before. This one documents no
    /// such header, so none is sent unless this is called, and nothing here relies on it.
    ///
    /// # Errors
    /// [`BuildError::InvalidIdempotency`] if the name is no header's, or one that the request or its connection uses
    /// already, or the value is empty or not visible ASCII.
    ///
    /// ```
    /// # use byourside_proto::{BuildError, PlaceCall};
    /// let call = || PlaceCall::new("+14155550123", "Ask.");
    /// assert!(call()?.idempotency_header("idempotency-key", "order-17").is_ok());
    /// assert_eq!(call()?.idempotency_header("authorization", "x"), Err(BuildError::InvalidIdempotency));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn idempotency_header(mut self, name: &str, value: &str) -> Result<Self, BuildError> {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| BuildError::InvalidIdempotency)?;
        let visible =
            !value.is_empty() && value.len() <= MAX_HEADER && value.bytes().all(|byte| byte.is_ascii_graphic());
        if !visible || TAKEN.contains(&name) {
            return Err(BuildError::InvalidIdempotency);
        }
        let value = HeaderValue::from_str(value).map_err(|_| BuildError::InvalidIdempotency)?;
        self.idempotency = Some((name, value));
        Ok(self)
    }

    /// The number to call from; one on the account.
    ///
    /// # Errors
    /// [`BuildError::InvalidNumber`] if it is not E.164.
    ///
    /// ```
    /// # use byourside_proto::PlaceCall;
    /// assert!(PlaceCall::new("+14155550123", "Ask.")?.caller_id("+14155550100").is_ok());
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn caller_id(mut self, number: impl Into<String>) -> Result<Self, BuildError> {
        self.caller_id = Some(PhoneNumber::new(number)?);
        Ok(self)
    }

    /// The voice, e.g. `Kore`.
    ///
    /// ```
    /// # use byourside_proto::PlaceCall;
    /// let call = PlaceCall::new("+14155550123", "Ask.")?.voice("Kore");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn voice(mut self, voice: impl Into<String>) -> Self {
        self.voice = Some(voice.into());
        self
    }

    /// A BCP-47 tag such as `en-US`, or `auto`.
    ///
    /// ```
    /// # use byourside_proto::PlaceCall;
    /// let call = PlaceCall::new("+14155550123", "Ask.")?.language("en-US");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// The caller id that was asked for.
    pub(crate) fn own_caller_id(&self) -> Option<&PhoneNumber> {
        self.caller_id.as_ref()
    }

    /// The webhook URL that was asked for, with the token.
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
        // Only strings and lists of them: serialising cannot fail.
        let mut request = api.post(api.calls_path(), serde_json::to_vec(self).unwrap_or_default());
        if let Some((name, value)) = &self.idempotency {
            request.headers_mut().insert(name, value.clone());
        }
        request
    }

    fn parse(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Call, ApiError> {
        let call: Call = answer::read(status, headers, body)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn bad_input_is_refused_before_any_request() {
        let place = || PlaceCall::new("+14155550123", "Ask.").unwrap();
        assert_eq!(PlaceCall::new("4155550123", "Ask."), Err(BuildError::InvalidNumber));
        assert_eq!(PlaceCall::new("+14155550123", ""), Err(BuildError::ObjectiveRequired));
        assert_eq!(
            place().fields(vec![Field::new("a"); 21]),
            Err(BuildError::TooManyFields)
        );
        for url in ["http://a.example/x", "http://127.0.0.1@a.example/", "/x", ""] {
            assert_eq!(place().webhook_url(url), Err(BuildError::InvalidWebhookUrl), "{url}");
        }
        for url in ["https://a.example/x", "http://127.0.0.1:8080/x", "http://[::1]/"] {
            assert!(place().webhook_url(url).is_ok(), "{url}");
        }
        assert_eq!(place().fields(vec![Field::new(" ")]), Err(BuildError::InvalidField));
        for (name, value) in [
            ("", "a"),
            ("a b", "a"),
            ("Host", "a"),
            ("x-key", ""),
            ("x-key", "a\r\nb: c"),
        ] {
            assert_eq!(
                place().idempotency_header(name, value),
                Err(BuildError::InvalidIdempotency),
                "{name}"
            );
        }
        assert_eq!(place().caller_id("+0"), Err(BuildError::InvalidNumber));
    }

    #[test]
    fn an_answer_without_an_id_to_ask_for_is_unreadable() {
        let place = PlaceCall::new("+14155550123", "Ask.").unwrap();
        for body in [
            r#"{"status": "queued"}"#,
            r#"{"id": ""}"#,
            r#"{"callId": ".."}"#,
            r#"{"id": 7}"#,
        ] {
            let answer = place.parse(StatusCode::OK, &HeaderMap::new(), body.as_bytes());
            assert!(
                answer.is_err_and(|error| error.kind() == crate::api::ApiErrorKind::Unreadable),
                "{body}"
            );
        }
    }

    #[test]
    fn an_idempotency_header_goes_along_only_if_asked_for() {
        let api = Api::with_key("bys_ak_example").unwrap();
        let place = PlaceCall::new("+14155550123", "Ask.").unwrap();
        assert_eq!(place.request(&api).headers().len(), 2);
        let request = place
            .idempotency_header("Idempotency-Key", "k-1")
            .unwrap()
            .request(&api);
        assert_eq!(request.headers()["idempotency-key"], "k-1");
    }
}
