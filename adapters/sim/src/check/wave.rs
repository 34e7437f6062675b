//! Some hundred calls at the same time, with a network and a service of their own, checked against what the service knows.
use super::{
    intent::Intent,
    lifecycle::{Life, Lifecycle, Mailroom, Outcome, Report, Shared},
    restarts::Restarts,
    stages::Stage,
    table::Table,
    trace::Trace,
};
use crate::{DeliveryOptions, Faults, Placements, Profile, ProgramId, Service, ServiceOptions, Simulation, Step};
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
    call: u64,
    what: String,
    trace: Trace,
}

struct Wave {
    world: Simulation<Lifecycle>,
    /// From then on the network has no faults.
    heals: Monotonic,
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
        world: Simulation::new(service(profile, &mut random), profile.faults(random.u64(..))),
        heals,
        over: Vec::new(),
        due: BTreeSet::new(),
        not_placed: Vec::new(),
    };
    let mut other = wave.world.next_webhook_url();
    for call in 0..calls {
        let own = wave.world.next_webhook_url();
        let intent = Intent::draw(call, &mut random, &own, &other).map_err(broken_setup)?;
        let begins = intent.begins;
        wave.world.add(Lifecycle::new(intent, shared.clone()));
        wave.over.push(begins);
        wave.due.insert((begins, call));
        other = own;
    }
    wave.go_on(heals, table)?;
    shared.mailroom.borrow_mut().percent = 0;
    shared.restarts.borrow_mut().percent = 0;
    wave.world.set_faults(Faults {
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
        while let Some(step) = self.world.step(until) {
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
            Some((over, call)) if *over < self.world.now() => Err(self.overdue(*call)),
            Some(_) | None => Ok(()),
        }
    }

    fn overdue(&self, call: u64) -> Broken {
        let program = self.world.programs().find(|(id, _)| id.number() == call);
        Broken {
            call,
            what: format!(
                "at {:.3} s its deadline has passed and it goes on",
                seconds(self.world.now())
            ),
            trace: program
                .map(|(_, program)| program.life.trace.clone())
                .unwrap_or_default(),
        }
    }

    fn stepped(&mut self, id: ProgramId) -> Result<(), Broken> {
        let Some(program) = self.world.program(id) else {
            return Ok(());
        };
        let (call, life) = (id.number(), &program.life);
        if let Some(what) = life.checks.broken() {
            return Err(broken(life, what));
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
        let Some(program) = self.world.program(id) else {
            return Ok(());
        };
        let calls = self.placements(&program.life).calls;
        let what = match &program.stage {
            Stage::Placing(_) if calls > 0 => "it sends a POST although its call was placed",
            Stage::Waiting(_) if calls != 1 => "it is reported as placed, and no phone rings",
            Stage::Waiting(_) if !self.is_its_own(&program.life) => {
                "it is reported as placed, with the id of another call"
            }
            Stage::Before(_) | Stage::Placing(_) | Stage::Reconciling(_) | Stage::Waiting(_) | Stage::Down(_) => {
                return Ok(());
            }
        };
        Err(broken(&program.life, what))
    }

    fn arrived(&mut self, id: ProgramId) -> Result<(), Broken> {
        self.stepped(id)?;
        let Some(program) = self.world.program(id) else {
            return Ok(());
        };
        if self.placements(&program.life).calls > 1 {
            return Err(broken(&program.life, "a phone rings twice"));
        }
        if self.world.service().placed() > self.intents() {
            return Err(broken(&program.life, "there are more calls than intents"));
        }
        Ok(())
    }

    fn finished(&mut self, id: ProgramId, report: Report, table: &mut Table) -> Result<(), Broken> {
        let index = usize::try_from(id.number()).unwrap_or(usize::MAX);
        if let Some(known) = self.over.get(index) {
            self.due.remove(&(*known, id.number()));
        }
        let Report { outcome, life } = report;
        if let Some(what) = life.checks.broken() {
            return Err(broken(&life, what));
        }
        let calls = self.placements(&life).calls;
        let call = life.id.as_ref().and_then(|id| self.world.service().call(id));
        let deadline = life.checks.limits().last_request;
        let what = match (&outcome, call) {
            (Outcome::NotPlaced, _) if calls > 0 => "it is reported as not placed, and was".to_owned(),
            (Outcome::NotPlaced | Outcome::Unknown, _) => String::new(),
            (_, _) if calls != 1 || !self.is_its_own(&life) => {
                "it is reported as placed, and was not, or not once".into()
            }
            (Outcome::Ended(status, _), Some(call)) if call.status_at(self.world.now()) != *status => {
                format!("it is reported as {}, which it is not", status.as_str())
            }
            (Outcome::TimedOut, Some(call)) if self.should_have_seen(&life, call.ends_at(), deadline) => {
                "it ended in time, the network was healed, and it is reported as timed out".into()
            }
            (Outcome::Ended(..) | Outcome::TimedOut | Outcome::GaveUp, _) => String::new(),
        };
        if !what.is_empty() {
            return Err(broken(&life, what));
        }
        table.add(&outcome, &life);
        if outcome == Outcome::NotPlaced {
            self.not_placed.push(*life);
        }
        Ok(())
    }

    /// Whether it ended before the deadline, and every attempt that could have been out then was sent over a sound network
    /// by a process that lasted.
    fn should_have_seen(&self, life: &Life, ends: Option<Monotonic>, deadline: Option<Monotonic>) -> bool {
        let sound = self
            .heals
            .max(life.checks.up_since())
            .after(life.intent.wait.attempt_timeout);
        deadline.is_some_and(|deadline| sound <= deadline && ends.is_some_and(|ends| ends <= deadline))
    }

    fn end(&self, table: &mut Table) -> Result<(), Broken> {
        if let Some((_, call)) = self.due.first() {
            return Err(self.overdue(*call));
        }
        for life in &self.not_placed {
            if self.placements(life).calls > 0 {
                return Err(broken(life, "it was reported as not placed, and was placed after that"));
            }
        }
        table.wave(self.world.now());
        Ok(())
    }

    fn intents(&self) -> u64 {
        u64::try_from(self.over.len()).unwrap_or(u64::MAX)
    }

    fn placements(&self, life: &Life) -> Placements {
        self.world.service().placements(&life.intent.to, &life.intent.objective)
    }

    fn is_its_own(&self, life: &Life) -> bool {
        let call = life.id.as_ref().and_then(|id| self.world.service().call(id));
        call.is_some_and(|call| call.objective() == life.intent.objective && call.to().as_str() == life.intent.to)
    }
}

fn broken(life: &Life, what: impl Into<String>) -> Broken {
    Broken {
        call: life.intent.number,
        what: what.into(),
        trace: life.trace.clone(),
    }
}

fn broken_setup(error: byourside_proto::BuildError) -> Broken {
    Broken {
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
        write!(f, "call {}: {}\n{}", self.call, self.what, self.trace)
    }
}
