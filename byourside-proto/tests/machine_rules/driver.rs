//! Arbitrary drivers: punctual, late, early, forgetful, confused, with a clock that jumps both ways.
use crate::{
    answer::{Given, any_answer, lively},
    hearing::{News, news},
    subject::Subject,
};
use byourside_proto::{
    Action, Machine, Monotonic,
    machine::{Reply, ReplySlot},
};
use core::time::Duration;
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

/// What a machine said, without what can be had only once.
#[derive(Clone, Debug, PartialEq)]
pub enum Said<T> {
    Send(Duration),
    Sleep(Duration),
    Done(T),
}

pub struct Held {
    /// Which request it is of, counted from 1.
    pub attempt: usize,
    pub slot: ReplySlot,
}

/// What one step came to.
pub enum Seen<T> {
    Said(Said<T>),
    /// The answer to this attempt was given.
    Answered(usize, Given),
    Heard,
    Ignorable,
}

/// One machine under one driver.
pub struct Run<S: Subject> {
    pub setup: S,
    pub start: Monotonic,
    pub machine: S::Machine,
    /// The driver's clock as it stands.
    pub now: Monotonic,
    /// The furthest that it ever stood.
    pub clock: Monotonic,
    pub sent: usize,
    /// Oldest first.
    pub held: Vec<Held>,
}

impl<S: Subject> Run<S> {
    pub fn new(setup: &S, start: Monotonic) -> Self {
        Self {
            machine: setup.start(start),
            setup: setup.clone(),
            start,
            now: start,
            clock: start,
            sent: 0,
            held: Vec::new(),
        }
    }

    pub fn step(&mut self, step: &Step) -> Seen<S::Output> {
        let now = self.time(&step.when);
        self.perform(now, &step.what)
    }

    pub fn time(&self, when: &When) -> Monotonic {
        let wake = self.machine.next_wake().unwrap_or(self.clock).since_origin();
        match when {
            When::Same => self.now,
            When::Later(by) => self.now.after(*by),
            When::Earlier(by) => Monotonic::new(self.now.since(Monotonic::new(*by))),
            When::Origin => Monotonic::ORIGIN,
            When::NextWake => Monotonic::new(wake),
            When::JustBeforeNextWake => Monotonic::new(wake.saturating_sub(TICK)),
            When::JustAfterNextWake => Monotonic::new(wake.saturating_add(TICK)),
            When::EndOfTime => END_OF_TIME,
        }
    }

    pub fn perform(&mut self, now: Monotonic, what: &What) -> Seen<S::Output> {
        self.now = now;
        match what {
            What::Poll => Seen::Said(self.poll(now)),
            What::Answer(given) => match self.held.pop() {
                Some(held) => self.answer(now, held, given),
                None => Seen::Ignorable,
            },
            What::AnswerOldest(given) if self.held.is_empty() => self.perform(now, &What::AnswerForeign(given.clone())),
            What::AnswerOldest(given) => {
                let held = self.held.remove(0);
                self.answer(now, held, given)
            }
            What::AnswerForeign(given) => {
                if let Some(slot) = foreign_slot(&self.setup, self.start, self.sent) {
                    self.handle(now, given.through(slot));
                }
                Seen::Ignorable
            }
            What::DropNewest => {
                self.held.pop();
                Seen::Ignorable
            }
            What::Clone => {
                self.machine = self.machine.clone();
                Seen::Ignorable
            }
            What::Hear(news) => {
                if S::hear(&mut self.machine, now, &news.event()) {
                    self.clock = self.clock.max(now);
                    Seen::Heard
                } else {
                    Seen::Ignorable
                }
            }
        }
    }

    pub fn poll(&mut self, now: Monotonic) -> Said<S::Output> {
        self.clock = self.clock.max(now);
        let (said, slot) = take_apart(self.machine.poll(now));
        if let Some(slot) = slot {
            self.sent += 1;
            let attempt = self.sent;
            self.held.push(Held { attempt, slot });
        }
        said
    }

    pub fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.clock = self.clock.max(now);
        self.machine.handle(now, reply);
    }

    /// Polls when the machine wants it and answers each request with this, until it is done.
    pub fn finish(&mut self, given: &Given) -> S::Output {
        for _ in 0..1000 {
            let now = self.machine.next_wake().unwrap_or(self.clock).max(self.clock);
            match self.perform(now, &What::Poll) {
                Seen::Said(Said::Done(output)) => return output,
                Seen::Said(Said::Send(_)) => drop(self.perform(now, &What::Answer(given.clone()))),
                _ => {}
            }
        }
        panic!("it does not end: {:?}", self.machine)
    }

    fn answer(&mut self, now: Monotonic, held: Held, given: &Given) -> Seen<S::Output> {
        self.handle(now, given.through(held.slot));
        Seen::Answered(held.attempt, given.clone())
    }
}

pub fn take_apart<T>(action: Action<T>) -> (Said<T>, Option<ReplySlot>) {
    match action {
        Action::Send(_, slot) => (Said::Send(slot.timeout()), Some(slot)),
        Action::Sleep(duration) => (Said::Sleep(duration), None),
        Action::Done(output) => (Said::Done(output), None),
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
