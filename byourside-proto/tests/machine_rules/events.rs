//! Events and a wait: events of this call and of others, repeated, late, out of order and contradictory, mixed with all
//! other steps of a driver.
use crate::{
    config,
    driver::{Run, Seen, What, case},
    subject::Waiter,
    support::{self, Polled},
};
use byourside_proto::{
    Machine, Status,
    machine::wait::{EndSource, EventEffect},
    webhook::Event,
};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

pub const TERMINAL: [&str; 5] = ["completed", "no_answer", "voicemail", "declined", "failed"];

/// The contents of an event, as data. A test reads the data; the machine gets the event that is built from it.
#[derive(Clone, Debug)]
pub struct EventData {
    call: Option<&'static str>,
    kind: &'static str,
    /// The `status` member.
    claims: Option<&'static str>,
}

impl EventData {
    /// The event, from a signed delivery. There is no other way to build one.
    pub fn event(&self) -> Event {
        let body =
            json!({"event": format!("call.{}", self.kind), "callId": self.call, "status": self.claims}).to_string();
        support::event(&body)
    }

    /// The status that the event reports for the call `c1`, if its kind is known.
    fn word(&self) -> Option<&'static str> {
        let known = self.kind == "in_progress" || TERMINAL.contains(&self.kind);
        (self.call == Some("c1") && known).then_some(self.kind)
    }

    /// The `status` member, if it contradicts the kind of the event.
    fn dispute(&self) -> Option<&'static str> {
        self.claims
            .filter(|claimed| self.word().is_some_and(|word| word != *claimed))
    }
}

pub fn any_event() -> impl Strategy<Value = EventData> {
    let call = prop_oneof![6 => Just(Some("c1")), 1 => Just(Some("c2")), 1 => Just(None)];
    (call, kind(), 0..8_u8, kind()).prop_map(|(call, kind, claim, other)| EventData {
        call,
        kind,
        claims: match claim {
            0 => Some(other),
            1 => None,
            _ => Some(kind),
        },
    })
}

/// Events that never end a wait.
pub fn inconclusive_event() -> impl Strategy<Value = EventData> {
    any_event().prop_filter("it ends the wait", |data| {
        data.dispute().is_some() || data.word().is_none_or(|word| word == "in_progress")
    })
}

fn kind() -> impl Strategy<Value = &'static str> {
    select([&["in_progress", "paused"][..], &TERMINAL].concat())
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn first_terminal_status_by_get_or_event_is_the_end((setup, start, script) in case::<Waiter>()) {
        let mut run = Run::new(&setup, start);
        let mut end: Option<(String, EndSource)> = None;
        for step in &script {
            let open = run.time.machine.next_wake().is_some();
            if let What::Receive(data) = &step.what {
                let (now, event) = (run.moment(&step.when), data.event());
                run.time.now = now;
                run.clock = run.clock.max(now);
                let effect = run.time.machine.on_event(now, &event);
                let expected = match (data.dispute(), data.word(), &end) {
                    (Some(claimed), ..) => EventEffect::Conflict(Status::from(claimed)),
                    (None, Some("in_progress"), None) if effect == EventEffect::Changed => EventEffect::Changed,
                    (None, None | Some("in_progress"), _) => EventEffect::Nothing,
                    (None, Some(_), None) => EventEffect::Ended,
                    (None, Some(word), Some((end, _))) if word == end => EventEffect::Nothing,
                    (None, Some(word), Some(_)) => EventEffect::Conflict(Status::from(word)),
                };
                prop_assert_eq!(&effect, &expected);
                if let (EventEffect::Ended, Some(word)) = (&effect, data.word()) {
                    end = Some((word.to_owned(), EndSource::Event));
                }
                let once = run.time.machine.clone();
                let again = run.time.machine.on_event(now, &event);
                let same_conflict = matches!(again, EventEffect::Conflict(_)) && again == effect;
                prop_assert!(again == EventEffect::Nothing || same_conflict);
                prop_assert_eq!(&run.time.machine, &once, "after the same event twice");
                continue;
            }
            match run.step(step) {
                Seen::Answered(attempt, given) if attempt == run.sent() && open && end.is_none() => {
                    let record = given.success().filter(Value::is_object);
                    let word = record.as_ref().and_then(|record| record["status"].as_str());
                    end = word.filter(|word| TERMINAL.contains(word)).map(|word| (word.to_owned(), EndSource::Poll));
                }
                Seen::Said(Polled::Done(Ok(ended))) => {
                    let status = ended.call.status().map(|status| status.as_str().to_owned());
                    prop_assert_eq!(status.map(|status| (status, ended.end_source)), end.clone());
                    prop_assert_ne!(ended.conflict, ended.call.status());
                }
                _ => {}
            }
        }
    }
}
