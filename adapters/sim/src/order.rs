//! Parses the body of `POST /v1/agent/calls`. Any bytes may arrive.
use super::refusal::Refusal;
use byourside_proto::types::PhoneNumber;
use http::Uri;
use serde_json::{Map, Value};
use std::net::IpAddr;

const MAX_FIELDS: usize = 20;
/// The one number that no account owns.
const NOT_OWNED: &str = "+14155550199";

/// A valid request to place a call.
pub(crate) struct Order {
    pub(crate) to: PhoneNumber,
    pub(crate) objective: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) caller_id: Option<PhoneNumber>,
    pub(crate) language: Option<String>,
    pub(crate) webhook_url: Option<Uri>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: FieldKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    String,
    Boolean,
    Number,
}

impl Order {
    pub(crate) fn read(body: &[u8], plain_http_to_loopback: bool) -> Result<Self, Refusal> {
        let members: Map<String, Value> = serde_json::from_slice(body).map_err(|_| Refusal::InvalidRequest)?;
        let to = number(&members, "to")?.ok_or(Refusal::ToRequired)?;
        let objective = text(&members, "objective")?
            .filter(|objective| !objective.trim().is_empty())
            .ok_or(Refusal::ObjectiveRequired)?
            .to_string();
        let caller_id = number(&members, "callerId")?;
        text(&members, "context")?;
        text(&members, "voice")?;
        let order = Self {
            objective,
            fields: fields(&members)?,
            language: text(&members, "language")?.map(ToString::to_string),
            webhook_url: text(&members, "webhookUrl")?
                .map(|url| webhook_url(url, plain_http_to_loopback))
                .transpose()?,
            caller_id,
            to,
        };
        if order.to.as_str().starts_with("+1900") {
            return Err(Refusal::DestinationBlocked);
        }
        if order.caller_id.as_ref().map(PhoneNumber::as_str) == Some(NOT_OWNED) {
            return Err(Refusal::CallerIdNotOwned);
        }
        Ok(order)
    }
}

/// A member that must be text; null counts as absent.
fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::InvalidRequest),
    }
}

/// A member that must be a phone number; null and the empty text count as absent.
fn number(members: &Map<String, Value>, name: &str) -> Result<Option<PhoneNumber>, Refusal> {
    match text(members, name) {
        Ok(None | Some("")) => Ok(None),
        Ok(Some(number)) => PhoneNumber::new(number).map(Some).map_err(|_| Refusal::InvalidNumber),
        Err(_) => Err(Refusal::InvalidNumber),
    }
}

fn fields(members: &Map<String, Value>) -> Result<Vec<Field>, Refusal> {
    match members.get("fields") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(fields)) if fields.len() <= MAX_FIELDS => fields.iter().map(field).collect(),
        Some(_) => Err(Refusal::InvalidRequest),
    }
}

fn field(value: &Value) -> Result<Field, Refusal> {
    let members = value.as_object().ok_or(Refusal::InvalidRequest)?;
    let name = text(members, "name")?.filter(|name| !name.is_empty());
    text(members, "description")?;
    let kind = match text(members, "type")? {
        None | Some("string") => FieldKind::String,
        Some("boolean") => FieldKind::Boolean,
        Some("number") => FieldKind::Number,
        Some(_) => return Err(Refusal::InvalidRequest),
    };
    Ok(Field {
        name: name.ok_or(Refusal::InvalidRequest)?.to_string(),
        kind,
    })
}

