//! Runs some hundred calls at the same time, with a service of their own, and checks them against what the service
//! knows.
use super::{
    intent::Intent,
    invariant::Invariant,
    lifecycle::{CallHistory, CallReport, Lifecycle, Outcome, ReplyRouter, Shared},
    restarts::Restarts,
    service_checks::{self, Violation},
    table::Table,
    trace::Trace,
};
use crate::{DeliveryOptions, Faults, Profile, ProgramId, Service, ServiceOptions, Simulation, Step};
use byourside_proto::{
    Monotonic,
    webhook::{Verifier, WebhookSecret},
};
use fastrand::Rng;
use std::time::Duration;
use std::{cell::RefCell, collections::BTreeSet, fmt, rc::Rc};

/// The end of a wave: every call should have ended long before.
const END: Monotonic = Monotonic::new(Duration::from_secs(3600));

/// A broken invariant, with the last steps that led to it. `Display` prints both.
pub struct Broken {
    pub(super) invariant: Invariant,
    pub(super) call: u64,
    pub(super) what: String,
    pub(super) trace: Trace,
}

struct Wave {
    simulation: Simulation<Lifecycle>,
    /// From this time on the network has no faults.
    heals: Monotonic,
    /// How many calls the service had when the last request arrived.
    placed: u64,
    /// For each call that has not ended: when its stage must have ended.
    ends_by: Vec<Monotonic>,
    due: BTreeSet<(Monotonic, u64)>,
    not_placed: Vec<CallHistory>,
}

/// Runs one wave of this many calls to its end, and adds its counts to the table.
///
/// # Errors
/// The first broken invariant.
pub fn run_wave(seed: u64, number: u64, calls: u64, profile: Profile, table: &mut Table) -> Result<(), Broken> {
    let mut random = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
    let heals = match profile {
        Profile::None => Monotonic::ORIGIN,
        _ => Monotonic::new(Duration::from_secs(random.u64(20..150))),
    };
    let percent = if profile == Profile::None { 0 } else { 2 };
    let reply_router = ReplyRouter {
        percent,
        random: random.fork(),
        misrouted: None,
    };
    let restarts = Restarts {
        percent,
        random: random.fork(),
    };
    let secret = WebhookSecret::new("whsec_simulated").map_err(broken_setup)?;
    let shared = Rc::new(Shared {
        verifier: Verifier::new(secret),
        reply_router: RefCell::new(reply_router),
        restarts: RefCell::new(restarts),
    });
    let mut wave = Wave {
        simulation: Simulation::new(service(profile, &mut random), profile.faults(random.u64(..))),
        heals,
        placed: 0,
        ends_by: Vec::new(),
        due: BTreeSet::new(),
        not_placed: Vec::new(),
    };
    let mut other = wave.simulation.next_webhook_url();
    for call in 0..calls {
        let own = wave.simulation.next_webhook_url();
        let intent = Intent::draw(call, &mut random, &own, &other).map_err(broken_setup)?;
        let begins = intent.begins;
        wave.simulation.add(Lifecycle::new(Rc::new(intent), shared.clone()));
        wave.ends_by.push(begins);
        wave.due.insert((begins, call));
        other = own;
    }
    wave.run_until(heals, table)?;
    shared.reply_router.borrow_mut().percent = 0;
    shared.restarts.borrow_mut().percent = 0;
    wave.simulation.set_faults(Faults {
        seed: random.u64(..),
        min_latency: Duration::from_millis(10),
        max_latency: Duration::from_millis(200),
        ..Faults::default()
    });
    wave.run_until(END, table)?;
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
    fn run_until(&mut self, until: Monotonic, table: &mut Table) -> Result<(), Broken> {
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
            Some((ends_by, call)) if *ends_by < self.simulation.now() => Err(self.overdue(*call)),
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
                .map(|(_, program)| program.history.trace.clone())
                .unwrap_or_default(),
        }
    }

    fn stepped(&mut self, id: ProgramId) -> Result<(), Broken> {
        let Some(program) = self.simulation.program(id) else {
            return Ok(());
        };
        let (call, history) = (id.number(), &program.history);
        if let Some((invariant, what)) = history.checks.broken() {
            return Err(broken(history, (invariant, what.to_owned())));
        }
        let ends_by = history.checks.limits().ends_by;
        let index = usize::try_from(call).unwrap_or(usize::MAX);
        if let Some(known) = self.ends_by.get_mut(index).filter(|known| **known != ends_by) {
            self.due.remove(&(*known, call));
            self.due.insert((ends_by, call));
            *known = ends_by;
        }
        Ok(())
    }

    fn sent(&mut self, id: ProgramId) -> Result<(), Broken> {
        self.stepped(id)?;
        let violation = self.simulation.program(id).and_then(|program| {
            Some((
                program,
                service_checks::on_send(self.simulation.service(), &program.history, &program.stage)?,
            ))
        });
        violation.map_or(Ok(()), |(program, violation)| Err(broken(&program.history, violation)))
    }

    fn arrived(&mut self, id: ProgramId) -> Result<(), Broken> {
        self.stepped(id)?;
        // Only a request that placed a call can have placed a second one.
        let placed = self.simulation.service().placed();
        if std::mem::replace(&mut self.placed, placed) == placed {
            return Ok(());
        }
        let violation = self.simulation.program(id).and_then(|program| {
            Some((
                program,
                service_checks::on_arrival(self.simulation.service(), &program.history, self.intents())?,
            ))
        });
        violation.map_or(Ok(()), |(program, violation)| Err(broken(&program.history, violation)))
    }

    fn finished(&mut self, id: ProgramId, report: CallReport, table: &mut Table) -> Result<(), Broken> {
        let index = usize::try_from(id.number()).unwrap_or(usize::MAX);
        if let Some(known) = self.ends_by.get(index) {
            self.due.remove(&(*known, id.number()));
        }
        let CallReport { outcome, history } = report;
        if let Some((invariant, what)) = history.checks.broken() {
            return Err(broken(&history, (invariant, what.to_owned())));
        }
        if let Some(violation) = service_checks::on_end(
            self.simulation.service(),
            self.simulation.now(),
            &history,
            &outcome,
            self.heals,
        ) {
            return Err(broken(&history, violation));
        }
        table.add(&outcome, &history);
        if outcome == Outcome::NotPlaced {
            self.not_placed.push(*history);
        }
        Ok(())
    }

    fn end(&self, table: &mut Table) -> Result<(), Broken> {
        if let Some((_, call)) = self.due.first() {
            return Err(self.overdue(*call));
        }
        for history in &self.not_placed {
            if let Some(violation) = service_checks::of_not_placed(self.simulation.service(), history) {
                return Err(broken(history, violation));
            }
        }
        table.wave(self.simulation.now());
        Ok(())
    }

    fn intents(&self) -> u64 {
        u64::try_from(self.ends_by.len()).unwrap_or(u64::MAX)
    }
}

fn broken(history: &CallHistory, (invariant, what): Violation) -> Broken {
    Broken {
        invariant,
        call: history.intent.number,
        what,
        trace: history.trace.clone(),
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
