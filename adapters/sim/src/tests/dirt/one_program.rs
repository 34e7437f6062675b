//! One program under injected faults, and what it observes.
use super::super::harness::api;
use crate::{
    Dirt, Program, Received, Service, Simulation,
    dirt::{self, ActiveFaults},
};
use byourside_proto::{
    Action, Machine, Monotonic, Operation, PlaceCall, UnixTime,
    machine::{
        Reply,
        place::{PlaceOptions, Placer},
        reconcile::{ReconcileOptions, Reconciler},
        wait::{CallWaiter, WaitOptions},
    },
};
use http::{Request, StatusCode};
use serde_json::Value;
use std::{cell::RefCell, rc::Rc, time::Duration};

/// Something that a program observes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen {
    Polled,
    Sent(crate::Target),
    Answer(u16, Vec<u8>),
    Closed,
    Silence,
    NoConnection,
    Event(Value),
    Away(Duration, bool),
    Crash(Duration),
}

/// Observations, each with its time in milliseconds.
pub(super) type Log = Rc<RefCell<Vec<(u64, Seen)>>>;

/// A program that records what it observes.
pub(super) struct Recorder<M> {
    machine: M,
    log: Log,
}

impl<M> Recorder<M> {
    fn note(&self, now: Monotonic, seen: Seen) {
        let at = u64::try_from(now.since_origin().as_millis()).unwrap();
        self.log.borrow_mut().push((at, seen));
    }
}

impl<M: Machine> Machine for Recorder<M> {
    type Output = M::Output;

    fn poll(&mut self, now: Monotonic) -> Action<M::Output> {
        self.note(now, Seen::Polled);
        let action = self.machine.poll(now);
        if let Action::Send(request, _) = &action {
            self.note(now, Seen::Sent(dirt::target(request)));
        }
        action
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.machine.handle(now, reply);
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.machine.next_wake()
    }
}

impl<M: Machine> Program for Recorder<M> {
    fn receive(&mut self, now: Monotonic, _received: UnixTime, delivery: &Request<Vec<u8>>) -> StatusCode {
        self.note(
            now,
            Seen::Event(serde_json::from_slice(delivery.body()).unwrap_or_default()),
        );
        StatusCode::NO_CONTENT
    }

    fn away(&mut self, now: Monotonic, duration: Duration, clock_stands_still: bool) {
        self.note(now, Seen::Away(duration, clock_stands_still));
    }

    fn crash(&mut self, now: Monotonic, pause: Duration) {
        self.note(now, Seen::Crash(pause));
    }

    fn observe(&mut self, now: Monotonic, received: &Received) {
        let seen = match received {
            Received::Response(response) => Seen::Answer(response.status().as_u16(), response.body().clone()),
            Received::Closed => Seen::Closed,
            Received::Silence => Seen::Silence,
            Received::NoConnection => Seen::NoConnection,
        };
        self.note(now, seen);
    }
}

fn call(url: &str) -> PlaceCall {
    PlaceCall::new("+14155560123", "Ask.")
        .unwrap()
        .webhook_url(url)
        .unwrap()
}

/// The result of a run.
pub(super) struct Run {
    pub(super) seen: Vec<(u64, Seen)>,
    pub(super) placed_at: Vec<u64>,
    pub(super) active: Vec<crate::Injection>,
    pub(super) late_bodies: u32,
}

impl Run {
    /// What its requests received, and when.
    pub(super) fn received(&self) -> Vec<(u64, Seen)> {
        self.only(|seen| !matches!(seen, Seen::Polled | Seen::Sent(_) | Seen::Event(_)))
    }

    pub(super) fn sent(&self) -> Vec<u64> {
        let sent = self.only(|seen| matches!(seen, Seen::Sent(_)));
        sent.into_iter().map(|(at, _)| at).collect()
    }

    pub(super) fn polls(&self) -> Vec<u64> {
        let polls = self.only(|seen| matches!(seen, Seen::Polled));
        polls.into_iter().map(|(at, _)| at).collect()
    }

    /// The events that it received, and when.
    pub(super) fn events(&self) -> Vec<(u64, Value)> {
        let events = self.seen.iter().filter_map(|(at, seen)| match seen {
            Seen::Event(event) => Some((*at, event.clone())),
            _ => None,
        });
        events.collect()
    }

