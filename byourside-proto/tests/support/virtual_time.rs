//! A driver in virtual time: time passes only while the machine sleeps.
use super::{Answer, alloc::vec::Vec};
use byourside_proto::{Action, Machine, Monotonic, machine::ReplySlot};
use core::{
    ops::{Deref, DerefMut},
    time::Duration,
};
use http::Request;

/// The most steps that a run may take.
const BOUND: usize = 200_000;

/// Any machine in virtual time, with any number of requests in flight.
///
/// It holds the machine (and derefs to it), the requests that were sent and those in flight. A service is a closure
/// that answers each request, such as `|_| record("queued")`, or a list ([`in_turn`](super::in_turn)).
#[derive(Debug)]
pub struct VirtualTime<M> {
    pub machine: M,
    pub now: Monotonic,
    pub sent: Vec<SentRequest>,
    /// The requests without an answer, oldest first. The machine no longer waits for those that timed out.
    pub unanswered: Vec<Unanswered>,
    /// The most requests that the machine waited for at once.
    pub most_in_flight: usize,
}

#[derive(Debug)]
pub struct SentRequest {
    pub at: Monotonic,
    /// The attempt timeout.
    pub timeout: Duration,
    pub request: Request<Vec<u8>>,
}

#[derive(Debug)]
pub struct Unanswered {
    /// The request's number, counted from 1.
    pub number: usize,
    pub slot: ReplySlot,
    /// When the attempt times out.
    until: Monotonic,
    /// When the answer arrives, and the answer.
    arrives: Option<(Monotonic, Answer)>,
}

/// The action that a poll returned, without the request.
#[derive(Clone, Debug, PartialEq)]
pub enum Polled<T> {
    /// With the attempt timeout.
    Send(Duration),
    Sleep(Duration),
    Done(T),
}

impl<T> From<Action<T>> for Polled<T> {
    fn from(action: Action<T>) -> Self {
        match action {
            Action::Send(_, slot) => Self::Send(slot.timeout()),
            Action::Sleep(pause) => Self::Sleep(pause),
            Action::Done(output) => Self::Done(output),
        }
    }
}

impl<M: Machine> VirtualTime<M> {
    pub fn new(machine: M) -> Self {
        Self {
            machine,
            now: Monotonic::ORIGIN,
            sent: Vec::new(),
            unanswered: Vec::new(),
            most_in_flight: 0,
        }
    }

    /// Polls now. A request stays in flight until [`reply`](Self::reply).
    pub fn poll_now(&mut self) -> Polled<M::Output> {
        let (request, slot) = match self.machine.poll(self.now) {
            Action::Send(request, slot) => (request, slot),
            other => return other.into(),
        };
        let (at, timeout) = (self.now, slot.timeout());
        self.sent.push(SentRequest { at, timeout, request });
        self.unanswered.push(Unanswered {
            number: self.sent.len(),
            slot,
            until: at.after(timeout),
            arrives: None,
        });
        let waiting = self.unanswered.iter().filter(|request| request.until > at).count();
        self.most_in_flight = self.most_in_flight.max(waiting);
        Polled::Send(timeout)
    }

    /// Answers one of the requests in flight, now.
    pub fn reply(&mut self, index: usize, answer: Answer) {
        if let Some(reply) = answer.through(self.unanswered.remove(index).slot) {
            self.machine.handle(self.now, reply);
        }
    }

    /// Answers the oldest request in flight, now.
    pub fn reply_oldest(&mut self, answer: Answer) {
        self.reply(0, answer);
    }

