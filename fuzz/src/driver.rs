//! Drives a machine with any steps in any order, and checks the rules of `Machine`.
use crate::steps::Step;
use arbitrary::{Arbitrary, Unstructured};
use byourside_proto::{
    Action, Machine, Monotonic, TransportFailure,
    machine::{Reply, ReplySlot, Snapshot, SnapshotError},
    webhook::Event,
};
use core::{fmt::Debug, time::Duration};
use std::collections::BTreeMap;

/// The most steps for one input.
const MAX_STEPS: usize = 128;
/// How often a machine that is done is polled again.
const MAX_DONE: usize = 8;
/// The shortest time between two requests: rule 8 of `Machine`, evenly spaced.
const MIN_PAUSE: Duration = Duration::from_millis(10);
/// The most reply slots that the driver holds.
const MAX_HELD: usize = 8;
/// Texts that must never be shown.
const KEY: &str = "bys_ak_fuzz";

/// A machine, with what only some machines can do.
pub(crate) trait Driven: Machine<Output: PartialEq + Debug> + Clone + PartialEq + Debug {
    /// How many requests may be in flight at once.
    const IN_FLIGHT: usize = 1;
    /// How many requests it sends in all at the most, restored or not.
    const MOST_REQUESTS: usize = usize::MAX;

    fn hear(&mut self, _now: Monotonic, _event: &Event, _token: Option<&str>) {}

    fn snapshot(&self, _now: Monotonic) -> Option<Snapshot> {
        None
    }

    fn restore(_snapshot: Snapshot, _now: Monotonic) -> Result<Self, SnapshotError> {
        Err(SnapshotError::Malformed)
    }

    /// How many calls it waits for, if it is a set.
    fn waits(&self) -> usize {
        0
    }

    /// Extends the wait, and returns whether it goes on.
    fn extend(&mut self, _now: Monotonic, _timeout: Duration) -> bool {
        false
    }
}

/// A request that was sent.
struct Held {
    slot: ReplySlot,
    /// The number of the request, from 1.
    number: usize,
}

struct Run<M: Driven> {
    machine: M,
    now: Monotonic,
    /// The latest `now` so far.
    latest: Monotonic,
    held: Vec<Held>,
    /// How many requests were sent before the machine was restored. Their answers are not for it.
    before: usize,
    /// The times of the requests since then.
    sent: Vec<Monotonic>,
    /// The timeouts of those that are in flight, by number.
    ends: BTreeMap<usize, Monotonic>,
    done: Option<M::Output>,
    /// How many polls in a row have returned `Done`.
    polls_done: usize,
}

pub(crate) fn drive<M: Driven>(machine: M, data: &[u8]) {
    let mut run = Run {
        machine,
        now: Monotonic::ORIGIN,
        latest: Monotonic::ORIGIN,
        held: Vec::new(),
        before: 0,
        sent: Vec::new(),
        ends: BTreeMap::new(),
        done: None,
        polls_done: 0,
    };
    let mut input = Unstructured::new(data);
    run.poll();
    for _ in 0..MAX_STEPS {
        // A used-up input would yield the same step over and over.
        if input.is_empty() || run.polls_done > MAX_DONE {
            break;
        }
        let Ok(step) = Step::arbitrary(&mut input) else { break };
        run.step(step);
        run.poll();
    }
    // Once for each input, since formatting a machine takes longer than driving it.
    assert!(!format!("{:?}", run.machine).contains(KEY));
    run.check_pace();
}

impl<M: Driven> Run<M> {
    fn step(&mut self, step: Step<'_>) {
        match step {
            Step::Pass(millis) => self.now = self.now.after(millis_of(millis)),
            Step::Jump(nanos) => self.now = Monotonic::new(Duration::from_nanos(nanos)),
            Step::Wake => self.now = self.machine.next_wake().unwrap_or(self.now),
            Step::Answer { which, given } => self.reply(which, |slot| slot.reply_ref(&given.response())),
            Step::Fail { which, sent } => self.reply(which, |slot| {
                slot.reply(Err(if sent {
                    TransportFailure::maybe_sent("reset")
                } else {
                    TransportFailure::not_sent("refused")
                }))
            }),
            Step::Forget(which) => drop(self.take(which)),
            Step::Hear { news, token } => {
                let token = token.map(|own| if own { "t1" } else { "t2" });
                self.machine.hear(self.now, &news.event(), token);
            }
            Step::Restore { aged, origin } => self.restore(millis_of(aged), Monotonic::new(millis_of(origin))),
            Step::Extend(millis) => {
                if self.machine.extend(self.now, millis_of(millis)) {
                    self.done = None;
                    self.polls_done = 0;
                }
            }
        }
        self.latest = self.latest.max(self.now);
    }

