//! A world under dirt, small or large, that is run and judged.
mod run;
#[cfg(test)]
pub(crate) mod tests;

use super::states::State;
use super::{dirty_checks::Meter, invariant::Invariant, trace::Trace};
use crate::random;
use crate::{Dirt, Fault, Injection, Site};
use byourside_proto::Monotonic;
use run::CaseRun;
use std::{collections::BTreeMap, fmt, time::Duration};

/// How many programs a drawn case has.
pub const PROGRAMS: u64 = 40;
/// What is drawn strikes no more from then on.
const HEALS: Monotonic = Monotonic::new(Duration::from_secs(150));

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
pub struct CaseReport {
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
        let report = self.run();
        if let Some(finding) = report.findings.first() {
            panic!("{finding}");
        }
    }

    /// Runs it, and expects that this breaks.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn expect_broken(&self, invariant: Invariant) {
        let report = self.run();
        let broken = report.findings.iter().any(|finding| finding.invariant == invariant);
        assert!(broken, "it holds that {invariant}: {:?}", report.findings);
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(&self) -> CaseReport {
        let Some(mut run) = CaseRun::new(self) else {
            return CaseReport::default();
        };
        run.run_steps();
        run.end();
        run.report.calls = run.intents;
        run.report.injections = run
            .simulation
            .dirt()
            .map(|dirt| dirt.log().to_vec())
            .unwrap_or_default();
        run.report
    }
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
