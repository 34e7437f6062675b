//! A world under dirt, small or large, that is run and judged.
use super::states::State;
use super::{
    invariant::Invariant,
    lifecycle::{Life, Mailroom, Outcome, Report, Shared},
    plant::Plant,
    restarts::Restarts,
    rows::{Fate, RowsLife},
    scrutiny::Meter,
    subject::{Over, Subject},
    trace::Trace,
    verdicts::{self, Breach},
};
use crate::random;
use crate::{
    DeliveryOptions, Dirt, Fault, Injection, ProgramId, Scene, Service, ServiceOptions, Simulation, Site, Step,
};
use byourside_proto::{
    Monotonic,
    webhook::{Verifier, WebhookSecret},
};
use fastrand::Rng;
use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Duration,
};

/// How many programs a drawn case has.
pub const PROGRAMS: u64 = 40;
/// What is drawn strikes no more from then on.
const HEALS: Monotonic = Monotonic::new(Duration::from_secs(150));
/// All is over long before.
const END: Monotonic = Monotonic::new(Duration::from_secs(4 * 3600));
/// More steps than any case takes that rests between its steps.
const MAX_STEPS: u32 = 2_000_000;

/// Programs, and the faults that strike them.
///
/// ```
/// use byourside_sim::{Fault, Site, check::Case};
/// // An answer to a POST is lost: nothing is to break.
/// let case = Case::scripted().program(0).with(Site::post(0, 1), Fault::AnswerLost, 0);
/// case.expect_held();
/// ```
#[derive(Clone, Debug)]
pub struct Case {
    pub(super) programs: Vec<u64>,
    pub(super) dirt: Dirt,
    pub(super) meter: Option<Meter>,
}

/// An invariant that broke.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which.
    pub invariant: Invariant,
    /// The number of the program.
    pub program: u64,
    /// How.
    pub what: String,
    pub(super) trace: Trace,
}

/// What a case came to.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// What broke, in the order in which it did.
    pub findings: Vec<Finding>,
    /// What struck.
    pub injections: Vec<Injection>,
    /// How many steps there were.
    pub steps: u32,
    /// How many calls were wanted.
    pub calls: u64,
    /// How often each state of a machine was met.
    pub states: BTreeMap<State, u64>,
}

impl Case {
    /// A case without programs or faults.
    #[must_use]
    pub fn scripted() -> Self {
        Self {
            programs: Vec::new(),
            dirt: Dirt::scripted(),
            meter: None,
        }
    }

    /// Forty programs, and faults drawn from this seed and the number of a wave.
    #[must_use]
    pub fn drawn(seed: u64, wave: u64) -> Self {
        let mut mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ wave;
        Self {
            programs: (0..PROGRAMS).collect(),
            dirt: Dirt::drawn(random::next(&mut mixed)).healed_at(HEALS),
            meter: None,
        }
    }

    /// Adds the program of this number. Each has a call of its own; every eighth one, from the seventh on, is a list of calls
    /// that is placed and waited for as a set. Five share an account.
    #[must_use]
    pub fn program(mut self, number: u64) -> Self {
        self.programs.push(number);
        self.programs.sort_unstable();
        self.programs.dedup();
        self
    }

    /// Adds a fault.
    #[must_use]
    pub fn with(mut self, site: Site, fault: Fault, parameter: u64) -> Self {
        self.dirt = self.dirt.with(site, fault, parameter);
        self
    }

    /// What strikes is drawn or scripted in this way.
    #[cfg(test)]
    pub(crate) fn under(self, dirt: Dirt) -> Self {
        Self { dirt, ..self }
    }

    /// What answers cost in memory is measured with this.
    #[must_use]
    pub fn metered(mut self, meter: Meter) -> Self {
        self.meter = Some(meter);
        self
    }

    /// Runs it, and expects that nothing breaks.
    ///
    /// # Panics
    /// If something does, with what led to it.
    #[track_caller]
    pub fn expect_held(&self) {
        let course = self.run();
        if let Some(finding) = course.findings.first() {
            panic!("{finding}");
        }
    }

    /// Runs it, and expects that this breaks.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn expect_broken(&self, invariant: Invariant) {
        let course = self.run();
        let broken = course.findings.iter().any(|finding| finding.invariant == invariant);
        assert!(broken, "it holds that {invariant}: {:?}", course.findings);
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(&self) -> Course {
        let Some(mut trial) = Trial::new(self) else {
            return Course::default();
        };
        trial.go_on();
        trial.end();
        trial.course.calls = trial.intents;
        trial.course.injections = trial
            .simulation
            .dirt()
            .map(|dirt| dirt.log().to_vec())
            .unwrap_or_default();
        trial.course
    }
}

#[cfg(test)]
pub(crate) mod tests;

struct Trial {
    simulation: Simulation<Subject>,
    intents: u64,
    finished: Vec<Life>,
    finished_rows: Vec<RowsLife>,
    course: Course,
}

