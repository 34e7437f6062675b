//! What events do to a wait: own ones and others', repeated, late, out of order and contradictory, among everything else
//! that a driver does.
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

const TERMINAL: [&str; 5] = ["completed", "no_answer", "voicemail", "declined", "failed"];

/// What an event says, as data: a test reads the data, a machine gets the event made of it.
#[derive(Clone, Debug)]
pub struct News {
    call: Option<&'static str>,
    kind: &'static str,
    /// The `status` member.
    claims: Option<&'static str>,
}

impl News {
    /// As it is had from a delivery, which is the only way.
    pub fn event(&self) -> Event {
        let body =
            json!({"event": format!("call.{}", self.kind), "callId": self.call, "status": self.claims}).to_string();
        support::event(&body)
    }

    /// What it says of the call that is waited for, if it says anything that is known.
    fn word(&self) -> Option<&'static str> {
        let known = self.kind == "in_progress" || TERMINAL.contains(&self.kind);
        (self.call == Some("c1") && known).then_some(self.kind)
    }

    /// A status that it claims against its own kind.
    fn dispute(&self) -> Option<&'static str> {
        self.claims
            .filter(|claimed| self.word().is_some_and(|word| word != *claimed))
    }
}

pub fn news() -> impl Strategy<Value = News> {
    let call = prop_oneof![6 => Just(Some("c1")), 1 => Just(Some("c2")), 1 => Just(None)];
    (call, kind(), 0..8_u8, kind()).prop_map(|(call, kind, claim, other)| News {
        call,
        kind,
        claims: match claim {
            0 => Some(other),
            1 => None,
            _ => Some(kind),
        },
    })
}

/// Events that end nothing, however many come.
pub fn disputable() -> impl Strategy<Value = News> {
    news().prop_filter("it ends the wait", |news| {
        news.dispute().is_some() || news.word().is_none_or(|word| word == "in_progress")
    })
}

fn kind() -> impl Strategy<Value = &'static str> {
    select([&["in_progress", "paused"][..], &TERMINAL].concat())
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn first_end_that_is_read_or_heard_is_the_end((setup, start, script) in case::<Waiter>()) {
        let mut run = Run::new(&setup, start);
        let mut end: Option<(String, EndSource)> = None;
        for step in &script {
            let open = run.time.machine.next_wake().is_some();
            if let What::Hear(news) = &step.what {
                let (now, event) = (run.moment(&step.when), news.event());
                run.time.now = now;
                run.clock = run.clock.max(now);
                let heard = run.time.machine.on_event(now, &event);
                let expected = match (news.dispute(), news.word(), &end) {
                    (Some(claimed), ..) => EventEffect::Conflict(Status::from(claimed)),
                    (None, Some("in_progress"), None) if heard == EventEffect::Changed => EventEffect::Changed,
                    (None, None | Some("in_progress"), _) => EventEffect::Nothing,
                    (None, Some(_), None) => EventEffect::Ended,
                    (None, Some(word), Some((end, _))) if word == end => EventEffect::Nothing,
                    (None, Some(word), Some(_)) => EventEffect::Conflict(Status::from(word)),
                };
                prop_assert_eq!(&heard, &expected);
                if let (EventEffect::Ended, Some(word)) = (&heard, news.word()) {
                    end = Some((word.to_owned(), EndSource::Event));
                }
                let once = run.time.machine.clone();
                let again = run.time.machine.on_event(now, &event);
                prop_assert!(again == EventEffect::Nothing || matches!((&again, &heard), (EventEffect::Conflict(a), EventEffect::Conflict(b)) if a == b));
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
