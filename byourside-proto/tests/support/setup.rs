//! The API, the call, the ids, the times and the events that most tests use.
use super::alloc::{format, string::String};
use byourside_proto::{
    Api, CallId, Monotonic, PlaceCall, UnixTime,
    machine::Snapshot,
    webhook::{Event, Signer, Verifier, WebhookSecret},
};
use core::time::Duration;

/// The key of [`api`]. No output may show it.
pub const KEY: &str = "bys_ak_Key.OfTheTests";
/// The number that [`call`] calls. No output may show it in full.
pub const PHONE: &str = "+14155550123";
pub const OBJECTIVE: &str = "Ask.";
/// The correlation token of a scenario's call.
pub const TOKEN: &str = "t1";

pub fn api() -> Api {
    Api::with_key(KEY).unwrap()
}

pub fn call() -> PlaceCall {
    PlaceCall::new(PHONE, OBJECTIVE).unwrap()
}

/// [`call`] with a webhook and this correlation token, which proves that an event belongs to it.
pub fn call_with_token(token: &str) -> PlaceCall {
    let call = call().webhook_url("https://a.example/h").unwrap();
    call.correlation(token).unwrap()
}

pub fn id(text: impl Into<String>) -> CallId {
    CallId::new(text).unwrap()
}

/// Seconds after the origin of the clock.
pub const fn at(seconds: u64) -> Monotonic {
    Monotonic::new(Duration::from_secs(seconds))
}

/// An event with this body, signed and verified as in a receiver.
pub fn event(body: &str) -> Event {
    let now = UnixTime::new(1_767_225_600);
    let (verifier, header) = sign("whsec_example", now, body);
    verifier.verify(&header, body.as_bytes(), now).unwrap().event().unwrap()
}

/// The event that reports this status of the call `c1`.
pub fn status_event(status: &str) -> Event {
    event(&format!(
        r#"{{"event":"call.{status}","eventId":"e1","callId":"c1","status":"{status}","summary":"From the event."}}"#
    ))
}

/// A verifier of this secret, and the header of a delivery that is signed with it.
pub fn sign(secret: &str, now: UnixTime, body: &str) -> (Verifier, String) {
    let secret = WebhookSecret::new(secret).unwrap();
    let header = Signer::new(secret.clone()).sign(now, body.as_bytes());
    (Verifier::new(secret), header)
}

/// The text of a snapshot as it is stored. It must not contain the key.
pub fn text_of(snapshot: &Snapshot) -> String {
    let text = serde_json::to_string(snapshot).unwrap();
    assert!(!text.contains("bys_ak_"), "{text}");
    text
}

/// A snapshot that was stored and read again.
pub fn through_text(snapshot: &Snapshot) -> Snapshot {
    serde_json::from_str(&text_of(snapshot)).unwrap()
}