impl Trial {
    fn new(case: &Case) -> Option<Self> {
        let options = ServiceOptions {
            count_placements: true,
            deliveries: DeliveryOptions::default(),
            ..ServiceOptions::default()
        };
        let mut simulation = Simulation::with_dirt(Service::with_options(7, options), case.dirt.clone());
        let verifier = Verifier::new(WebhookSecret::new("whsec_simulated").ok()?);
        let shared = Rc::new(Shared {
            verifier: verifier.clone(),
            mailroom: RefCell::new(Mailroom {
                percent: 0,
                random: Rng::with_seed(0),
                astray: None,
            }),
            restarts: RefCell::new(Restarts {
                percent: 0,
                random: Rng::with_seed(0),
            }),
        });
        let mut intents = 0;
        for number in &case.programs {
            let index = usize::try_from(*number).ok()?;
            let struck = simulation.strike(index, Scene::Start);
            let plant = Plant::of(*number, &struck, case.meter).ok()?;
            if struck.has(Fault::Yesterday) {
                for order in plant.orders() {
                    let service = simulation.service_mut();
                    service.place_in_background(Monotonic::ORIGIN, &order, crate::dirt::Background::Yesterday);
                }
            }
            let outage = plant.outage;
            intents += plant.intents();
            let subject = plant.subject(shared.clone(), verifier.clone());
            let id = simulation.add_numbered(index, subject);
            simulation.started_under(id, struck);
            if let Some(until) = outage {
                simulation.disconnect(id, until);
            }
        }
        Some(Self {
            simulation,
            intents,
            finished: Vec::new(),
            finished_rows: Vec::new(),
            course: Course::default(),
        })
    }

    fn go_on(&mut self) {
        while self.course.steps < MAX_STEPS {
            let simulation = &mut self.simulation;
            let Ok(step) = catch_unwind(AssertUnwindSafe(|| simulation.step(END))) else {
                let breach = (Invariant::Total, "it panics".to_owned());
                return self.found(u64::MAX, breach, Trace::default());
            };
            let Some(step) = step else { return };
            self.course.steps += 1;
            match step {
                Step::Finished(id, Over::Call(report)) => self.finished(id, *report),
                Step::Finished(id, Over::Rows(life)) => self.finished_rows(id, life),
                Step::Sent(id) => self.judge(id, Some(true)),
                Step::Arrived(id) => self.judge(id, Some(false)),
                Step::Woke(id) | Step::Received(id) | Step::Told(id) | Step::Acknowledged(id, _) => {
                    self.judge(id, None)
                }
            }
        }
        self.found(
            u64::MAX,
            (Invariant::Pace, "it goes on without end".to_owned()),
            Trace::default(),
        );
    }

    /// Looks at a program that has just made a step: it sent a request, one arrived, or neither.
    fn judge(&mut self, id: ProgramId, request: Option<bool>) {
        let Some(subject) = self.simulation.program(id) else {
            return;
        };
        let service = self.simulation.service();
        let own = subject
            .checks()
            .broken()
            .map(|(invariant, what)| (invariant, what.to_owned()));
        let late = (self.simulation.late_bodies(id) > 0).then(|| {
            let what = "its body leaves after the attempt's time by the wall clock";
            (Invariant::LateBody, what.to_owned())
        });
        let overdue = (subject.checks().limits().over < self.simulation.now() && !self.is_before(subject))
            .then(|| (Invariant::Ends, "its deadline has passed and it goes on".to_owned()));
        let known = match (subject, request) {
            (Subject::Call(call), Some(true)) => verdicts::of_sending(service, &call.life, &call.stage),
            (Subject::Call(call), Some(false)) => verdicts::of_arrival(service, &call.life, u64::MAX),
            (Subject::Rows(rows), Some(true)) => of_posting(service, &rows.life),
            (Subject::Rows(rows), Some(false)) => of_rows(service, &rows.life),
            _ => None,
        };
        if let Some(breach) = known.or(own).or(late).or(overdue) {
            let trace = subject.trace().clone();
            self.found(id.number(), breach, trace);
            let met = self.simulation.remove(id).map(|subject| subject.met());
            self.count(met.as_ref());
        }
    }

