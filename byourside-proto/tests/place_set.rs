//! Placing many calls against a service that misbehaves, in processes that end at any moment.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
use byourside_proto::{
    Action, Api, Machine, Monotonic, PlaceCall, TransportFailure, UnixTime,
    machine::{
        MachineSet, ReplySlot,
        place::{NotPlaced, Placement},
        place_set::{Intent, PlaceSet, PlaceSetOptions},
    },
    webhook::{Event, Signer, Verifier, WebhookSecret},
};
use http::Response;
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

fn api() -> Api {
    Api::with_key("bys_ak_example").unwrap()
}

fn filled(options: PlaceSetOptions, calls: usize) -> PlaceSet {
    let mut set = PlaceSet::new(api(), options, Monotonic::ORIGIN);
    for call in 0..calls {
        let number = format!("+1415555{call:04}");
        assert!(set.add(Intent::new(&call.to_string()), PlaceCall::new(number, "Ask.").unwrap()));
    }
    set
}

/// What becomes of one POST.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
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
    fn may_act(self) -> bool {
        matches!(self, Self::Placed | Self::Broken | Self::Silent)
    }

    fn reply(self, slot: ReplySlot, intent: &str) -> byourside_proto::machine::Reply {
        let answer = |status: u16, body: String| Response::builder().status(status).body(body).unwrap();
        match self {
            Self::Placed => slot.reply_ref(&answer(201, format!(r#"{{"callId":"c{intent}","status":"queued"}}"#))),
            Self::Limited(seconds) => {
                let mut limited = answer(429, r#"{"error":"rate_limited"}"#.into());
                if let Some(seconds) = seconds {
                    limited.headers_mut().insert("retry-after", u16::from(seconds).into());
                }
                slot.reply_ref(&limited)
            }
            Self::Refused => slot.reply_ref(&answer(400, r#"{"error":"destination_blocked"}"#.into())),
            Self::Broken => slot.reply_ref(&answer(502, String::new())),
            Self::Silent => slot.reply(Err(TransportFailure::timed_out())),
            Self::NotSent => slot.reply(Err(TransportFailure::not_sent("refused"))),
        }
    }
}

/// A program over a set: it writes the set down before each request leaves, and takes it up from there after a crash.
struct Program {
    set: PlaceSet,
    now: Monotonic,
    out: Vec<(Monotonic, ReplySlot, Fate, String)>,
    sent: Vec<(Monotonic, String, Fate)>,
    most_out: usize,
    written: String,
    outcomes: BTreeMap<String, Vec<Placement>>,
}

impl Program {
    fn new(set: PlaceSet) -> Self {
        Self {
            written: serde_json::to_string(&set.snapshot(Monotonic::ORIGIN)).unwrap(),
            set,
            now: Monotonic::ORIGIN,
            out: Vec::new(),
            sent: Vec::new(),
            most_out: 0,
            outcomes: BTreeMap::new(),
        }
    }

    /// Whether all is done.
    fn step(&mut self, fates: &mut impl Iterator<Item = (u16, Fate)>) -> bool {
        let action = self.set.poll(self.now);
        while let Some((intent, placement)) = MachineSet::take_result(&mut self.set) {
            self.outcomes.entry(intent.as_str().into()).or_default().push(placement);
        }
        match action {
            Action::Done(()) => return true,
            Action::Send(request, slot) => {
                let intent = Intent::of(&request).unwrap().as_str().to_owned();
                self.written = serde_json::to_string(&self.set.snapshot(self.now)).unwrap();
                let (after, fate) = fates.next().unwrap();
                self.sent.push((self.now, intent.clone(), fate));
                let after = Duration::from_millis(after.into());
                if fate != Fate::Silent && after < slot.timeout() {
                    self.out.push((self.now.after(after), slot, fate, intent));
                }
                self.most_out = self.most_out.max(self.out.len());
            }
            Action::Sleep(duration) => {
                let wake = self.now.after(duration);
                assert_eq!(self.set.next_wake(), Some(wake));
                let first = (0..self.out.len()).min_by_key(|at| self.out[*at].0);
                match first.filter(|at| self.out[*at].0 <= wake) {
                    Some(at) => {
                        let (when, slot, fate, intent) = self.out.remove(at);
                        self.now = self.now.max(when);
                        self.set.handle(self.now, fate.reply(slot, &intent));
                    }
                    None => self.now = wake,
                }
            }
        }
        false
    }

    fn crash(&mut self) {
        self.out.clear();
        let written = serde_json::from_str(&self.written).unwrap();
        self.set = PlaceSet::restore(api(), written, self.now).unwrap();
    }

    fn run(&mut self, mut fates: impl Iterator<Item = (u16, Fate)>) {
        for _ in 0..200_000 {
            if self.step(&mut fates) {
                return;
            }
        }
        panic!("the set does not end")
    }
}

#[test]
fn half_of_all_requests_rate_limited_places_every_call_once_at_its_pace() {
    let options = PlaceSetOptions::default();
    let mut program = Program::new(filled(options, 200));
    program.run([(30, Fate::Placed), (10, Fate::Limited(Some(1)))].into_iter().cycle());
    assert_eq!(program.outcomes.len(), 200);
    assert_eq!(program.set.requests(), program.sent.len() as u64);
    assert!(
        program
            .outcomes
            .values()
            .all(|all| matches!(&all[..], [Placement::Placed(_)]))
    );
    assert_eq!(
        program.sent.iter().filter(|(_, _, fate)| *fate == Fate::Placed).count(),
        200
    );
    let sent = &program.sent;
    for pair in sent.windows(2) {
        assert!(pair[1].0.since(pair[0].0) >= Duration::from_millis(100));
    }
    // What was on its way when the refusal came aside, nothing leaves in the second that the service asked for.
    for (at, _, _) in sent.iter().filter(|(_, _, fate)| matches!(fate, Fate::Limited(_))) {
        let heard = at.after(Duration::from_millis(10));
        let early =
            |(next, _, _): &&(Monotonic, String, Fate)| *next > heard && next.since(heard) < Duration::from_secs(1);
        assert_eq!(sent.iter().filter(early).count(), 0);
    }
}

#[test]
fn no_more_are_begun_than_may_become_unknown_at_once() {
    let options = PlaceSetOptions {
        max_in_flight: 3,
        ..PlaceSetOptions::default()
    };
    let mut program = Program::new(filled(options, 20));
    let mut fates = std::iter::repeat((0, Fate::Silent));
    for _ in 0..100 {
        if program.sent.len() < 3 {
            program.step(&mut fates);
        }
    }
    program.crash();
    assert_eq!(std::iter::from_fn(|| program.set.take_result()).count(), 3);
    assert_eq!(program.set.len(), 17);
    program.run(std::iter::repeat((0, Fate::Placed)));
    assert_eq!(program.outcomes.len(), 17, "the three are not sent again");
}

#[test]
fn a_call_that_cannot_be_written_down_is_not_placed() {
    let mut options = PlaceSetOptions::default();
    options.place.retries = 0;
    let mut program = Program::new(filled(options, 1));
    program.run(std::iter::repeat((0, Fate::NotSent)));
    assert!(matches!(
        program.outcomes["0"][..],
        [Placement::NotPlaced(NotPlaced::NoConnection(_))]
    ));
}

#[test]
fn a_call_that_has_not_begun_can_be_taken_out_and_is_not_placed() {
    let mut set = filled(PlaceSetOptions::default(), 3);
    assert!(!set.remove(&Intent::new("nobody's")));
    assert!(set.remove(&Intent::new("1")));
    assert!(!set.remove(&Intent::new("1")));
    let mut program = Program::new(set);
    program.run(std::iter::repeat((0, Fate::Placed)));
    assert!(program.outcomes.keys().eq(["0", "2"]));
    assert!(!program.set.remove(&Intent::new("0")));
}

#[test]
fn a_refusal_of_one_call_holds_no_other_back() {
    let mut program = Program::new(filled(PlaceSetOptions::default(), 3));
    program.run(std::iter::repeat((10, Fate::Refused)));
    let millis = program.sent.iter().map(|(at, ..)| at.since_origin().as_millis());
    assert!(millis.eq([0, 100, 200]));
}

#[test]
fn a_pause_for_all_does_not_delay_what_is_known_of_a_request_that_is_out() {
    let mut set = filled(PlaceSetOptions::default(), 2);
    let (mut now, mut out) = (Monotonic::ORIGIN, Vec::new());
    while out.len() < 2 {
        match set.poll(now) {
            Action::Send(_, slot) => out.push((now, slot)),
            Action::Sleep(duration) => now = now.after(duration),
            Action::Done(()) => panic!("nothing was placed"),
        }
    }
    let (sent, silent) = out.pop().unwrap();
    let limited = Fate::Limited(Some(60)).reply(out.pop().unwrap().1, "0");
    set.handle(now, limited);
    let end = sent.after(silent.timeout());
    assert_eq!(set.next_wake(), Some(end));
    assert!(matches!(set.poll(end), Action::Sleep(_)));
    let (_, placement) = MachineSet::take_result(&mut set).unwrap();
    assert!(matches!(placement, Placement::Unknown(_)), "{placement:?}");
}

#[test]
fn calls_that_failed_together_are_not_tried_again_in_step() {
    for seed in [0, u64::MAX] {
        let mut options = PlaceSetOptions::default();
        options.place.seed = seed;
        let mut program = Program::new(filled(options, 8));
        program.run(std::iter::repeat_n((0, Fate::NotSent), 8).chain(std::iter::repeat((0, Fate::Placed))));
        let pause = |call: usize| {
            let sent = program.sent.iter().filter(|(_, intent, _)| *intent == call.to_string());
            let sent: Vec<Monotonic> = sent.map(|(at, ..)| *at).collect();
            sent[1].since(sent[0])
        };
        let pauses: BTreeSet<Duration> = (0..8).map(pause).collect();
        assert!(pauses.len() > 1, "{pauses:?}");
    }
}

fn event(call: &str) -> Event {
    let body = format!(r#"{{"event":"call.in_progress","callId":"{call}"}}"#);
    let (secret, now) = (
        WebhookSecret::new("whsec_example").unwrap(),
        UnixTime::new(1_767_225_600),
    );
    let header = Signer::new(secret.clone()).sign(now, body.as_bytes());
    let verifier = Verifier::new(secret);
    verifier.verify(&header, body.as_bytes(), now).unwrap().event().unwrap()
}

#[test]
fn an_event_with_a_calls_own_token_proves_it_placed_begun_or_not_and_none_else() {
    let mut set = filled(PlaceSetOptions::default(), 0);
    for name in ["out", "other", "not-begun"] {
        let call = PlaceCall::new("+14155550123", "Ask.").unwrap();
        let call = call.webhook_url("https://hooks.example/bys").unwrap();
        assert!(set.add(Intent::new(name), call.correlation(name).unwrap()));
    }
    let now = Monotonic::ORIGIN;
    let Action::Send(_request, slot) = set.poll(now) else {
        panic!("{set:?}")
    };
    assert_eq!((set.len(), set.is_empty()), (3, false));
    for foreign in [None, Some("another")] {
        let before = set.clone();
        assert!(!set.on_event(now, &event("c1"), foreign));
        assert_eq!(set, before);
    }
    for name in ["not-begun", "out"] {
        assert!(set.on_event(now, &event("c1"), Some(name)));
        let Some((intent, Placement::Placed(call))) = set.take_result() else {
            panic!("{set:?}")
        };
        assert_eq!((intent.as_str(), call.id()), (name, Some("c1")));
    }
    set.handle(now, slot.reply(Err(TransportFailure::not_sent("refused"))));
    let mut program = Program::new(set);
    program.run(std::iter::repeat((0, Fate::Placed)));
    assert!(
        program.outcomes.keys().eq(["other"]),
        "nothing is placed that was proved"
    );
    assert_eq!(program.sent.len(), 1);
}

#[test]
fn a_name_is_taken_once_even_after_its_end_and_a_restart() {
    let mut program = Program::new(filled(PlaceSetOptions::default(), 2));
    program.run(std::iter::repeat((0, Fate::Refused)));
    program.crash();
    let again = || PlaceCall::new("+14155550123", "Ask.").unwrap();
    assert!(!program.set.add(Intent::new("0"), again()));
    assert!(program.set.add(Intent::new("0, again"), again()));
}

#[test]
fn neither_key_nor_number_is_shown() {
    let set = filled(PlaceSetOptions::default(), 1);
    assert!(!format!("{set:?}").contains("555") && !format!("{set:?}").contains("bys_ak_"));
}

fn fates() -> impl Strategy<Value = Vec<(u16, Fate)>> {
    let fate = prop_oneof![
        3 => Just(Fate::Placed),
        3 => proptest::option::of(0_u8..70).prop_map(Fate::Limited),
        1 => Just(Fate::Refused),
        1 => Just(Fate::Broken),
        1 => Just(Fate::Silent),
        1 => Just(Fate::NotSent),
    ];
    proptest::collection::vec((0_u16..40_000, fate), 1..60)
}

proptest! {
    #[test]
    fn whatever_comes_and_whenever_it_ends_no_call_is_placed_twice(
        calls in 1_usize..15,
        fates in fates(),
        crashes in proptest::collection::vec(0_usize..60, 0..6),
        max_in_flight in 1_usize..6,
        max_per_second in 1_u32..200,
        retries in 0_u32..5,
    ) {
        let mut options = PlaceSetOptions { max_in_flight, max_per_second, ..PlaceSetOptions::default() };
        options.place.retries = retries;
        let mut program = Program::new(filled(options, calls));
        let mut fates = fates.into_iter().cycle();
        let mut lives = vec![0];
        for steps in crashes {
            for _ in 0..steps {
                program.step(&mut fates);
            }
            program.crash();
            lives.push(program.sent.len());
        }
        program.run(fates);
        prop_assert!(program.set.is_empty());
        prop_assert_eq!(program.outcomes.len(), calls);
        prop_assert!(program.most_out <= max_in_flight);
        for (intent, placements) in &program.outcomes {
            let acting = program.sent.iter().filter(|(_, name, fate)| name == intent && fate.may_act()).count();
            prop_assert!(acting <= 1, "{} POSTs that may have placed {}", acting, intent);
            // After a crash what was known may have become unknown, but nothing else.
            for placement in placements {
                match placement {
                    Placement::Placed(call) => {
                        let id = format!("c{intent}");
                        prop_assert_eq!(call.id(), Some(id.as_str()));
                    }
                    Placement::NotPlaced(_) => prop_assert_eq!(acting, 0),
                    Placement::Unknown(_) => {}
                }
            }
        }
        let apart = Duration::from_secs(1) / max_per_second.min(100);
        lives.push(program.sent.len());
        for life in lives.windows(2) {
            let sent = &program.sent[life[0]..life[1]];
            prop_assert!(sent.windows(2).all(|pair| pair[1].0.since(pair[0].0) >= apart));
        }
    }
}
