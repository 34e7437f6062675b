//! When calls begin and end, and what the service says of them meanwhile.
use byourside_proto::{
    Monotonic, UnixTime,
    webhook::{Event, Signer, Verifier, WebhookSecret},
};
use std::time::Duration;

/// From a request to its answer, and from the end of a call to its event.
pub const LATENCY: Duration = Duration::from_millis(50);
/// How many calls a list shows.
const LISTED: usize = 100;

/// A call that is placed and waited for at once.
pub struct Call {
    pub begins: Monotonic,
    pub ends: Monotonic,
}

pub struct Timeline {
    /// In the order in which they begin.
    pub calls: Vec<Call>,
    /// Whether there are events; of so many of them one is lost, 0 for none.
    events: Option<usize>,
}

impl Timeline {
    /// So many calls, one after each pause, each of one to ten minutes.
    pub fn new(calls: u32, pause: Duration, events: Option<usize>) -> Self {
        let calls = (0..calls)
            .map(|call| {
                let begins = Monotonic::new(pause * call);
                // Scattered over nine minutes, no two alike.
                let length = 60_000 + u64::from(call.wrapping_mul(0x9e37_79b1)) % 540_000;
                let ends = begins.after(Duration::from_millis(length));
                Call { begins, ends }
            })
            .collect();
        Self { calls, events }
    }

    pub fn id(call: usize) -> String {
        format!("00000000-0000-4000-8000-{call:012x}")
    }

    /// The call of this id.
    pub fn number(id: &str) -> usize {
        usize::from_str_radix(&id[24..], 16).unwrap()
    }

    pub fn record(&self, call: usize, now: Monotonic) -> String {
        let status = if self.calls[call].ends <= now {
            "completed"
        } else {
            "in_progress"
        };
        format!(r#"{{"id":"{}","status":"{status}"}}"#, Self::id(call))
    }

    /// The most recent calls.
    pub fn list(&self, now: Monotonic) -> String {
        let begun = self.calls.partition_point(|call| call.begins <= now);
        let recent = (0..begun).rev().take(LISTED).map(|call| self.record(call, now));
        format!(r#"{{"calls":[{}]}}"#, recent.collect::<Vec<_>>().join(","))
    }

    /// Verified terminal events, each when it comes, in that order.
    pub fn events(&self) -> Vec<(Monotonic, Event)> {
        let Some(lost) = self.events else {
            return Vec::new();
        };
        let (secret, now) = (WebhookSecret::new("whsec_bench").unwrap(), UnixTime::new(1_767_225_600));
        let (signer, verifier) = (Signer::new(secret.clone()), Verifier::new(secret));
        let come = |(call, _): &(usize, &Call)| lost == 0 || call % lost != 0;
        let mut events: Vec<_> = (0..)
            .zip(&self.calls)
            .filter(come)
            .map(|(call, Call { ends, .. })| {
                let id = Self::id(call);
                let body =
                    format!(r#"{{"event":"call.completed","eventId":"e{call}","callId":"{id}","status":"completed"}}"#);
                let header = signer.sign(now, body.as_bytes());
                let event = verifier.verify(&header, body.as_bytes(), now).unwrap().event().unwrap();
                (ends.after(LATENCY), event)
            })
            .collect();
        events.sort_by_key(|(at, _)| *at);
        events
    }
}
