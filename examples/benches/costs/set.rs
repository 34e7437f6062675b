//! Drives the set over a timeline.
use super::{
    Cost,
    timeline::{LATENCY, Timeline},
};
use crate::requests::api;
use byourside_proto::{
    Action, CallId, Machine, Monotonic,
    machine::{
        ReplySlot,
        wait_set::{WaitSet, WaitSetOptions},
    },
    webhook::Event,
};
use http::Response;
use std::{collections::VecDeque, iter::Peekable, vec::IntoIter};

struct Run<'a> {
    timeline: &'a Timeline,
    set: WaitSet,
    now: Monotonic,
    /// How many calls have joined.
    joined: usize,
    events: Peekable<IntoIter<(Monotonic, Event)>>,
    /// Requests in flight, in the order in which their answers arrive.
    out: VecDeque<(Monotonic, ReplySlot, String)>,
    cost: Cost,
}

pub fn cost(timeline: &Timeline, options: WaitSetOptions) -> Cost {
    let run = Run {
        timeline,
        set: WaitSet::new(api(), options, Monotonic::ORIGIN),
        now: Monotonic::ORIGIN,
        joined: 0,
        events: timeline.events().into_iter().peekable(),
        out: VecDeque::new(),
        cost: Cost {
            requests: 0,
            delays: Vec::new(),
        },
    };
    run.run()
}

impl Run<'_> {
    fn run(mut self) -> Cost {
        loop {
            self.happen();
            let wake = match self.set.poll(self.now) {
                Action::Send(request, slot) => {
                    let body = match request.uri().path().strip_prefix("/v1/agent/calls/") {
                        Some(id) => self.timeline.record(Timeline::number(id), self.now),
                        None => self.timeline.list(self.now),
                    };
                    self.out.push_back((self.now.after(LATENCY), slot, body));
                    continue;
                }
                Action::Sleep(pause) => Some(self.now.after(pause)),
                Action::Done(()) => None,
            };
            match wake.into_iter().chain(self.next()).min() {
                Some(at) => self.now = self.now.max(at),
                None => {
                    self.cost.requests = self.set.requests();
                    return self.cost;
                }
            }
        }
    }

    /// The time of the next event outside the set.
    fn next(&mut self) -> Option<Monotonic> {
        let join = self.timeline.calls.get(self.joined).map(|call| call.begins);
        let event = self.events.peek().map(|(at, _)| *at);
        let answer = self.out.front().map(|(at, _, _)| *at);
        [join, event, answer].into_iter().flatten().min()
    }

    /// Handles everything that happens now.
    fn happen(&mut self) {
        let now = self.now;
        while let Some(call) = self.timeline.calls.get(self.joined).filter(|call| call.begins <= now) {
            assert!(
                self.set
                    .add(&CallId::new(Timeline::id(self.joined)).unwrap(), call.begins)
            );
            self.joined += 1;
        }
        while let Some((_, event)) = self.events.next_if(|(at, _)| *at <= now) {
            self.set.on_event(now, &event);
        }
        while self.out.front().is_some_and(|(at, _, _)| *at <= now) {
            if let Some((_, slot, body)) = self.out.pop_front() {
                self.set.handle(now, slot.reply_ref(&Response::new(body)));
            }
        }
        while let Some((id, ended)) = self.set.take_result() {
            assert!(ended.is_ok());
            let ends = self.timeline.calls[Timeline::number(id.as_str())].ends;
            self.cost.delays.push(now.since(ends));
        }
    }
}