    /// Polls once, and returns the output of a machine that is done. Otherwise answers a request, or advances the clock
    /// to the end of a sleep or to the next answer.
    pub fn step(&mut self, mut service: impl FnMut(&SentRequest) -> Answer) -> Option<M::Output> {
        match self.poll_now() {
            Polled::Done(output) => return Some(output),
            Polled::Send(_) => {
                let request = self.unanswered.last_mut().unwrap();
                let answer = service(self.sent.last().unwrap());
                let at_once = answer.after.is_zero() && answer.result.is_some();
                request.arrives = answer.result.is_some().then(|| (self.now.after(answer.after), answer));
                if at_once {
                    self.deliver(self.unanswered.len() - 1);
                }
            }
            Polled::Sleep(pause) => {
                let wake = self.now.after(pause);
                assert_eq!(self.machine.next_wake(), Some(wake), "a sleep ends at the next wake");
                match self.next_arrival().filter(|(arrives, _)| *arrives <= wake) {
                    Some((arrives, index)) => {
                        self.now = self.now.max(arrives);
                        self.deliver(index);
                    }
                    None => self.now = wake,
                }
            }
        }
        None
    }

    /// Runs until the machine is done.
    pub fn run(&mut self, mut service: impl FnMut(&SentRequest) -> Answer) -> M::Output {
        let end = (0..BOUND).find_map(|_| self.step(&mut service));
        end.expect("the machine is done")
    }

    /// Runs until the machine is done, and returns the output and the time.
    pub fn run_timed(&mut self, service: impl FnMut(&SentRequest) -> Answer) -> (M::Output, Monotonic) {
        (self.run(service), self.now)
    }

    /// Runs until this moment, or until the machine is done if that is earlier.
    pub fn run_until(&mut self, moment: Monotonic, mut service: impl FnMut(&SentRequest) -> Answer) {
        for _ in 0..BOUND {
            let arrival = self.next_arrival().map(|(arrives, _)| arrives);
            let next = arrival.into_iter().chain(self.machine.next_wake()).min();
            if next.is_some_and(|next| next.max(self.now) > moment) {
                self.now = self.now.max(moment);
                return;
            }
            if self.step(&mut service).is_some() {
                return;
            }
        }
        panic!("the machine does not reach this moment");
    }

    /// Runs until a request is sent, and leaves it in flight.
    pub fn run_until_sent(&mut self) -> &SentRequest {
        for _ in 0..BOUND {
            let before = self.sent.len();
            assert!(self.step(|_| Answer::silence()).is_none(), "the machine is done");
            if self.sent.len() > before {
                break;
            }
        }
        self.sent.last().expect("the machine sends a request")
    }

    /// The output of a machine that is done.
    pub fn output(&mut self) -> M::Output {
        match self.poll_now() {
            Polled::Done(output) => output,
            Polled::Send(_) | Polled::Sleep(_) => panic!("the machine is not done"),
        }
    }

    pub fn sleeps(&mut self) -> bool {
        matches!(self.poll_now(), Polled::Sleep(_))
    }

    pub fn sent_at(&self) -> Vec<Monotonic> {
        self.sent.iter().map(|request| request.at).collect()
    }

    fn next_arrival(&self) -> Option<(Monotonic, usize)> {
        let arrivals = self.unanswered.iter().enumerate();
        let arrivals = arrivals.filter_map(|(index, request)| Some((request.arrives.as_ref()?.0, index)));
        arrivals.min()
    }

    fn deliver(&mut self, index: usize) {
        if let Some((_, answer)) = self.unanswered[index].arrives.take() {
            self.reply(index, answer);
        }
    }
}

impl<M> Deref for VirtualTime<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.machine
    }
}

impl<M> DerefMut for VirtualTime<M> {
    fn deref_mut(&mut self) -> &mut M {
        &mut self.machine
    }
}

impl SentRequest {
    /// Whether this is a GET of the list of calls.
    pub fn is_list(&self) -> bool {
        self.uri().query().is_some()
    }

    /// The id of the requested call.
    pub fn call(&self) -> &str {
        let (_, call) = self.uri().path().rsplit_once('/').unwrap();
        call
    }

    pub fn second(&self) -> u64 {
        self.at.since_origin().as_secs()
    }
}

impl Deref for SentRequest {
    type Target = Request<Vec<u8>>;

    fn deref(&self) -> &Self::Target {
        &self.request
    }
}
