//! One case of the list: a request, and its answer in the form of the official client.
use byourside_ureq::{
    Api, ApiKey, BaseUrl, BuildError, CallId, Client, ClientOptions, Field, FieldType, ListCalls, PlaceCall,
    api::ApiError,
    machine::{
        Error,
        place::{NotPlaced, PlaceError, Unknown},
        wait::{WaitError, WaitFailure, WaitOptions},
    },
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::HashMap, net::TcpListener, time::Duration};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    #[serde(default = "official")]
    key: String,
    /// Whether the request goes to an address without a listener.
    #[serde(default)]
    nobody: bool,
    #[serde(rename = "do")]
    operation: Operation,
    call: Option<Order>,
    limit: Option<u32>,
    id: Option<String>,
    /// The case that placed the call.
    of: Option<String>,
    timeout: Option<u64>,
    expect: Value,
    /// The expectation for our client if it differs, and why.
    ours: Option<Value>,
    #[serde(rename = "why")]
    _why: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Operation {
    Place,
    Get,
    List,
    Wait,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    to: String,
    objective: String,
    context: Option<String>,
    fields: Option<Vec<Asked>>,
    caller_id: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    description: Option<String>,
}

impl Case {
    /// What the client answers: `{"ok": ..}` or `{"error": .., "status": ..}`, the latter with the service's message.
    pub fn ask(&self, url: &str, placed: &mut HashMap<String, CallId>) -> Value {
        match self.answer(url, placed) {
            Ok(answer) => json!({"ok": timeless(answer)}),
            Err(failure) => failure,
        }
    }

    pub fn expected_of_us(&self) -> &Value {
        self.ours.as_ref().unwrap_or(&self.expect)
    }

    fn answer(&self, url: &str, placed: &mut HashMap<String, CallId>) -> Result<Value, Value> {
        let client = self.client(url).map_err(not_built)?;
        match self.operation {
            Operation::Place => {
                let order = self.call.as_ref().unwrap().build().map_err(not_built)?;
                let call = client.place_call(&order).map_err(|error| not_placed(&error))?;
                placed.insert(self.name.clone(), CallId::new(call.id().unwrap()).unwrap());
                Ok(json!(call))
            }
            Operation::Get => {
                let call = client.get_call(&self.id(placed)?).map_err(|error| not_read(&error))?;
                Ok(json!(call))
            }
            Operation::List => {
                let list = ListCalls::new(self.limit.unwrap());
                Ok(json!(client.list_calls(&list).map_err(|error| not_read(&error))?))
            }
            Operation::Wait => {
                let options = WaitOptions {
                    timeout: Duration::from_secs(self.timeout.unwrap_or(60)),
                    interval: Duration::from_millis(20),
                    not_found_grace: Duration::ZERO,
                    ..WaitOptions::default()
                };
                let ended = client.wait_for_call_with(&self.id(placed)?, options, |_status| {});
                Ok(json!(ended.map_err(|error| not_waited(&error))?.call))
            }
        }
    }

    /// A client without retries, like the official one.
    fn client(&self, url: &str) -> Result<Client, BuildError> {
        let mut options = ClientOptions::default();
        options.place.retries = 0;
        options.read.retries = 0;
        let nobody = || {
            format!(
                "http://{}",
                TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
            )
        };
        let base = BaseUrl::new(&if self.nobody { nobody() } else { url.to_owned() })?;
        Client::with_options(Api::new(base, ApiKey::new(&self.key)?), options)
    }

    fn id(&self, placed: &HashMap<String, CallId>) -> Result<CallId, Value> {
        match &self.of {
            Some(name) => Ok(placed[name].clone()),
            None => CallId::new(self.id.as_ref().unwrap()).map_err(not_built),
        }
    }
}

impl Order {
    fn build(&self) -> Result<PlaceCall, BuildError> {
        let mut order = PlaceCall::new(&self.to, &self.objective)?;
        if let Some(context) = &self.context {
            order = order.context(context);
        }
        if let Some(fields) = &self.fields {
            order = order.fields(fields.iter().map(Asked::field).collect())?;
        }
        if let Some(number) = &self.caller_id {
            order = order.caller_id(number)?;
        }
        Ok(order)
    }
}

impl Asked {
    fn field(&self) -> Field {
        let kind = self.kind.as_deref().map(|kind| match kind {
            "boolean" => FieldType::Boolean,
            "number" => FieldType::Number,
            _ => FieldType::String,
        });
        Field {
            name: self.name.clone(),
            kind,
            description: self.description.clone(),
        }
    }
}

/// The expectation of a case: the status of a call, the length of a list, or the failure.
pub fn brief(answer: &Value) -> Value {
    match &answer["ok"] {
        Value::Null => json!({"error": answer["error"], "status": answer["status"]}),
        Value::Array(calls) => json!({"ok": calls.len()}),
        call => json!({"ok": call["status"]}),
    }
}

/// An answer with its times, which differ from run to run, replaced by whether they are present.
fn timeless(mut answer: Value) -> Value {
    if let Value::Array(calls) = answer {
        return calls.into_iter().map(timeless).collect();
    }
    for name in ["startedAt", "endedAt"] {
        if let Some(moment) = answer.get_mut(name) {
            *moment = json!(!moment.is_null());
        }
    }
    answer
}

fn not_built(error: BuildError) -> Value {
    failure(error.code(), error.status(), None)
}

fn not_placed(error: &PlaceError) -> Value {
    let refusal = match error {
        PlaceError::NotPlaced(NotPlaced::Refused(refusal)) | PlaceError::Unknown(Unknown::Answer(refusal)) => {
            Some(refusal)
        }
        _ => None,
    };
    failure(error.code(), error.status(), refusal)
}

fn not_read(error: &Error) -> Value {
    let refusal = if let Error::Api(refusal) = error {
        Some(refusal)
    } else {
        None
    };
    failure(error.code(), error.status(), refusal)
}

fn not_waited(error: &WaitError) -> Value {
    let refusal = if let WaitFailure::Refused(refusal) = &error.failure {
        Some(refusal)
    } else {
        None
    };
    failure(error.code(), error.status(), refusal)
}

fn failure(code: &str, status: u16, refusal: Option<&ApiError>) -> Value {
    let mut failure = json!({"error": code, "status": status});
    if let Some(refusal) = refusal {
        failure["message"] = refusal.to_string().into();
    }
    failure
}

fn official() -> String {
    "bys_ak_official".into()
}