    fn only(&self, wanted: impl Fn(&Seen) -> bool) -> Vec<(u64, Seen)> {
        self.seen.iter().filter(|(_, seen)| wanted(seen)).cloned().collect()
    }
}

/// Places a call without retries, with an attempt timeout of 30 seconds, and lets an hour and a half pass. Its clock
/// starts at 0.
pub(super) fn placing(dirt: Dirt) -> Run {
    let options = PlaceOptions {
        retries: 0,
        ..PlaceOptions::default()
    };
    // A program that has ended receives no more events, so a wait for a call that does not exist keeps this one
    // running.
    run(Service::new(7), dirt, ActiveFaults::default(), |url| {
        Box::new(Placer::new(api(), call(url), options, Monotonic::ORIGIN))
    })
}

/// Waits for a call that was placed at 0, with a GET every three seconds and an attempt timeout of 15 seconds.
pub(super) fn waiting(dirt: Dirt) -> Run {
    let mut service = Service::new(7);
    let order = call("https://hooks.example.com/0").request(&api());
    service.handle(Monotonic::ORIGIN, &order);
    let id = service.calls().next().unwrap().id();
    run(service, dirt, ActiveFaults::default(), |_| {
        Box::new(CallWaiter::new(api(), id, WaitOptions::default(), Monotonic::ORIGIN))
    })
}

/// Looks again and again for a call that is not in the list, which has seven others, under these faults of its start.
pub(super) fn looking(start: ActiveFaults) -> Run {
    let mut service = Service::new(7);
    for number in 0..7 {
        let other = PlaceCall::new(format!("+1415557{number:04}"), format!("Call {number}.")).unwrap();
        service.handle(Monotonic::ORIGIN, &other.request(&api()));
    }
    run(service, Dirt::scripted(), start, |url| {
        Box::new(Reconciler::new(
            api(),
            call(url),
            ReconcileOptions::default(),
            Monotonic::ORIGIN,
        ))
    })
}

fn run<M: Machine>(service: Service, dirt: Dirt, start: ActiveFaults, machine: impl FnOnce(&str) -> Box<M>) -> Run {
    let log = Log::default();
    let mut simulation = Simulation::with_dirt(service, dirt);
    let machine = machine(&simulation.next_webhook_url());
    let id = simulation.add(Forever {
        recorder: Recorder {
            machine: *machine,
            log: log.clone(),
        },
        over: false,
    });
    simulation.set_start_faults(id, start);
    let steps = (0..100_000).take_while(|_| {
        let until = Monotonic::new(Duration::from_secs(5400));
        simulation.step(until).is_some()
    });
    assert!(steps.count() < 100_000, "the run never ends");
    let millis = |at: Monotonic| u64::try_from(at.since_origin().as_millis()).unwrap();
    Run {
        seen: log.borrow().clone(),
        placed_at: simulation
            .service()
            .calls()
            .map(|call| millis(call.placed_at()))
            .collect(),
        active: simulation.dirt().unwrap().log().to_vec(),
        late_bodies: simulation.late_bodies(id),
    }
}

/// A program that receives deliveries after its end too.
struct Forever<M> {
    recorder: Recorder<M>,
    over: bool,
}

impl<M: Machine> Machine for Forever<M> {
    type Output = ();

    fn poll(&mut self, now: Monotonic) -> Action<()> {
        if self.over {
            return Action::Sleep(Duration::from_secs(3600));
        }
        match self.recorder.poll(now) {
            Action::Send(request, slot) => Action::Send(request, slot),
            Action::Sleep(pause) => Action::Sleep(pause),
            Action::Done(_) => {
                self.over = true;
                Action::Sleep(Duration::from_secs(3600))
            }
        }
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.recorder.handle(now, reply);
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.recorder.next_wake()
    }
}

impl<M: Machine> Program for Forever<M> {
    fn receive(&mut self, now: Monotonic, received: UnixTime, delivery: &Request<Vec<u8>>) -> StatusCode {
        self.recorder.receive(now, received, delivery)
    }

    fn away(&mut self, now: Monotonic, duration: Duration, clock_stands_still: bool) {
        self.recorder.away(now, duration, clock_stands_still);
    }

    fn crash(&mut self, now: Monotonic, pause: Duration) {
        self.recorder.crash(now, pause);
    }

    fn observe(&mut self, now: Monotonic, received: &Received) {
        self.recorder.observe(now, received);
    }
}
