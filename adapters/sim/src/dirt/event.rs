//! Applies faults to webhook events.
use super::{
    ActiveFaults, Fault,
    answer::apply_echo_faults,
    members::{Members, corrupt, get_member, members, object, quoted, raw, set},
};
use crate::{SimulatedCall, clock::day_before};
use std::time::Duration;

/// A body to sign and deliver.
#[derive(Clone, Debug)]
pub(crate) struct InjectedDelivery {
    /// The delay after the event itself.
    pub(crate) after: Duration,
    pub(crate) body: Vec<u8>,
    /// Whether the receiver's answer counts as the answer to the service's delivery.
    pub(crate) awaited: bool,
}

/// The deliveries that the faults make of one event.
pub(crate) fn injected_deliveries(
    body: &[u8],
    call: Option<&SimulatedCall>,
    active: &ActiveFaults,
) -> Vec<InjectedDelivery> {
    if active.has(Fault::EventLost) {
        return Vec::new();
    }
    let mut event = members(body);
    if let Some(call) = call {
        apply_echo_faults(&mut event, call);
    }
    let at = |after: u64, body: String| InjectedDelivery {
        after: Duration::from_millis(after),
        body: raw(body.into_bytes(), active),
        awaited: false,
    };
    // Ids of additional events are derived from the original one, whatever the faults do to that.
    let own_id = event_id(&event);
    let mut deliveries = Vec::new();
    if active.has(Fault::EventOfAnother) {
        let mut other = event.clone();
        set(&mut other, "to", quoted("+14155569999"));
        set(&mut other, "callId", quoted("0a0a0a0a-0000-4000-8000-00000000000a"));
        set(&mut other, "eventId", quoted(&format!("of-another-{own_id}")));
        deliveries.push(at(0, object(&other)));
    }
    if active.has(Fault::EventOfYesterday) {
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
        deliveries.push(at(0, object(&old)));
    }
    corrupt(&mut event, "callId", active);
    for (fault, _) in active.iter() {
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
    if active.has(Fault::ByteOrderMark) {
        text.insert(0, '\u{feff}');
    }
    deliveries.push(InjectedDelivery {
        awaited: true,
        ..at(0, text.clone())
    });
    if active.has(Fault::EventTwice) || active.has(Fault::EventIdNumeric) {
        deliveries.push(at(700, text));
    }
    let storm = active.within(Fault::EventStorm, 1, 500).unwrap_or(0);
    for number in 0..storm {
        // Event kind and status contradict each other.
        set(&mut event, "event", quoted("call.failed"));
        set(&mut event, "status", quoted("completed"));
        let id = format!("storm-{number}-{own_id}");
        set(&mut event, "eventId", quoted(&id));
        deliveries.push(at(2 * (number + 1), object(&event)));
    }
    deliveries
}

fn event_id(event: &Members) -> String {
    let id = get_member(event, "eventId");
    id.map(|id| id.trim_matches('"').to_owned()).unwrap_or_default()
}