fn webhook_url(url: &str, plain_http_to_loopback: bool) -> Result<Uri, Refusal> {
    let url: Uri = url.parse().map_err(|_| Refusal::InvalidRequest)?;
    let host = url.host().unwrap_or_default();
    let allowed = match url.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => plain_http_to_loopback && is_loopback(host),
        _ => false,
    };
    if allowed { Ok(url) } else { Err(Refusal::InvalidRequest) }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(changes: Value) -> Option<Refusal> {
        let mut body = json!({"to": "+14155550123", "objective": "Ask."});
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        Order::read(body.to_string().as_bytes(), false).err()
    }

    #[test]
    fn optional_members_may_be_present_null_or_absent() {
        for name in ["context", "fields", "webhookUrl", "callerId", "voice", "language"] {
            assert_eq!(refusal(json!({name: null})), None, "{name}");
        }
        let all = json!({
            "context": "c", "voice": "Kore", "language": "auto", "callerId": "+442071838750",
            "webhookUrl": "https://example.com/hook?a=b",
            "fields": [{"name": "a"}, {"name": "b", "type": "boolean", "description": "d"}, {"name": "c", "type": "number"}],
        });
        assert_eq!(refusal(all), None);
        assert_eq!(refusal(json!({"fields": []})), None);
    }

    #[test]
    fn missing_member_and_invalid_number_are_named() {
        for (changes, expected) in [
            (json!({"to": null}), Refusal::ToRequired),
            (json!({"to": ""}), Refusal::ToRequired),
            (json!({"to": "4155550123"}), Refusal::InvalidNumber),
            (json!({"to": 14155550123_u64}), Refusal::InvalidNumber),
            (json!({"to": "+0123"}), Refusal::InvalidNumber),
            (json!({"objective": null}), Refusal::ObjectiveRequired),
            (json!({"objective": " \n"}), Refusal::ObjectiveRequired),
            (json!({"callerId": "me"}), Refusal::InvalidNumber),
            (json!({"callerId": NOT_OWNED}), Refusal::CallerIdNotOwned),
            (json!({"to": "+19005550123"}), Refusal::DestinationBlocked),
        ] {
            assert_eq!(refusal(changes.clone()), Some(expected), "{changes}");
        }
    }

    #[test]
    fn member_of_a_wrong_shape_is_an_invalid_request() {
        let field = json!({"name": "a"});
        for changes in [
            json!({"objective": 5}),
            json!({"context": []}),
            json!({"voice": true}),
            json!({"language": {}}),
            json!({"fields": "a"}),
            json!({"fields": ["a"]}),
            json!({"fields": [{}]}),
            json!({"fields": [{"name": ""}]}),
            json!({"fields": [{"name": "a", "type": "date"}]}),
            json!({"fields": [{"name": "a", "description": 1}]}),
            json!({"fields": std::vec![field; 21]}),
            json!({"webhookUrl": "example.com/hook"}),
            json!({"webhookUrl": "http://example.com/hook"}),
            json!({"webhookUrl": "ftp://example.com/hook"}),
        ] {
            assert_eq!(refusal(changes.clone()), Some(Refusal::InvalidRequest), "{changes}");
        }
    }

    #[test]
    fn any_bytes_that_are_no_object_are_an_invalid_request() {
        let deep = "[".repeat(10_000);
        let deep_member = std::format!(r#"{{"to":{deep}"#);
        for body in [
            "",
            "null",
            "[]",
            "5",
            "{",
            "{\"to\":",
            "\u{feff}{}",
            &deep,
            &deep_member,
        ] {
            assert_eq!(Order::read(body.as_bytes(), false).err(), Some(Refusal::InvalidRequest));
        }
        assert_eq!(
            Order::read(&[0xff, 0, 0xfe], false).err(),
            Some(Refusal::InvalidRequest)
        );
        assert_eq!(Order::read(b"{}", false).err(), Some(Refusal::ToRequired));
    }

    #[test]
    fn plain_http_is_for_loopback_hosts_and_only_where_it_is_allowed() {
        let read = |url: &str, allowed| {
            let body = json!({"to": "+14155550123", "objective": "Ask.", "webhookUrl": url});
            Order::read(body.to_string().as_bytes(), allowed).is_ok()
        };
        for url in ["http://127.0.0.1:1/hook", "http://localhost/hook", "http://[::1]:8080/"] {
            assert!(read(url, true) && !read(url, false), "{url}");
        }
        assert!(!read("http://example.com/hook", true));
        assert!(read("https://example.com/hook", true));
    }
}
