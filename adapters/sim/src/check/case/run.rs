//! One run of a case, step by step.
use super::super::states::State;
use super::{Case, CaseReport, Finding, HEALS};
use crate::check::{
    call_list::ListHistory,
    checked_program::{CheckedEnd, CheckedProgram},
    invariant::Invariant,
    lifecycle::{CallHistory, CallReport, Outcome, ReplyRouter, Shared},
    program_plan::ProgramPlan,
    restarts::Restarts,
    service_checks::{self, Violation},
    trace::Trace,
};
use crate::{DeliveryOptions, Fault, ProgramId, Service, ServiceOptions, Simulation, Step, Target};
use byourside_proto::{
    Monotonic,
    webhook::{Verifier, WebhookSecret},
};
use fastrand::Rng;
use std::{
    cell::RefCell,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Duration,
};

/// The end of a run: every program should have ended long before.
pub(super) const END: Monotonic = Monotonic::new(Duration::from_secs(4 * 3600));
/// The most steps of a run. A case whose programs pause between requests takes far fewer.
const MAX_STEPS: u32 = 2_000_000;

pub(super) struct CaseRun {
    pub(super) simulation: Simulation<CheckedProgram>,
    pub(super) intents: u64,
    finished: Vec<CallHistory>,
    finished_lists: Vec<ListHistory>,
    pub(super) report: CaseReport,
}

impl CaseRun {
    pub(super) fn new(case: &Case) -> Option<Self> {
        let options = ServiceOptions {
            count_placements: true,
            deliveries: DeliveryOptions::default(),
            ..ServiceOptions::default()
        };
        let mut simulation = Simulation::with_dirt(Service::with_options(7, options), case.dirt.clone());
        let verifier = Verifier::new(WebhookSecret::new("whsec_simulated").ok()?);
        let shared = Rc::new(Shared {
            verifier: verifier.clone(),
            reply_router: RefCell::new(ReplyRouter {
                percent: 0,
                random: Rng::with_seed(0),
                misrouted: None,
            }),
            restarts: RefCell::new(Restarts {
                percent: 0,
                random: Rng::with_seed(0),
            }),
        });
        let mut intents = 0;
        for number in &case.programs {
            let index = usize::try_from(*number).ok()?;
            let active = simulation.inject(index, Target::Start);
            let plan = ProgramPlan::of(*number, &active, case.meter).ok()?;
            if active.has(Fault::Yesterday) {
                for order in plan.orders() {
                    let service = simulation.service_mut();
                    service.place_in_background(Monotonic::ORIGIN, &order, crate::dirt::Background::Yesterday);
                }
            }
            let outage = plan.outage;
            intents += plan.intents();
            let program = plan.into_program(shared.clone(), verifier.clone());
            let id = simulation.add_numbered(index, program);
            simulation.set_start_faults(id, active);
            if let Some(until) = outage {
                simulation.disconnect(id, until);
            }
        }
        Some(Self {
            simulation,
            intents,
            finished: Vec::new(),
            finished_lists: Vec::new(),
            report: CaseReport::default(),
        })
    }

