//! Some hundred calls at the same time, with a network and a service of their own, checked against what the service knows.
use super::{
    intent::Intent,
    invariant::Invariant,
    lifecycle::{Life, Lifecycle, Mailroom, Outcome, Report, Shared},
    restarts::Restarts,
    table::Table,
    trace::Trace,
    verdicts::{self, Breach},
};
use crate::{DeliveryOptions, Faults, Profile, ProgramId, Service, ServiceOptions, Simulation, Step};
use byourside_proto::{
    Monotonic,
    webhook::{Verifier, WebhookSecret},
};
use fastrand::Rng;
use std::time::Duration;
use std::{cell::RefCell, collections::BTreeSet, fmt, rc::Rc};

/// All is over long before.
const END: Monotonic = Monotonic::new(Duration::from_secs(3600));

/// Something that must hold and did not, with what led to it.
pub struct Broken {
    pub(super) invariant: Invariant,
    pub(super) call: u64,
    pub(super) what: String,
    pub(super) trace: Trace,
}

struct Wave {
    simulation: Simulation<Lifecycle>,
    /// From then on the network has no faults.
    heals: Monotonic,
    /// How many calls the service had when the last request arrived.
    placed: u64,
    /// When each call's stage must be over, for those that go on.
    over: Vec<Monotonic>,
    due: BTreeSet<(Monotonic, u64)>,
    not_placed: Vec<Life>,
}

/// Runs one wave to its end.
pub fn run_wave(seed: u64, number: u64, calls: u64, profile: Profile, table: &mut Table) -> Result<(), Broken> {
    let mut random = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
    let heals = match profile {
        Profile::None => Monotonic::ORIGIN,
        _ => Monotonic::new(Duration::from_secs(random.u64(20..150))),
    };
    let percent = if profile == Profile::None { 0 } else { 2 };
    let mailroom = Mailroom {
        percent,
        random: random.fork(),
        astray: None,
    };
    let restarts = Restarts {
        percent,
        random: random.fork(),
    };
    let secret = WebhookSecret::new("whsec_simulated").map_err(broken_setup)?;
    let shared = Rc::new(Shared {
        verifier: Verifier::new(secret),
        mailroom: RefCell::new(mailroom),
        restarts: RefCell::new(restarts),
    });
    let mut wave = Wave {
        simulation: Simulation::new(service(profile, &mut random), profile.faults(random.u64(..))),
        heals,
        placed: 0,
        over: Vec::new(),
        due: BTreeSet::new(),
        not_placed: Vec::new(),
    };
    let mut other = wave.simulation.next_webhook_url();
    for call in 0..calls {
        let own = wave.simulation.next_webhook_url();
        let intent = Intent::draw(call, &mut random, &own, &other).map_err(broken_setup)?;
        let begins = intent.begins;
        wave.simulation.add(Lifecycle::new(Rc::new(intent), shared.clone()));
        wave.over.push(begins);
        wave.due.insert((begins, call));
        other = own;
    }
    wave.go_on(heals, table)?;
    shared.mailroom.borrow_mut().percent = 0;
    shared.restarts.borrow_mut().percent = 0;
    wave.simulation.set_faults(Faults {
        seed: random.u64(..),
        min_latency: Duration::from_millis(10),
        max_latency: Duration::from_millis(200),
        ..Faults::default()
    });
    wave.go_on(END, table)?;
    wave.end(table)
}

fn service(profile: Profile, random: &mut Rng) -> Service {
    let deliveries = DeliveryOptions {
        faults: profile.delivery_faults(random.u64(..)),
        ..DeliveryOptions::default()
    };
    let options = ServiceOptions {
        count_placements: true,
        deliveries,
        ..ServiceOptions::default()
    };
    Service::with_options(random.u64(..), options)
}

impl Wave {
    fn go_on(&mut self, until: Monotonic, table: &mut Table) -> Result<(), Broken> {
        while let Some(step) = self.simulation.step(until) {
            table.step();
            self.check_deadlines()?;
            match step {
                Step::Finished(id, report) => self.finished(id, *report, table)?,
                Step::Sent(id) => self.sent(id)?,
                Step::Arrived(id) => self.arrived(id)?,
                Step::Woke(id) | Step::Received(id) | Step::Told(id) | Step::Acknowledged(id, _) => self.stepped(id)?,
            }
        }
        Ok(())
    }

