//! A program that places many calls with scripted answers, and can crash at any moment.
use crate::support::{Answer, VirtualTime, api, at, refusal, status, text_of};
use byourside_proto::{
    Action, Machine, Monotonic, PlaceCall,
    machine::{
        Reply,
        place::Placement,
        place_set::{Intent, PlaceSet, PlaceSetOptions},
    },
};
use std::collections::BTreeMap;

/// A set of this many calls, with the intents `0`, `1` and so on.
pub fn filled(options: PlaceSetOptions, calls: usize) -> PlaceSet {
    let mut set = PlaceSet::new(api(), options, at(0));
    for call in 0..calls {
        // Each call has its own number and no webhook: the ordinary case.
        let call_to_place = PlaceCall::new(format!("+1415555{call:04}"), "Ask.").unwrap();
        assert!(set.add(Intent::new(&call.to_string()), call_to_place));
    }
    set
}

/// The scripted answer to one POST.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ServiceAnswer {
    Placed,
    /// 429, with this `Retry-After` in seconds.
    RateLimited(Option<u8>),
    Refused,
    /// A 502. The call may have been placed.
    Broken,
    /// No answer. The call may have been placed.
    Silent,
    NotSent,
}

impl ServiceAnswer {
    /// Whether the call may have been placed.
    pub fn may_place(self) -> bool {
        matches!(self, Self::Placed | Self::Broken | Self::Silent)
    }

    pub fn to_answer(self, intent: &str) -> Answer {
        match self {
            Self::Placed => Answer::new(201, format!(r#"{{"callId":"c{intent}","status":"queued"}}"#)),
            Self::RateLimited(None) => refusal(429, "rate_limited"),
            Self::RateLimited(Some(seconds)) => refusal(429, "rate_limited").retry_after(seconds),
            Self::Refused => refusal(400, "destination_blocked"),
            Self::Broken => status(502),
            Self::Silent => Answer::silence(),
            Self::NotSent => Answer::not_sent(),
        }
    }
}

/// A set whose owner stores a snapshot before each request is sent.
pub struct Persisted {
    pub set: PlaceSet,
    snapshot: String,
    pub outcomes: BTreeMap<String, Vec<Placement>>,
}

impl Machine for Persisted {
    type Output = ();

    fn poll(&mut self, now: Monotonic) -> Action<()> {
        let action = self.set.poll(now);
        while let Some((intent, placement)) = self.set.take_result() {
            self.outcomes.entry(intent.as_str().into()).or_default().push(placement);
        }
        if let Action::Send(..) = action {
            self.snapshot = text_of(&self.set.snapshot(now));
        }
        action
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.set.handle(now, reply);
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.set.next_wake()
    }
}

/// A program with such a set. After a crash it continues from the last snapshot.
pub struct Program {
    pub time: VirtualTime<Persisted>,
    /// The answer to each request that was sent.
    pub answers: Vec<ServiceAnswer>,
}

impl Program {
    pub fn new(set: PlaceSet) -> Self {
        let time = VirtualTime::new(Persisted {
            snapshot: text_of(&set.snapshot(at(0))),
            set,
            outcomes: BTreeMap::new(),
        });
        let answers = Vec::new();
        Self { time, answers }
    }

    /// Polls once, and returns whether the set is done.
    pub fn step(&mut self, answers: &mut impl Iterator<Item = (u16, ServiceAnswer)>) -> bool {
        let done = self.time.step(|request| {
            let (after, answer) = answers.next().unwrap();
            self.answers.push(answer);
            let intent = Intent::of(request).unwrap();
            answer.to_answer(intent.as_str()).after_millis(after.into())
        });
        done.is_some()
    }

    pub fn crash(&mut self) {
        self.time.unanswered.clear();
        let snapshot = serde_json::from_str(&self.time.snapshot).unwrap();
        self.time.machine.set = PlaceSet::restore(api(), snapshot, self.time.now).unwrap();
    }

    pub fn run(&mut self, mut answers: impl Iterator<Item = (u16, ServiceAnswer)>) {
        for _ in 0..200_000 {
            if self.step(&mut answers) {
                return;
            }
        }
        panic!("the set does not end")
    }

    /// The time, the intent and the answer of each request.
    pub fn sent(&self) -> Vec<(Monotonic, String, ServiceAnswer)> {
        let intent = |request| Intent::of(request).unwrap().as_str().to_owned();
        let sent = self.time.sent.iter().zip(&self.answers);
        sent.map(|(request, answer)| (request.at, intent(&request.request), *answer))
            .collect()
    }
}
