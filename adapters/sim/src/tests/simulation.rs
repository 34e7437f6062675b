//! Programs, a network and the service together in virtual time.
use super::{
    harness::{api, at, placed},
    lifecycle::{End, Lifecycle},
};
use crate::{DeliveryOptions, Faults, Placements, Profile, Program, Rate, Service, ServiceOptions, Simulation, Step};
use byourside_proto::{
    Action, CallId, Machine, Monotonic, Operation, PlaceCall, Status,
    machine::{
        Reply,
        place::{PlaceOptions, Placement, Placer},
        wait::{CallWaiter, WaitOptions},
    },
};
use http::StatusCode;
use std::time::Duration;

const NUMBERS: [&str; 12] = [
    "+14155550101",
    "+14155550102",
    "+14155550103",
    "+14155550104",
    "+14155550107",
    "+14155550111",
    "+14155550112",
    "+14155550115",
    "+14155550116",
    "+14155550123",
    "+442071838750",
    "+19005550123",
];

/// A simulation in which call `n` goes to the `n`th number, over and over.
fn simulation_of(profile: Profile, seed: u64, calls: usize) -> (Simulation<Lifecycle>, Vec<(&'static str, String)>) {
    let deliveries = DeliveryOptions {
        faults: profile.delivery_faults(seed),
        ..DeliveryOptions::default()
    };
    let options = ServiceOptions {
        count_placements: true,
        deliveries,
        ..ServiceOptions::default()
    };
    let mut simulation = Simulation::new(Service::with_options(seed, options), profile.faults(seed));
    let intents: Vec<_> = (0..calls)
        .map(|n| (NUMBERS[n % NUMBERS.len()], format!("Call {n}.")))
        .collect();
    for (to, objective) in &intents {
        let call = PlaceCall::new(*to, objective).unwrap();
        let call = call.webhook_url(simulation.next_webhook_url()).unwrap();
        let now = simulation.now();
        simulation.add(Lifecycle::new(call, now));
    }
    (simulation, intents)
}

#[test]
fn call_without_faults_ends_as_its_number_says() {
    let (mut simulation, intents) = simulation_of(Profile::None, 7, 24);
    let ended = simulation.run(at(120));
    assert_eq!(
        (ended.len(), simulation.now(), simulation.programs().count()),
        (24, at(120), 0)
    );
    for (id, end) in ended {
        let (to, objective) = &intents[usize::try_from(id.number()).unwrap()];
        let (expected, placements) = match *to {
            "+14155550101" => (End::Ended(Status::NoAnswer), (1, 1)),
            "+14155550102" => (End::Ended(Status::Voicemail), (1, 1)),
            "+14155550103" => (End::Ended(Status::Declined), (1, 1)),
            "+14155550104" => (End::Ended(Status::Failed), (1, 1)),
            "+14155550111" => (End::NotPlaced, (1, 0)),
            "+14155550112" => (End::NotPlaced, (3, 0)),
            "+14155550115" => (End::Ended(Status::Completed), (2, 1)),
            "+14155550116" => (End::Unknown, (1, 1)),
            // Refused before it counts as an order.
            "+19005550123" => (End::NotPlaced, (0, 0)),
            _ => (End::Ended(Status::Completed), (1, 1)),
        };
        let (posts, calls) = placements;
        assert_eq!(end, expected, "{to}");
        assert_eq!(
            simulation.service().placements(to, objective),
            Placements { posts, calls },
            "{to}"
        );
    }
}

#[test]
fn phone_rings_at_most_once_under_any_faults() {
    for (profile, seed) in [(Profile::Mild, 1), (Profile::Harsh, 2), (Profile::Harsh, 3)] {
        let (mut simulation, intents) = simulation_of(profile, seed, 600);
        let mut ended = 0;
        while let Some(step) = simulation.step(at(600)) {
            let Step::Finished(id, end) = step else { continue };
            ended += 1;
            let (to, objective) = &intents[usize::try_from(id.number()).unwrap()];
            let call = simulation.service().calls().find(|call| call.objective() == objective);
            let calls = simulation.service().placements(to, objective).calls;
            match end {
                End::NotPlaced => assert_eq!(calls, 0, "{to}, seed {seed}"),
                End::Unknown => assert!(calls <= 1, "{to}, seed {seed}"),
                End::Ended(status) => {
                    assert_eq!(calls, 1, "{to}, seed {seed}");
                    assert_eq!(call.unwrap().status_at(simulation.now()), status, "{to}, seed {seed}");
                }
                End::TimedOut | End::GaveUp | End::Refused => assert_eq!(calls, 1, "{to}, seed {seed}"),
            }
        }
        assert_eq!(ended, intents.len(), "every program ends, seed {seed}");
        assert_eq!(simulation.next_step(), None, "no event is left, seed {seed}");
    }
}

#[test]
fn same_seed_gives_the_same_steps() {
    let trace = |seed| {
        let (mut simulation, _) = simulation_of(Profile::Harsh, seed, 60);
        let mut trace = Vec::new();
        while let Some(step) = simulation.step(at(600)) {
            trace.push(format!("{:?} {step:?}", simulation.now()));
        }
        trace
    };
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}

#[test]
fn time_never_goes_back_and_stops_at_its_limit() {
    let (mut simulation, _) = simulation_of(Profile::Harsh, 7, 60);
    let mut before = simulation.now();
    while let Some(next) = simulation.next_step()
        && simulation.step(at(5)).is_some()
    {
        assert!(before <= next && next <= simulation.now() && simulation.now() <= at(5));
        before = simulation.now();
    }
    assert!(simulation.next_step() > Some(at(5)));
    assert!(simulation.programs().count() > 0);
}

#[test]
fn silence_is_ended_by_the_programs_own_timeout() {
    let faults = Faults {
        answer_lost: Rate::ALWAYS,
        silent: Rate::ALWAYS,
        ..Faults::default()
    };
    let mut simulation = Simulation::new(Service::new(7), faults);
    let call = PlaceCall::new("+14155550123", "Ask.").unwrap();
    simulation.add(Placer::new(api(), call, PlaceOptions::default(), simulation.now()));
    let ended = loop {
        if let Step::Finished(_, placement) = simulation.step(at(60)).unwrap() {
            break placement;
        }
    };
    assert!(matches!(ended, Placement::Unknown(_)));
    assert_eq!((simulation.now(), simulation.service().calls().count()), (at(30), 1));
}

#[test]
fn answer_after_the_timeout_changes_nothing() {
    let faults = Faults {
        min_latency: Duration::from_secs(20),
        max_latency: Duration::from_secs(20),
        ..Faults::default()
    };
    let mut simulation = Simulation::new(Service::new(7), faults);
    let call = PlaceCall::new("+14155550123", "Ask.").unwrap();
    simulation.add(Placer::new(api(), call, PlaceOptions::default(), simulation.now()));
    let ended = simulation.run(at(60));
    assert!(matches!(&ended[..], [(_, Placement::Unknown(_))]));
}

#[test]
fn wait_finds_the_end_after_the_network_heals() {
    let faults = Faults {
        request_lost: Rate::ALWAYS,
        ..Faults::default()
    };
    let mut service = Service::new(7);
    let id = placed(&mut service, at(0), "+14155550101");
    let mut simulation = Simulation::new(service, faults);
    let id = CallId::new(id).unwrap();
    simulation.add(CallWaiter::new(api(), id, WaitOptions::default(), simulation.now()));
    assert!(simulation.run(at(30)).is_empty());
    simulation.set_faults(Faults::default());
    let ended = simulation.run(at(120));
    let (_, Ok(ended)) = &ended[0] else {
        panic!("the wait failed")
    };
    assert_eq!(ended.call.status(), Some(Status::NoAnswer));
}

#[test]
fn delivery_is_taken_for_an_ended_program_and_repeated_after_404() {
    let statuses = |waits: bool| {
        let mut service = Service::new(7);
        let call = call_with_events_to_first_program(&mut service);
        let mut simulation = Simulation::new(service, Faults::default());
        let options = WaitOptions {
            timeout: Duration::from_secs(if waits { 100 } else { 0 }),
            ..WaitOptions::default()
        };
        simulation.add(CallWaiter::new(api(), call, options, simulation.now()));
        let mut statuses = Vec::new();
        while let Some(step) = simulation.step(at(300)) {
            if let Step::Acknowledged(_, status) = step {
                statuses.push(status);
            }
        }
        statuses
    };
    assert_eq!(statuses(false), [StatusCode::NO_CONTENT]);
    assert_eq!(statuses(true), [StatusCode::NOT_FOUND; 6]);
}

/// Places the call that never ends. Its events go to the first program of a simulation; the query is ignored.
fn call_with_events_to_first_program(service: &mut Service) -> CallId {
    let url = Simulation::<Placer>::new(Service::new(0), Faults::default()).next_webhook_url();
    let call = PlaceCall::new("+14155550106", "Ask.").unwrap();
    let call = call.webhook_url(format!("{url}?intent=1")).unwrap();
    service.handle(at(0), &call.request(&api()));
    service.calls().next().unwrap().id()
}

/// A program that never pauses.
struct Flood(Placer);

impl Machine for Flood {
    type Output = ();

    fn poll(&mut self, now: Monotonic) -> Action<()> {
        self.0 = Placer::new(
            api(),
            PlaceCall::new("+1900", "Ask.").unwrap(),
            PlaceOptions::default(),
            now,
        );
        match self.0.poll(now) {
            Action::Send(request, slot) => Action::Send(request, slot),
            Action::Sleep(_) | Action::Done(_) => Action::Done(()),
        }
    }

    fn handle(&mut self, _now: Monotonic, _reply: Reply) {}

    fn next_wake(&self) -> Option<Monotonic> {
        self.0.next_wake()
    }
}

impl Program for Flood {}

#[test]
fn program_that_never_pauses_does_not_stop_time() {
    let mut simulation = Simulation::new(Service::new(7), Faults::default());
    let call = PlaceCall::new("+1900", "Ask.").unwrap();
    simulation.add(Flood(Placer::new(
        api(),
        call,
        PlaceOptions::default(),
        simulation.now(),
    )));
    let until = Monotonic::new(Duration::from_micros(100));
    assert!(simulation.run(until).is_empty());
    assert_eq!(simulation.now(), until);
}

#[test]
fn last_moment_is_never_reached() {
    let options = WaitOptions {
        timeout: Duration::MAX,
        interval: Duration::MAX,
        max_interval: Duration::MAX,
        ..WaitOptions::default()
    };
    let mut service = Service::new(7);
    let id = placed(&mut service, at(0), "+14155550106");
    let mut simulation = Simulation::new(service, Faults::default());
    simulation.add(CallWaiter::new(
        api(),
        CallId::new(id).unwrap(),
        options,
        simulation.now(),
    ));
    assert!(simulation.run(Monotonic::new(Duration::MAX)).is_empty());
}

#[test]
fn program_is_woken_once_for_its_latest_wake_up() {
    let mut service = Service::new(7);
    let id = placed(&mut service, at(0), "+14155550106");
    let faults = Faults {
        min_latency: Duration::from_millis(10),
        max_latency: Duration::from_millis(10),
        ..Faults::default()
    };
    let mut simulation = Simulation::new(service, faults);
    let waiter = CallWaiter::new(
        api(),
        CallId::new(id).unwrap(),
        WaitOptions::default(),
        simulation.now(),
    );
    simulation.add(waiter);
    let (mut woken, mut sent, mut received) = (0, 0, 0);
    while let Some(step) = simulation.step(at(90)) {
        woken += u32::from(matches!(step, Step::Woke(_)));
        sent += u32::from(matches!(step, Step::Sent(_)));
        received += u32::from(matches!(step, Step::Received(_)));
    }
    assert_eq!((sent, received), (30, 30));
    assert_eq!(woken, sent + received);
}
