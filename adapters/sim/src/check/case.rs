//! Cases: programs under injected faults, whose invariants are checked.
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

/// How many programs a [drawn](Case::drawn) case has.
pub const PROGRAMS: u64 = 40;
/// From this time on no drawn fault is injected.
const HEALS: Monotonic = Monotonic::new(Duration::from_secs(150));

/// A test case: programs, and the faults that are injected into them.
///
/// ```
/// use byourside_sim::{Fault, Site, check::Case};
/// // The answer to the POST is lost. No invariant may break.
/// let case = Case::scripted().program(0).with(Site::post(0, 1), Fault::AnswerLost, 0);
/// case.expect_held();
/// ```
#[derive(Clone, Debug)]
pub struct Case {
    pub(super) programs: Vec<u64>,
    pub(super) dirt: Dirt,
    pub(super) meter: Option<Meter>,
}

/// A broken invariant.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The invariant.
    pub invariant: Invariant,
    /// The number of the program that broke it.
    pub program: u64,
    /// How it broke, in words.
    pub what: String,
    pub(super) trace: Trace,
}

/// The result of running a case.
#[derive(Clone, Debug, Default)]
pub struct CaseReport {
    /// The broken invariants, in the order in which they broke.
    pub findings: Vec<Finding>,
    /// The faults that were injected.
    pub injections: Vec<Injection>,
    /// How many steps the simulation took.
    pub steps: u32,
    /// How many calls the programs wanted to place.
    pub calls: u64,
    /// How often each state of a machine was reached.
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

    /// A case of forty programs, with faults drawn from this seed and the number of a wave.
    #[must_use]
    pub fn drawn(seed: u64, wave: u64) -> Self {
        let mut mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ wave;
        Self {
            programs: (0..PROGRAMS).collect(),
            dirt: Dirt::drawn(random::next(&mut mixed)).healed_at(HEALS),
            meter: None,
        }
    }

    /// Adds the program of this number. The number decides what the program does: most place one call and wait for it;
    /// 7, 15, 23, ... place a list of calls and wait for it as a set. Five consecutive programs share an account.
    #[must_use]
    pub fn program(mut self, number: u64) -> Self {
        self.programs.push(number);
        self.programs.sort_unstable();
        self.programs.dedup();
        self
    }

    /// Adds a fault to the script.
    #[must_use]
    pub fn with(mut self, site: Site, fault: Fault, parameter: u64) -> Self {
        self.dirt = self.dirt.with(site, fault, parameter);
        self
    }

    /// Replaces the faults.
    #[cfg(test)]
    pub(crate) fn under(self, dirt: Dirt) -> Self {
        Self { dirt, ..self }
    }

    /// Measures the memory that parsing an answer takes with this meter.
    #[must_use]
    pub fn metered(mut self, meter: Meter) -> Self {
        self.meter = Some(meter);
        self
    }

    /// Runs the case, and expects that no invariant breaks.
    ///
    /// # Panics
    /// If an invariant breaks, with the last steps before that.
    #[track_caller]
    pub fn expect_held(&self) {
        let report = self.run();
        if let Some(finding) = report.findings.first() {
            panic!("{finding}");
        }
    }

    /// Runs the case, and expects that this invariant breaks.
    ///
    /// # Panics
    /// If the invariant holds.
    #[track_caller]
    pub fn expect_broken(&self, invariant: Invariant) {
        let report = self.run();
        let broken = report.findings.iter().any(|finding| finding.invariant == invariant);
        assert!(broken, "it holds that {invariant}: {:?}", report.findings);
    }

    /// Runs the case to its end.
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
