//! Drives a set over virtual time, against a service that is a closure.
use byourside_proto::{
    Action, Api, CallId, Machine, Monotonic, TransportFailure,
    machine::{
        MachineSet, ReplySlot,
        wait_set::{WaitSet, WaitSetOptions},
    },
};
use http::{Request, Response};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// A driver with any number of requests out, on virtual time.
pub struct Driver<S> {
    pub set: WaitSet,
    pub now: Monotonic,
    /// Answers one request, and says after how many milliseconds; `None` for never.
    pub service: S,
    pub out: VecDeque<(Monotonic, ReplySlot, Result<Response<String>, TransportFailure>)>,
    pub unanswered: Vec<ReplySlot>,
    pub sent: Vec<(Monotonic, String)>,
    pub most_out: usize,
    pub results: BTreeMap<String, (Monotonic, Result<String, String>)>,
}

pub type Answer = (u64, Result<Response<String>, TransportFailure>);

impl<S: FnMut(Monotonic, &Request<Vec<u8>>) -> Option<Answer>> Driver<S> {
    pub fn new(set: WaitSet, service: S) -> Self {
        Self {
            set,
            now: Monotonic::ORIGIN,
            service,
            out: VecDeque::new(),
            unanswered: Vec::new(),
            sent: Vec::new(),
            most_out: 0,
            results: BTreeMap::new(),
        }
    }

    pub fn run(mut self) -> Self {
        for _ in 0..100_000 {
            if self.step() {
                return self;
            }
        }
        panic!("the set does not end")
    }

    /// Goes on until this moment, and no further.
    pub fn run_until(&mut self, end: Monotonic) {
        for _ in 0..100_000 {
            if self.next() > end {
                self.now = self.now.max(end);
                return;
            }
            if self.step() {
                return;
            }
        }
        panic!("the set does not get there")
    }

    /// When something next happens.
    fn next(&self) -> Monotonic {
        let answers = self.out.iter().map(|(at, ..)| *at);
        answers
            .chain(self.set.next_wake())
            .min()
            .unwrap_or(self.now)
            .max(self.now)
    }

    /// Whether it was the last.
    pub fn step(&mut self) -> bool {
        let action = self.set.poll(self.now);
        while let Some((id, result)) = MachineSet::take_result(&mut self.set) {
            let word = result
                .map(|ended| ended.call.status().unwrap().as_str().to_owned())
                .map_err(|error| error.code().to_owned());
            let again = self.results.insert(id.as_str().into(), (self.now, word));
            assert!(again.is_none(), "two results for one call");
        }
        match action {
            Action::Done(()) => return true,
            Action::Send(request, slot) => {
                self.sent.push((self.now, request.uri().to_string()));
                let answer = (self.service)(self.now, &request);
                match answer.filter(|(after, _)| Duration::from_millis(*after) < slot.timeout()) {
                    Some((after, answer)) => {
                        let at = self.now.after(Duration::from_millis(after));
                        self.out.push_back((at, slot, answer));
                    }
                    None => self.unanswered.push(slot),
                }
                self.most_out = self.most_out.max(self.out.len());
            }
            Action::Sleep(duration) => {
                let wake = self.now.after(duration);
                assert_eq!(self.set.next_wake(), Some(wake));
                let first = (0..self.out.len()).min_by_key(|at| self.out[*at].0);
                match first.filter(|at| self.out[*at].0 <= wake) {
                    Some(at) => {
                        let (when, slot, answer) = self.out.remove(at).unwrap();
                        self.now = self.now.max(when);
                        let reply = match answer {
                            Ok(response) => slot.reply_ref(&response),
                            Err(failure) => slot.reply(Err(failure)),
                        };
                        self.set.handle(self.now, reply);
                    }
                    None => self.now = wake,
                }
            }
        }
        false
    }

    pub fn lists(&self) -> usize {
        self.sent.iter().filter(|(_, uri)| uri.contains("limit=")).count()
    }
}

pub fn api() -> Api {
    Api::with_key("bys_ak_example").unwrap()
}

pub fn ok(body: String) -> Result<Response<String>, TransportFailure> {
    Ok(Response::new(body))
}

pub fn status(status: u16) -> Response<String> {
    Response::builder().status(status).body(String::new()).unwrap()
}

pub fn filled(options: WaitSetOptions, calls: usize) -> WaitSet {
    let mut set = WaitSet::new(api(), options, Monotonic::ORIGIN);
    for call in 0..calls {
        assert!(set.add(&CallId::new(format!("c{call}")).unwrap(), Monotonic::ORIGIN));
    }
    set
}

/// Calls that end at their own second; the list shows the last hundred of them.
pub fn honest(ends: Vec<u64>) -> impl FnMut(Monotonic, &Request<Vec<u8>>) -> Option<Answer> {
    move |now, request| {
        let record = |call: usize| {
            let over = now.since_origin().as_secs() >= ends[call];
            format!(
                r#"{{"id":"c{call}","status":"{}"}}"#,
                if over { "completed" } else { "in_progress" }
            )
        };
        let uri = request.uri().to_string();
        let body = match uri.rsplit_once("/c") {
            Some((_, call)) if uri.contains("calls/c") => record(call.parse().unwrap()),
            _ => {
                let shown: Vec<String> = (0..ends.len()).rev().take(100).map(record).collect();
                format!(r#"{{"calls":[{}]}}"#, shown.join(","))
            }
        };
        Some((20, ok(body)))
    }
}
