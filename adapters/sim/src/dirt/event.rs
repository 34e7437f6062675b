//! Webhook events, as the world brings them.
use super::{
    Fault, Struck,
    answer::{members, object, quoted, raw, set, soil, write_back},
};
use crate::SimulatedCall;
use std::time::Duration;

/// One body to be signed and delivered.
#[derive(Clone, Debug)]
pub(crate) struct Forged {
    /// How long after the first.
    pub(crate) after: Duration,
    pub(crate) body: Vec<u8>,
    /// Whether the service hears what came of it.
    pub(crate) awaited: bool,
}

/// What is delivered in the place of this event, or beside it.
pub(crate) fn forge(body: &[u8], call: Option<&SimulatedCall>, struck: &Struck) -> Vec<Forged> {
    if struck.has(Fault::EventLost) {
        return Vec::new();
    }
    let mut event = members(body);
    if let Some(call) = call {
        write_back(&mut event, call);
    }
    let at = |after: u64, body: String| Forged {
        after: Duration::from_millis(after),
        body: raw(body.into_bytes()),
        awaited: false,
    };
    let mut forged = Vec::new();
    if struck.has(Fault::EventOfAnother) {
        let mut other = event.clone();
        set(&mut other, "to", quoted("+14155569999"));
        set(&mut other, "callId", quoted("0a0a0a0a-0000-4000-8000-00000000000a"));
        set(
            &mut other,
            "eventId",
            quoted(&format!("of-another-{}", event_id(&event))),
        );
        forged.push(at(0, object(&other)));
    }
    if struck.has(Fault::EventOfYesterday) {
        let mut old = event.clone();
        set(&mut old, "callId", quoted("0b0b0b0b-0000-4000-8000-00000000000b"));
        set(&mut old, "event", quoted("call.completed"));
        set(&mut old, "status", quoted("completed"));
        set(
            &mut old,
            "eventId",
            quoted(&format!("of-yesterday-{}", event_id(&event))),
        );
        forged.push(at(0, object(&old)));
    }
    soil(&mut event, "callId", struck);
    for (fault, _) in struck.iter() {
        match fault {
            Fault::EventIdBlank => set(&mut event, "eventId", quoted("")),
            Fault::EventIdNumeric => {
                let digits = id_of(&event)
                    .bytes()
                    .fold(7_u64, |sum, byte| sum.wrapping_mul(31) ^ u64::from(byte));
                set(&mut event, "eventId", digits.to_string());
            }
            Fault::EventIdMissing => event.retain(|(name, _)| name != "\"eventId\""),
            Fault::EventIdShared => set(&mut event, "eventId", quoted("shared")),
            _ => {}
        }
    }
    let mut text = object(&event);
    if struck.has(Fault::ByteOrderMark) {
        text.insert(0, '\u{feff}');
    }
    forged.push(Forged {
        awaited: true,
        ..at(0, text.clone())
    });
    if struck.has(Fault::EventTwice) || struck.has(Fault::EventIdNumeric) {
        forged.push(at(700, text));
    }
    let storm = struck.within(Fault::EventStorm, 1, 500).unwrap_or(0);
    for number in 0..storm {
        // What it says contradicts itself.
        set(&mut event, "event", quoted("call.failed"));
        set(&mut event, "status", quoted("completed"));
        let id = format!("storm-{number}-{}", id_of(&event));
        set(&mut event, "eventId", quoted(&id));
        forged.push(at(2 * (number + 1), object(&event)));
    }
    forged
}

fn id_of(event: &[(String, String)]) -> String {
    let id = event
        .iter()
        .rev()
        .find(|(name, _)| name == "\"callId\"" || name == "\"id\"");
    id.map(|(_, value)| value.trim_matches('"').to_owned())
        .unwrap_or_default()
}

fn event_id(event: &[(String, String)]) -> String {
    let id = event.iter().find(|(name, _)| name == "\"eventId\"");
    id.map(|(_, value)| value.trim_matches('"').to_owned())
        .unwrap_or_default()
}