    fn check_deadlines(&self) -> Result<(), Broken> {
        match self.due.first() {
            Some((over, call)) if *over < self.simulation.now() => Err(self.overdue(*call)),
            Some(_) | None => Ok(()),
        }
    }

    fn overdue(&self, call: u64) -> Broken {
        let program = self.simulation.programs().find(|(id, _)| id.number() == call);
        Broken {
            invariant: Invariant::Ends,
            call,
            what: format!(
                "at {:.3} s its deadline has passed and it goes on",
                seconds(self.simulation.now())
            ),
            trace: program
                .map(|(_, program)| program.life.trace.clone())
                .unwrap_or_default(),
        }
    }

    fn stepped(&mut self, id: ProgramId) -> Result<(), Broken> {
        let Some(program) = self.simulation.program(id) else {
            return Ok(());
        };
        let (call, life) = (id.number(), &program.life);
        if let Some((invariant, what)) = life.checks.broken() {
            return Err(broken(life, (invariant, what.to_owned())));
        }
        let over = life.checks.limits().over;
        let index = usize::try_from(call).unwrap_or(usize::MAX);
        if let Some(known) = self.over.get_mut(index).filter(|known| **known != over) {
            self.due.remove(&(*known, call));
            self.due.insert((over, call));
            *known = over;
        }
        Ok(())
    }

    fn sent(&mut self, id: ProgramId) -> Result<(), Broken> {
        self.stepped(id)?;
        let breach = self.simulation.program(id).and_then(|program| {
            Some((
                program,
                verdicts::of_sending(self.simulation.service(), &program.life, &program.stage)?,
            ))
        });
        breach.map_or(Ok(()), |(program, breach)| Err(broken(&program.life, breach)))
    }

    fn arrived(&mut self, id: ProgramId) -> Result<(), Broken> {
        self.stepped(id)?;
        // Only what has just placed a call can have placed a second one.
        let placed = self.simulation.service().placed();
        if std::mem::replace(&mut self.placed, placed) == placed {
            return Ok(());
        }
        let breach = self.simulation.program(id).and_then(|program| {
            Some((
                program,
                verdicts::of_arrival(self.simulation.service(), &program.life, self.intents())?,
            ))
        });
        breach.map_or(Ok(()), |(program, breach)| Err(broken(&program.life, breach)))
    }

    fn finished(&mut self, id: ProgramId, report: Report, table: &mut Table) -> Result<(), Broken> {
        let index = usize::try_from(id.number()).unwrap_or(usize::MAX);
        if let Some(known) = self.over.get(index) {
            self.due.remove(&(*known, id.number()));
        }
        let Report { outcome, life } = report;
        if let Some((invariant, what)) = life.checks.broken() {
            return Err(broken(&life, (invariant, what.to_owned())));
        }
        if let Some(breach) = verdicts::of_end(
            self.simulation.service(),
            self.simulation.now(),
            &life,
            &outcome,
            self.heals,
        ) {
            return Err(broken(&life, breach));
        }
        table.add(&outcome, &life);
        if outcome == Outcome::NotPlaced {
            self.not_placed.push(*life);
        }
        Ok(())
    }

    fn end(&self, table: &mut Table) -> Result<(), Broken> {
        if let Some((_, call)) = self.due.first() {
            return Err(self.overdue(*call));
        }
        for life in &self.not_placed {
            if let Some(breach) = verdicts::of_not_placed(self.simulation.service(), life) {
                return Err(broken(life, breach));
            }
        }
        table.wave(self.simulation.now());
        Ok(())
    }

    fn intents(&self) -> u64 {
        u64::try_from(self.over.len()).unwrap_or(u64::MAX)
    }
}

fn broken(life: &Life, (invariant, what): Breach) -> Broken {
    Broken {
        invariant,
        call: life.intent.number,
        what,
        trace: life.trace.clone(),
    }
}

fn broken_setup(error: byourside_proto::BuildError) -> Broken {
    Broken {
        invariant: Invariant::Total,
        call: 0,
        what: error.to_string(),
        trace: Trace::default(),
    }
}

fn seconds(at: Monotonic) -> f64 {
    at.since_origin().as_secs_f64()
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            invariant,
            call,
            what,
            trace,
        } = self;
        write!(f, "it does not hold that {invariant}\ncall {call}: {what}\n{trace}")
    }
}
