//! Arbitrary drivers: punctual, late, early, with dropped or mixed-up replies, and with a clock that jumps both ways.
use crate::{
    answer::{Given, any_answer, lively},
    events::{EventData, any_event},
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
    /// Answer the newest unanswered slot, even if the machine no longer waits for it.
    Answer(Given),
    AnswerOldest(Given),
    /// Give the machine a reply to another machine's request with the same number.
    AnswerForeign(Given),
    DropNewest,
    /// Continue with a clone.
    Clone,
    /// Deliver an event, if the machine handles events.
    Receive(EventData),
}

#[derive(Clone, Debug)]
pub struct Step {
    pub when: When,
    pub what: What,
}

/// The result of one step.
pub enum Seen<T> {
    Said(Polled<T>),
    /// The request with this number, counted from 1, was answered.
    Answered(usize, Given),
    Received,
    Ignorable,
}

/// One machine under one driver, whose clock shows `time.now`.
pub struct Run<S: Subject> {
    pub setup: S,
    pub start: Monotonic,
    pub time: VirtualTime<S::Machine>,
    /// The latest time that the driver's clock ever showed.
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

    /// The number of requests sent.
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
            What::Receive(data) => {
                if S::receive(&mut self.time.machine, now, &data.event()) {
                    self.clock = self.clock.max(now);
                    Seen::Received
                } else {
                    Seen::Ignorable
                }
            }
        }
    }

    /// Polls at this time, and leaves the driver's clock unchanged.
    pub fn poll(&mut self, now: Monotonic) -> Polled<S::Output> {
        self.clock = self.clock.max(now);
        let shown = mem::replace(&mut self.time.now, now);
        let said = self.time.poll_now();
        self.time.now = shown;
        said
    }

    pub fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.clock = self.clock.max(now);
        self.time.machine.handle(now, reply);
    }

    /// Polls at each wake time and answers each request with this, until the machine is done.
    pub fn finish(&mut self, given: &Given) -> S::Output {
        for _ in 0..1000 {
            let now = self.time.machine.next_wake().unwrap_or(self.clock).max(self.clock);
            match self.perform(now, &What::Poll) {
                Seen::Said(Polled::Done(output)) => return output,
                Seen::Said(Polled::Send(_)) => drop(self.perform(now, &What::Answer(given.clone()))),
                _ => {}
            }
        }
        panic!("the machine does not end: {:?}", self.time.machine)
    }

    fn answer(&mut self, now: Monotonic, held: Unanswered, given: &Given) -> Seen<S::Output> {
        self.handle(now, given.through(held.slot));
        Seen::Answered(held.number, given.clone())
    }
}

/// The slot of the `nth` request of another machine with the same setup, unless that is done before.
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

/// A machine's setup, its start time and the steps of its driver, events included.
pub fn case<S: Subject>() -> impl Strategy<Value = (S, Monotonic, Vec<Step>)> {
    let what = prop_oneof![8 => what().boxed(), 1 => any_event().prop_map(What::Receive).boxed()];
    (S::any(), start(), script(what))
}

/// Like [`case`], without events.
pub fn case_without_events<S: Subject>() -> impl Strategy<Value = (S, Monotonic, Vec<Step>)> {
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

/// A driver that polls at each wake time and answers each request, with answers that progress through a call.
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
