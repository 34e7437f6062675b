//! Arbitrary drivers: punctual, late, early, forgetful, confused, with a clock that jumps both ways.
use crate::{
    answer::{Given, any_answer, lively},
    hearing::{News, news},
    subject::Subject,
    support::{Polled, Unanswered, VirtualTime},
};
use byourside_proto::{
    Action, Machine, Monotonic,
    machine::{Reply, ReplySlot},
};
use core::{mem, time::Duration};
use proptest::prelude::*;

pub const END_OF_TIME: Monotonic = Monotonic::new(Duration::MAX);
const TICK: Duration = Duration::from_nanos(1);

/// When a driver takes its next step, by its own clock.
#[derive(Clone, Debug)]
pub enum When {
    Same,
    Later(Duration),
    Earlier(Duration),
    Origin,
    NextWake,
    JustBeforeNextWake,
    JustAfterNextWake,
    EndOfTime,
}

#[derive(Clone, Debug)]
pub enum What {
    Poll,
    /// Answer the newest slot that is held, whether or not its request is still waited for.
    Answer(Given),
    AnswerOldest(Given),
    /// Give the answer to another machine's request, one that has sent as often.
    AnswerForeign(Given),
    DropNewest,
    /// Go on with a clone.
    Clone,
    /// Bring an event, to a machine that takes any.
    Hear(News),
}

#[derive(Clone, Debug)]
pub struct Step {
    pub when: When,
    pub what: What,
}

/// What one step came to.
pub enum Seen<T> {
    Said(Polled<T>),
    /// The answer to this request was given, counted from 1.
    Answered(usize, Given),
    Heard,
    Ignorable,
}

/// One machine under one driver, whose clock stands at `time.now`.
pub struct Run<S: Subject> {
    pub setup: S,
    pub start: Monotonic,
    pub time: VirtualTime<S::Machine>,
    /// The furthest that the driver's clock ever stood.
    pub clock: Monotonic,
}

impl<S: Subject> Run<S> {
    pub fn new(setup: &S, start: Monotonic) -> Self {
        let mut time = VirtualTime::new(setup.start(start));
        time.now = start;
        Self {
            setup: setup.clone(),
            start,
            time,
            clock: start,
        }
    }

    /// How many requests were sent.
    pub fn sent(&self) -> usize {
        self.time.sent.len()
    }

    pub fn step(&mut self, step: &Step) -> Seen<S::Output> {
        let now = self.moment(&step.when);
        self.perform(now, &step.what)
    }

    pub fn moment(&self, when: &When) -> Monotonic {
        let wake = self.time.machine.next_wake().unwrap_or(self.clock).since_origin();
        match when {
            When::Same => self.time.now,
            When::Later(by) => self.time.now.after(*by),
            When::Earlier(by) => Monotonic::new(self.time.now.since(Monotonic::new(*by))),
            When::Origin => Monotonic::ORIGIN,
            When::NextWake => Monotonic::new(wake),
            When::JustBeforeNextWake => Monotonic::new(wake.saturating_sub(TICK)),
            When::JustAfterNextWake => Monotonic::new(wake.saturating_add(TICK)),
            When::EndOfTime => END_OF_TIME,
        }
    }

    pub fn perform(&mut self, now: Monotonic, what: &What) -> Seen<S::Output> {
        self.time.now = now;
        match what {
            What::Poll => Seen::Said(self.poll(now)),
            What::Answer(given) => match self.time.unanswered.pop() {
                Some(held) => self.answer(now, held, given),
                None => Seen::Ignorable,
            },
            What::AnswerOldest(given) if self.time.unanswered.is_empty() => {
                self.perform(now, &What::AnswerForeign(given.clone()))
            }
            What::AnswerOldest(given) => {
                let held = self.time.unanswered.remove(0);
                self.answer(now, held, given)
            }
            What::AnswerForeign(given) => {
                if let Some(slot) = foreign_slot(&self.setup, self.start, self.sent()) {
                    self.handle(now, given.through(slot));
                }
                Seen::Ignorable
            }
            What::DropNewest => {
                self.time.unanswered.pop();
                Seen::Ignorable
            }
            What::Clone => {
                self.time.machine = self.time.machine.clone();
                Seen::Ignorable
            }
            What::Hear(news) => {
                if S::hear(&mut self.time.machine, now, &news.event()) {
                    self.clock = self.clock.max(now);
                    Seen::Heard
                } else {
                    Seen::Ignorable
                }
            }
        }
    }