    pub(super) fn run_steps(&mut self) {
        while self.report.steps < MAX_STEPS {
            let simulation = &mut self.simulation;
            let Ok(step) = catch_unwind(AssertUnwindSafe(|| simulation.step(END))) else {
                let violation = (Invariant::Total, "it panics".to_owned());
                return self.found(u64::MAX, violation, Trace::default());
            };
            let Some(step) = step else { return };
            self.report.steps += 1;
            match step {
                Step::Finished(id, CheckedEnd::Call(report)) => self.finished(id, *report),
                Step::Finished(id, CheckedEnd::List(history)) => self.finished_lists(id, history),
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

    /// Checks a program after a step. `request` is true if it sent a request, false if a request of it arrived.
    fn judge(&mut self, id: ProgramId, request: Option<bool>) {
        let Some(program) = self.simulation.program(id) else {
            return;
        };
        let service = self.simulation.service();
        let own = program
            .checks()
            .broken()
            .map(|(invariant, what)| (invariant, what.to_owned()));
        let late = (self.simulation.late_bodies(id) > 0).then(|| {
            let what = "its body leaves after the attempt's time by the wall clock";
            (Invariant::LateBody, what.to_owned())
        });
        let overdue = (program.checks().limits().ends_by < self.simulation.now() && !self.is_before(program))
            .then(|| (Invariant::Ends, "its deadline has passed and it goes on".to_owned()));
        let known = match (program, request) {
            (CheckedProgram::Call(call), Some(true)) => service_checks::on_send(service, &call.history, &call.stage),
            (CheckedProgram::Call(call), Some(false)) => service_checks::on_arrival(service, &call.history, u64::MAX),
            (CheckedProgram::List(rows), Some(true)) => service_checks::row_on_post(service, &rows.history),
            (CheckedProgram::List(rows), Some(false)) => service_checks::rows_on_arrival(service, &rows.history),
            _ => None,
        };
        if let Some(violation) = known.or(own).or(late).or(overdue) {
            let trace = program.trace().clone();
            self.found(id.number(), violation, trace);
            let state_counts = self.simulation.remove(id).map(|program| program.state_counts());
            self.count(state_counts.as_ref());
        }
    }

    /// Whether the program has not started, and so has no deadline.
    fn is_before(&self, program: &CheckedProgram) -> bool {
        match program {
            CheckedProgram::Call(call) => matches!(call.stage, super::super::stages::Stage::Scheduled(_)),
            CheckedProgram::List(rows) => !rows.has_deadline(),
        }
    }

    fn finished(&mut self, id: ProgramId, report: CallReport) {
        let CallReport { outcome, history } = report;
        self.count(
            history
                .dirty_checks
                .as_ref()
                .map(|dirty_checks| &dirty_checks.state_counts),
        );
        let own = history
            .checks
            .broken()
            .map(|(invariant, what)| (invariant, what.to_owned()));
        let now = self.simulation.now();
        let contradicted = history
            .dirty_checks
            .as_ref()
            .is_some_and(|dirty_checks| dirty_checks.contradicted);
        let extreme = history
            .dirty_checks
            .as_ref()
            .is_some_and(|dirty_checks| dirty_checks.extreme);
        let known = service_checks::on_end(self.simulation.service(), now, &history, &outcome, HEALS).filter(
            |(invariant, _)| {
                match invariant {
                    // The client cannot know whose end it is.
                    Invariant::OwnEnd => !contradicted && !self.simulation.service().shares_ids(),
                    Invariant::EndSeen => !extreme,
                    _ => true,
                }
            },
        );
        match own.or(known) {
            Some(violation) => self.found(id.number(), violation, history.trace.clone()),
            None => {
                if matches!(
                    outcome,
                    Outcome::NotPlaced | Outcome::Unknown | Outcome::Ended(..) | Outcome::TimedOut | Outcome::GaveUp
                ) {
                    self.finished.push(*history);
                }
            }
        }
    }

    fn count(&mut self, state_counts: Option<&BTreeMap<State, u64>>) {
        for (state, count) in state_counts.into_iter().flatten() {
            *self.report.states.entry(*state).or_default() += count;
        }
    }

    fn finished_lists(&mut self, id: ProgramId, history: Box<ListHistory>) {
        self.count(Some(&history.dirty_checks.state_counts));
        let own = history
            .checks
            .broken()
            .map(|(invariant, what)| (invariant, what.to_owned()));
        let endless = history
            .rows
            .values()
            .any(|row| row.outcome.is_none())
            .then(|| (Invariant::Ends, "a row of a list never ends".to_owned()));
        let service = self.simulation.service();
        let known = service_checks::rows_on_arrival(service, &history)
            .or_else(|| service_checks::rows_on_end(service, self.simulation.now(), &history));
        match own.or(known).or(endless) {
            Some(violation) => self.found(id.number(), violation, history.trace.clone()),
            None => self.finished_lists.push(*history),
        }
    }

    /// Checks at the end of the run that nothing that was reported has become wrong since.
    pub(super) fn end(&mut self) {
        let mut late: Vec<(u64, Violation, Trace)> = Vec::new();
        let service = self.simulation.service();
        for history in &self.finished {
            let violation = service_checks::on_arrival(service, history, u64::MAX).or_else(|| {
                let reported = history.reported_not_placed;
                reported
                    .then(|| service_checks::of_not_placed(service, history))
                    .flatten()
            });
            late.extend(violation.map(|violation| (history.intent.number, violation, history.trace.clone())));
        }
        for history in &self.finished_lists {
            late.extend(
                service_checks::rows_on_arrival(service, history)
                    .map(|violation| (history.number, violation, history.trace.clone())),
            );
        }
        let now = END;
        for (id, program) in self.simulation.programs() {
            if program.checks().limits().ends_by < now {
                let violation = (Invariant::Ends, "it never ends".to_owned());
                late.push((id.number(), violation, program.trace().clone()));
            }
        }
        for (program, violation, trace) in late {
            self.found(program, violation, trace);
        }
    }

    fn found(&mut self, program: u64, (invariant, what): Violation, trace: Trace) {
        self.report.findings.push(Finding {
            invariant,
            program,
            what,
            trace,
        });
    }
}
