//! A program that places many calls, what the service makes of each request, and crashes at any moment.
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

/// A set of so many calls, with the intents `0`, `1` and so on.
pub fn filled(options: PlaceSetOptions, calls: usize) -> PlaceSet {
    let mut set = PlaceSet::new(api(), options, at(0));
    for call in 0..calls {
        // A number for each, and no webhook: the ordinary case.
        let call_to_place = PlaceCall::new(format!("+1415555{call:04}"), "Ask.").unwrap();
        assert!(set.add(Intent::new(&call.to_string()), call_to_place));
    }
    set
}

/// What becomes of one POST.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    Placed,
    /// 429, and how many seconds to wait, if it says.
    Limited(Option<u8>),
    Refused,
    /// It placed the call, or not, and nobody is told.
    Broken,
    /// The same, and there is not even an end.
    Silent,
    NotSent,
}

impl Fate {
    /// Whether a phone may ring after it.
    pub fn may_act(self) -> bool {
        matches!(self, Self::Placed | Self::Broken | Self::Silent)
    }

    pub fn answer(self, intent: &str) -> Answer {
        match self {
            Self::Placed => Answer::new(201, format!(r#"{{"callId":"c{intent}","status":"queued"}}"#)),
            Self::Limited(None) => refusal(429, "rate_limited"),
            Self::Limited(Some(seconds)) => refusal(429, "rate_limited").retry_after(seconds),
            Self::Refused => refusal(400, "destination_blocked"),
            Self::Broken => status(502),
            Self::Silent => Answer::silence(),
            Self::NotSent => Answer::not_sent(),
        }
    }
}

/// A set whose owner writes it down before each request leaves.
pub struct Written {
    pub set: PlaceSet,
    snapshot: String,
    pub outcomes: BTreeMap<String, Vec<Placement>>,
}

impl Machine for Written {
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

/// A program over such a set: after a crash it goes on from what was written.
pub struct Program {
    pub time: VirtualTime<Written>,
    /// What became of each request that was sent.
    pub fates: Vec<Fate>,
}

impl Program {
    pub fn new(set: PlaceSet) -> Self {
        let time = VirtualTime::new(Written {
            snapshot: text_of(&set.snapshot(at(0))),
            set,
            outcomes: BTreeMap::new(),
        });
        let fates = Vec::new();
        Self { time, fates }
    }

    /// Whether all is done.
    pub fn step(&mut self, fates: &mut impl Iterator<Item = (u16, Fate)>) -> bool {
        let done = self.time.step(|request| {
            let (after, fate) = fates.next().unwrap();
            self.fates.push(fate);
            let intent = Intent::of(request).unwrap();
            fate.answer(intent.as_str()).after_millis(after.into())
        });
        done.is_some()
    }

    pub fn crash(&mut self) {
        self.time.unanswered.clear();
        let written = serde_json::from_str(&self.time.snapshot).unwrap();
        self.time.machine.set = PlaceSet::restore(api(), written, self.time.now).unwrap();
    }

    pub fn run(&mut self, mut fates: impl Iterator<Item = (u16, Fate)>) {
        for _ in 0..200_000 {
            if self.step(&mut fates) {
                return;
            }
        }
        panic!("the set does not end")
    }

    /// When each request was sent, for which intent, and what became of it.
    pub fn sent(&self) -> Vec<(Monotonic, String, Fate)> {
        let intent = |request| Intent::of(request).unwrap().as_str().to_owned();
        let sent = self.time.sent.iter().zip(&self.fates);
        sent.map(|(request, fate)| (request.at, intent(&request.request), *fate))
            .collect()
    }
}