    /// Polls then, and leaves the driver's clock where it stands.
    pub fn poll(&mut self, now: Monotonic) -> Polled<S::Output> {
        self.clock = self.clock.max(now);
        let stands = mem::replace(&mut self.time.now, now);
        let said = self.time.poll_now();
        self.time.now = stands;
        said
    }

    pub fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.clock = self.clock.max(now);
        self.time.machine.handle(now, reply);
    }

    /// Polls when the machine wants it and answers each request with this, until it is done.
    pub fn finish(&mut self, given: &Given) -> S::Output {
        for _ in 0..1000 {
            let now = self.time.machine.next_wake().unwrap_or(self.clock).max(self.clock);
            match self.perform(now, &What::Poll) {
                Seen::Said(Polled::Done(output)) => return output,
                Seen::Said(Polled::Send(_)) => drop(self.perform(now, &What::Answer(given.clone()))),
                _ => {}
            }
        }
        panic!("it does not end: {:?}", self.time.machine)
    }

    fn answer(&mut self, now: Monotonic, held: Unanswered, given: &Given) -> Seen<S::Output> {
        self.handle(now, given.through(held.slot));
        Seen::Answered(held.number, given.clone())
    }
}

/// The slot of the `nth` request of a machine that is set up in the same way, unless it is done before.
pub fn foreign_slot<S: Subject>(setup: &S, start: Monotonic, nth: usize) -> Option<ReplySlot> {
    let mut other = setup.start(start);
    for sent in 1..=nth {
        for _ in 0..2 {
            let wake = other.next_wake()?;
            if let Action::Send(_, slot) = other.poll(wake) {
                if sent == nth {
                    return Some(slot);
                }
                other.handle(wake, Given::NotSent.through(slot));
            }
        }
    }
    None
}

/// A machine's setup, when it starts, and what its driver does.
pub fn case<S: Subject>() -> impl Strategy<Value = (S, Monotonic, Vec<Step>)> {
    let what = prop_oneof![8 => what().boxed(), 1 => news().prop_map(What::Hear).boxed()];
    (S::any(), start(), script(what))
}

/// The same without events.
pub fn unheard<S: Subject>() -> impl Strategy<Value = (S, Monotonic, Vec<Step>)> {
    (S::any(), start(), script(what()))
}

pub fn start() -> impl Strategy<Value = Monotonic> {
    prop_oneof![
        10 => (0_u64..10_000_000).prop_map(|millis| Monotonic::new(Duration::from_millis(millis))),
        5 => Just(Monotonic::ORIGIN),
        1 => (0_u64..100_000).prop_map(|millis| Monotonic::new(Duration::MAX - Duration::from_millis(millis))),
    ]
}

fn script(what: impl Strategy<Value = What>) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((when(), what).prop_map(|(when, what)| Step { when, what }), 1..40)
}

/// A driver that does as it is told, to whom the service says much.
pub fn orderly_script() -> impl Strategy<Value = Vec<Step>> {
    let exchange = (lively(), 0_u64..2000).prop_map(|(given, millis)| {
        let (poll, later) = (When::NextWake, When::Later(Duration::from_millis(millis)));
        [(poll, What::Poll), (later, What::Answer(given))].map(|(when, what)| Step { when, what })
    });
    prop::collection::vec(exchange, 1..12).prop_map(|exchanges| exchanges.into_iter().flatten().collect())
}

fn when() -> impl Strategy<Value = When> {
    let millis = |range: core::ops::Range<u64>| range.prop_map(Duration::from_millis);
    prop_oneof![
        64 => Just(When::NextWake),
        32 => Just(When::Same),
        24 => millis(0..20).prop_map(When::Later),
        24 => millis(20..40_000).prop_map(When::Later),
        4 => Just(When::Later(Duration::from_secs(1_000_000))),
        12 => millis(0..60_000).prop_map(When::Earlier),
        4 => Just(When::Origin),
        12 => Just(When::JustBeforeNextWake),
        12 => Just(When::JustAfterNextWake),
        1 => Just(When::EndOfTime),
    ]
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        12 => Just(What::Poll),
        8 => any_answer().prop_map(What::Answer),
        2 => any_answer().prop_map(What::AnswerOldest),
        1 => any_answer().prop_map(What::AnswerForeign),
        1 => Just(What::DropNewest),
        1 => Just(What::Clone),
    ]
}