    /// Whether it has not begun: it has no deadline yet.
    fn is_before(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Call(call) => matches!(call.stage, super::stages::Stage::Before(_)),
            Subject::Rows(rows) => !rows.has_deadline(),
        }
    }

    fn finished(&mut self, id: ProgramId, report: Report) {
        let Report { outcome, life } = report;
        self.count(life.scrutiny.as_ref().map(|scrutiny| &scrutiny.met));
        let own = life
            .checks
            .broken()
            .map(|(invariant, what)| (invariant, what.to_owned()));
        let now = self.simulation.now();
        let contradicted = life.scrutiny.as_ref().is_some_and(|scrutiny| scrutiny.contradicted);
        let extreme = life.scrutiny.as_ref().is_some_and(|scrutiny| scrutiny.extreme);
        let known =
            verdicts::of_end(self.simulation.service(), now, &life, &outcome, HEALS).filter(|(invariant, _)| {
                match invariant {
                    // Nobody can tell whose end it is.
                    Invariant::OwnEnd => !contradicted && !self.simulation.service().shares_ids(),
                    Invariant::EndSeen => !extreme,
                    _ => true,
                }
            });
        match own.or(known) {
            Some(breach) => self.found(id.number(), breach, life.trace.clone()),
            None => {
                if matches!(
                    outcome,
                    Outcome::NotPlaced | Outcome::Unknown | Outcome::Ended(..) | Outcome::TimedOut | Outcome::GaveUp
                ) {
                    self.finished.push(*life);
                }
            }
        }
    }

    fn count(&mut self, met: Option<&BTreeMap<State, u64>>) {
        for (state, count) in met.into_iter().flatten() {
            *self.course.states.entry(*state).or_default() += count;
        }
    }

    fn finished_rows(&mut self, id: ProgramId, life: Box<RowsLife>) {
        self.count(Some(&life.scrutiny.met));
        let own = life
            .checks
            .broken()
            .map(|(invariant, what)| (invariant, what.to_owned()));
        let endless = life
            .rows
            .values()
            .any(|row| row.fate.is_none())
            .then(|| (Invariant::Ends, "a row of a list never ends".to_owned()));
        let service = self.simulation.service();
        let known = of_rows(service, &life).or_else(|| of_ends(service, self.simulation.now(), &life));
        match own.or(known).or(endless) {
            Some(breach) => self.found(id.number(), breach, life.trace.clone()),
            None => self.finished_rows.push(*life),
        }
    }

    /// What holds for good: nothing that was reported changes afterwards.
    fn end(&mut self) {
        let mut late: Vec<(u64, Breach, Trace)> = Vec::new();
        let service = self.simulation.service();
        for life in &self.finished {
            let breach = verdicts::of_arrival(service, life, u64::MAX).or_else(|| {
                let reported = life.reported_not_placed;
                reported.then(|| verdicts::of_not_placed(service, life)).flatten()
            });
            late.extend(breach.map(|breach| (life.intent.number, breach, life.trace.clone())));
        }
        for life in &self.finished_rows {
            late.extend(of_rows(service, life).map(|breach| (life.number, breach, life.trace.clone())));
        }
        let now = END;
        for (id, subject) in self.simulation.programs() {
            if subject.checks().limits().over < now {
                let breach = (Invariant::Ends, "it never ends".to_owned());
                late.push((id.number(), breach, subject.trace().clone()));
            }
        }
        for (program, breach, trace) in late {
            self.found(program, breach, trace);
        }
    }

    fn found(&mut self, program: u64, (invariant, what): Breach, trace: Trace) {
        self.course.findings.push(Finding {
            invariant,
            program,
            what,
            trace,
        });
    }
}

/// What must hold when the POST of a row leaves.
fn of_posting(service: &Service, life: &RowsLife) -> Option<Breach> {
    let row = life.rows.get(life.posting.as_ref()?)?;
    let calls = service.placements(&row.wanted.to, &row.wanted.objective).calls;
    (calls > 0).then(|| {
        let what = "a row is placed again although its call was placed";
        (Invariant::NoSecondPost, what.to_owned())
    })
}

/// What must hold of the rows that have ended, where the service's events do not contradict each other.
fn of_ends(service: &Service, now: Monotonic, life: &RowsLife) -> Option<Breach> {
    if life.scrutiny.contradicted || service.shares_ids() {
        return None;
    }
    life.rows.values().find_map(|row| {
        let call = service.call(row.id.as_ref()?)?;
        match &row.fate {
            Some(Fate::Ended(status)) if call.status_at(now) != *status => {
                let what = format!("a row is reported as {}, which it is not", status.as_str());
                Some((Invariant::OwnEnd, what))
            }
            _ => None,
        }
    })
}

/// What must hold of the rows of a list, at any time.
fn of_rows(service: &Service, life: &RowsLife) -> Option<Breach> {
    life.rows.values().find_map(|row| {
        let calls = service.placements(&row.wanted.to, &row.wanted.objective).calls;
        let own = |id: &byourside_proto::CallId| {
            let is_it = |call: &crate::SimulatedCall| {
                call.to().as_str() == row.wanted.to
                    && call.objective() == row.wanted.objective
                    && call.background.is_none()
            };
            service.shares_ids() || service.call(id).is_some_and(is_it)
        };
        if calls > 1 {
            Some((Invariant::OneRing, "a phone rings twice for a row".to_owned()))
        } else if row.fate == Some(Fate::NotPlaced) && calls > 0 {
            Some((
                Invariant::NotPlaced,
                "a row is reported as not placed, and was".to_owned(),
            ))
        } else if row.id.as_ref().is_some_and(|id| !own(id)) {
            Some((
                Invariant::OwnCall,
                "a row is reported as placed, with the id of another call".to_owned(),
            ))
        } else {
            None
        }
    })
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            invariant,
            program,
            what,
            trace,
        } = self;
        write!(
            f,
            "it does not hold that {invariant}: program {program}: {what}\n{trace}"
        )
    }
}
