//! Webhook events, as the world brings them.
use super::{
    Fault, Struck,
    answer::{Members, get_member, members, object, quoted, raw, set, soil, write_back},
};
use crate::{SimulatedCall, clock::day_before};
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
        body: raw(body.into_bytes(), struck),
        awaited: false,
    };
    // Whatever becomes of its id, what is made of the event has an id that goes back to it.
    let own_id = event_id(&event);
    let mut forged = Vec::new();
    if struck.has(Fault::EventOfAnother) {
        let mut other = event.clone();
        set(&mut other, "to", quoted("+14155569999"));
        set(&mut other, "callId", quoted("0a0a0a0a-0000-4000-8000-00000000000a"));
        set(&mut other, "eventId", quoted(&format!("of-another-{own_id}")));
        forged.push(at(0, object(&other)));
    }
    if struck.has(Fault::EventOfYesterday) {
        let mut old = event.clone();
        set(&mut old, "callId", quoted("0b0b0b0b-0000-4000-8000-00000000000b"));
        set(&mut old, "event", quoted("call.completed"));
        set(&mut old, "status", quoted("completed"));
        for name in ["timestamp", "startedAt", "endedAt"] {
            let now = get_member(&old, name).map(|value| value.trim_matches('"').to_owned());
            if let Some(then) = now.as_deref().and_then(day_before) {
                set(&mut old, name, quoted(&then));
            }
        }
        set(&mut old, "eventId", quoted(&format!("of-yesterday-{own_id}")));
        forged.push(at(0, object(&old)));
    }
    soil(&mut event, "callId", struck);
    for (fault, _) in struck.iter() {
        match fault {
            Fault::EventIdBlank => set(&mut event, "eventId", quoted("")),
            Fault::EventIdNumeric => {
                let digits = own_id
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
        let id = format!("storm-{number}-{own_id}");
        set(&mut event, "eventId", quoted(&id));
        forged.push(at(2 * (number + 1), object(&event)));
    }
    forged
}

fn event_id(event: &Members) -> String {
    let id = get_member(event, "eventId");
    id.map(|id| id.trim_matches('"').to_owned()).unwrap_or_default()
}
