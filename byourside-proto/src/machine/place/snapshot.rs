//! How a snapshot stores a [`PlaceCall`]. Reading one back repeats all checks of its constructors.
use crate::{
    api::PlaceCall,
    types::{BuildError, Field},
};
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    to: String,
    objective: String,
    context: Option<String>,
    fields: Option<Vec<Field>>,
    webhook_url: Option<String>,
    caller_id: Option<String>,
    voice: Option<String>,
    language: Option<String>,
}

type Header<T> = Option<(T, T)>;

pub(crate) fn serialize<S: Serializer>(call: &PlaceCall, serializer: S) -> Result<S::Ok, S::Error> {
    (call, call.header()).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PlaceCall, D::Error> {
    let (body, header) = <(Body, Header<String>)>::deserialize(deserializer)?;
    build(body, header).map_err(D::Error::custom)
}

fn build(body: Body, header: Header<String>) -> Result<PlaceCall, BuildError> {
    let mut call = PlaceCall::new(body.to, body.objective)?;
    if let Some(context) = body.context {
        call = call.context(context);
    }
    if let Some(fields) = body.fields {
        call = call.fields(fields)?;
    }
    if let Some(url) = body.webhook_url {
        call = call.webhook_url(url)?;
    }
    if let Some(number) = body.caller_id {
        call = call.caller_id(number)?;
    }
    if let Some(voice) = body.voice {
        call = call.voice(voice);
    }
    if let Some(language) = body.language {
        call = call.language(language);
    }
    match header {
        Some((name, value)) => call.idempotency_header(&name, &value),
        None => Ok(call),
    }
}