    fn reply(&mut self, which: u8, reply: impl FnOnce(ReplySlot) -> Reply) {
        let Some(held) = self.take(which) else { return };
        self.ends.remove(&held.number);
        let before = self.machine.clone();
        self.machine.handle(self.now, reply(held.slot));
        let late = held.number < self.before + self.sent.len();
        if held.number <= self.before || M::IN_FLIGHT == 1 && late {
            let (mut ignorant, mut same) = (before, self.machine.clone());
            drop((ignorant.poll(self.now), same.poll(self.now)));
            assert_eq!(ignorant, same, "a reply to another request is heard");
        }
    }

    fn restore(&mut self, aged: Duration, origin: Monotonic) {
        let Some(snapshot) = self.machine.snapshot(self.now) else {
            return;
        };
        let text = serde_json::to_string(&snapshot.aged(aged)).expect("a snapshot serialises");
        assert!(!text.contains(KEY));
        let snapshot = serde_json::from_str(&text).expect("a snapshot is read again");
        self.machine = M::restore(snapshot, origin).expect("a snapshot is restored");
        self.check_pace();
        self.before += self.sent.len();
        self.sent.clear();
        self.ends.clear();
        (self.now, self.latest) = (origin, origin);
    }

    fn poll(&mut self) {
        let (now, latest) = (self.now, self.latest);
        let (wake, waits) = (self.machine.next_wake(), self.machine.waits());
        let given_up = self.ends.values().any(|end| *end <= latest);
        match self.machine.poll(now) {
            Action::Send(request, slot) => {
                assert!(self.done.is_none(), "a request after the end");
                assert!(wake.is_some_and(|wake| wake <= latest), "a request before its time");
                assert!(!format!("{request:?}{slot:?}").contains(KEY));
                self.sent.push(latest);
                let number = self.before + self.sent.len();
                assert!(number <= M::MOST_REQUESTS, "one request too many");
                self.ends.insert(number, latest.after(slot.timeout()));
                if self.held.len() < MAX_HELD {
                    self.held.push(Held { slot, number });
                }
                if M::IN_FLIGHT == 1 {
                    assert!(matches!(self.machine.poll(now), Action::Sleep(_)), "handed out twice");
                }
            }
            Action::Sleep(duration) => {
                assert!(!duration.is_zero());
                let end = latest.after(duration);
                assert_eq!(
                    self.machine.next_wake(),
                    Some(end),
                    "the wake-up is not the sleep's end"
                );
                // A set may wake to give up one of several requests, or to end one of several waits, and continue with
                // the others. It may send what is due before it does.
                let gives_up = M::IN_FLIGHT > 1 && (given_up || self.machine.waits() < waits);
                self.ends.retain(|_, end| *end > latest);
                assert!(
                    wake.is_none_or(|wake| wake > latest) || gives_up,
                    "asleep past its time"
                );
                let mut early = self.machine.clone();
                assert!(
                    matches!(early.poll(now), Action::Sleep(again) if again == duration),
                    "polling changes it"
                );
                if M::IN_FLIGHT == 1 && end.since(latest) == duration {
                    assert!(!matches!(early.poll(end), Action::Sleep(_)), "two sleeps in a row");
                }
            }
            Action::Done(output) => {
                assert_eq!(self.machine.next_wake(), None);
                assert!(self.done.as_ref().is_none_or(|before| *before == output), "another end");
                self.polls_done += 1;
                self.done = Some(output);
            }
        }
    }

    fn take(&mut self, which: u8) -> Option<Held> {
        let at = usize::from(which).checked_rem(self.held.len())?;
        Some(self.held.swap_remove(at))
    }

    fn check_pace(&self) {
        for pair in self.sent.windows(2) {
            assert!(pair[1].since(pair[0]) >= MIN_PAUSE, "a request storm");
        }
    }
}

fn millis_of(millis: u16) -> Duration {
    Duration::from_millis(millis.into())
}
