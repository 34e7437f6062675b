//! A timeline: when calls begin and end, and what the service answers meanwhile.
use byourside_proto::{
    Monotonic, UnixTime,
    webhook::{Event, Signer, Verifier, WebhookSecret},
};
use std::time::Duration;

/// The time from a request to its answer, and from the end of a call to its event.
pub const LATENCY: Duration = Duration::from_millis(50);
/// How many calls a list shows.
const LISTED: usize = 100;

/// A call that is waited for as soon as it is placed.
pub struct Call {
    pub begins: Monotonic,
    /// When the call is answered; `None` if it never is.
    answered: Option<Monotonic>,
    pub ends: Monotonic,
}

pub struct Timeline {
    /// In the order in which they begin.
    pub calls: Vec<Call>,
    /// Whether there are events. One in this many is lost; 0 means that none is.
    events: Option<u32>,
}

impl Timeline {
    /// This many calls, with a pause between them. They ring for 5 to 25 s, are answered, and end one to ten minutes
    /// after they began.
    pub fn answered(calls: u32, pause: Duration) -> Self {
        let calls = (0..calls)
            .map(|call| {
                let begins = Monotonic::new(pause * call);
                let after = |least, most, salt| begins.after(Duration::from_millis(scattered(call, least, most, salt)));
                Call {
                    begins,
                    answered: Some(after(5_000, 25_000, 0x85eb_ca6b)),
                    ends: after(60_000, 600_000, 0x9e37_79b1),
                }
            })
            .collect();
        Self { calls, events: None }
    }

    /// The same, except that one call in four is never answered and rings for 20 to 60 s.
    pub fn three_in_four_answered(calls: u32, pause: Duration) -> Self {
        let mut timeline = Self::answered(calls, pause);
        for (number, call) in (0..).zip(&mut timeline.calls).filter(|(number, _)| number % 4 == 3) {
            call.answered = None;
            let rings = scattered(number, 20_000, 60_000, 0x85eb_ca6b);
            call.ends = call.begins.after(Duration::from_millis(rings));
        }
        timeline
    }

    /// Adds events, of which one in this many is lost; 0 means that none is.
    pub fn with_events(mut self, lost: u32) -> Self {
        self.events = Some(lost);
        self
    }

    pub fn id(call: usize) -> String {
        format!("00000000-0000-4000-8000-{call:012x}")
    }

    /// The call of this id.
    pub fn number(id: &str) -> usize {
        usize::from_str_radix(&id[24..], 16).unwrap()
    }

    pub fn record(&self, call: usize, now: Monotonic) -> String {
        let (id, call) = (Self::id(call), &self.calls[call]);
        let status = if call.ends <= now {
            call.end()
        } else if call.answered.is_some_and(|answered| answered <= now) {
            "in_progress"
        } else {
            "queued"
        };
        format!(r#"{{"id":"{id}","status":"{status}"}}"#)
    }

    /// The most recent calls.
    pub fn list(&self, now: Monotonic) -> String {
        let begun = self.calls.partition_point(|call| call.begins <= now);
        let recent = (0..begun).rev().take(LISTED).map(|call| self.record(call, now));
        format!(r#"{{"calls":[{}]}}"#, recent.collect::<Vec<_>>().join(","))
    }

    /// The events with the times of their arrival, in that order: one when a call is answered, and one when it has
    /// ended.
    pub fn events(&self) -> Vec<(Monotonic, Event)> {
        let Some(lost) = self.events else {
            return Vec::new();
        };
        let (secret, now) = (WebhookSecret::new("whsec_bench").unwrap(), UnixTime::new(1_767_225_600));
        let (signer, verifier) = (Signer::new(secret.clone()), Verifier::new(secret));
        let happened = (0..).zip(&self.calls).flat_map(|(number, call)| {
            let answer = call.answered.map(|at| (number, at, "in_progress"));
            answer.into_iter().chain([(number, call.ends, call.end())])
        });
        // The upper bits decide; the lowest bit is only the kind of event.
        let come = |(number, _): &(u32, _)| lost == 0 || (number.wrapping_mul(0xc2b2_ae35) >> 16) % lost != 0;
        let mut events: Vec<_> = (0..)
            .zip(happened)
            .filter(come)
            .map(|(number, (call, at, status))| {
                let id = Self::id(call);
                let body =
                    format!(r#"{{"event":"call.{status}","eventId":"e{number}","callId":"{id}","status":"{status}"}}"#);
                let header = signer.sign(now, body.as_bytes());
                let event = verifier.verify(&header, body.as_bytes(), now).unwrap().event().unwrap();
                (at.after(LATENCY), event)
            })
            .collect();
        events.sort_by_key(|(at, _)| *at);
        events
    }
}

impl Call {
    fn end(&self) -> &'static str {
        if self.answered.is_some() {
            "completed"
        } else {
            "no_answer"
        }
    }
}

/// A pseudorandom number in `least..most`.
fn scattered(number: u32, least: u64, most: u64, salt: u32) -> u64 {
    least + u64::from(number.wrapping_mul(salt)) % (most - least)
}
