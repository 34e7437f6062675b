//! Shrinks a case to the faults that are needed to break an invariant.
#[cfg(test)]
mod tests;

use super::{Case, CaseReport, Invariant};
use crate::{Dirt, Injection};

/// How often a case is run at the most to shrink it.
const TRIES: u32 = 600;
/// How many steps all these runs may take together.
const STEPS: u64 = 400_000;

/// A case that breaks an invariant, shrunk as far as possible.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The invariant that breaks.
    pub invariant: Invariant,
    /// The number of the program that breaks it.
    pub program: u64,
    /// How it breaks, in words.
    pub what: String,
    /// The shrunk case.
    pub case: Case,
    faults: Vec<Injection>,
}

impl CaseReport {
    /// Shrinks the case of this report to what is needed to break this invariant in this program: removes other
    /// programs, then faults, then replaces parameters with small numbers. `None` if the invariant did not break there.
    #[must_use]
    pub fn shrink(&self, case: &Case, invariant: Invariant, program: u64) -> Option<Shrunk> {
        let mut shrinker = Shrinker {
            meter: case.meter,
            invariant,
            program,
            left: TRIES,
            steps: 0,
            what: String::new(),
        };
        let account = program / 5 * 5;
        let neighbours: Vec<u64> = (account..account.saturating_add(5)).collect();
        let candidates = [vec![program], neighbours, case.programs.clone()];
        let faults_of = |programs: &[u64]| -> Vec<Injection> {
            let of = |injection: &&Injection| programs.contains(&injection.site.program);
            self.injections.iter().filter(of).copied().collect()
        };
        let (mut programs, mut faults) = candidates
            .into_iter()
            .map(|programs| (faults_of(&programs), programs))
            .find(|(faults, programs)| shrinker.breaks(programs, faults))
            .map(|(faults, programs)| (programs, faults))?;
        shrinker.fewer(&programs, &mut faults);
        shrinker.fewer_programs(&mut programs, &faults);
        shrinker.smaller(&programs, &mut faults);
        // With fewer programs and other parameters, some faults may no longer be needed.
        shrinker.fewer(&programs, &mut faults);
        let case = shrinker.case(&programs, &faults);
        shrinker.breaks(&programs, &faults);
        Some(Shrunk {
            invariant,
            program,
            what: shrinker.what,
            case,
            faults,
        })
    }
}

struct Shrinker {
    meter: Option<super::Meter>,
    invariant: Invariant,
    program: u64,
    left: u32,
    steps: u64,
    what: String,
}

impl Shrinker {
    fn case(&self, programs: &[u64], faults: &[Injection]) -> Case {
        let dirt = faults.iter().fold(Dirt::scripted(), |dirt, injection| {
            dirt.with(injection.site, injection.fault, injection.parameter)
        });
        Case {
            programs: programs.to_vec(),
            dirt,
            meter: self.meter,
        }
    }

    fn breaks(&mut self, programs: &[u64], faults: &[Injection]) -> bool {
        self.left = self.left.saturating_sub(1);
        let report = self.case(programs, faults).run();
        self.steps += u64::from(report.steps);
        if self.steps > STEPS {
            self.left = 0;
        }
        let found = report
            .findings
            .into_iter()
            .find(|finding| finding.invariant == self.invariant && finding.program == self.program);
        if let Some(finding) = found {
            self.what = finding.what;
            return true;
        }
        false
    }

    /// Removes ranges of faults, shorter and shorter ones, as long as the case still breaks.
    fn fewer(&mut self, programs: &[u64], faults: &mut Vec<Injection>) {
        let mut size = faults.len().div_ceil(2);
        while size > 0 && self.left > 0 {
            let mut from = 0;
            while from < faults.len() && self.left > 0 {
                let mut without = faults.clone();
                without.drain(from..(from + size).min(faults.len()));
                if self.breaks(programs, &without) {
                    *faults = without;
                } else {
                    from += size;
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
    }

    fn fewer_programs(&mut self, programs: &mut Vec<u64>, faults: &[Injection]) {
        for number in programs.clone() {
            if number == self.program || self.left == 0 {
                continue;
            }
            let without: Vec<u64> = programs.iter().copied().filter(|known| *known != number).collect();
            if self.breaks(&without, faults) {
                *programs = without;
            }
        }
    }

    /// Replaces parameters with small numbers where the case still breaks.
    fn smaller(&mut self, programs: &[u64], faults: &mut [Injection]) {
        for at in 0..faults.len() {
            for parameter in [0, 1, 60, 404] {
                let mut simpler = faults.to_vec();
                simpler[at].parameter = parameter;
                if self.left > 0 && self.breaks(programs, &simpler) {
                    faults[at].parameter = parameter;
                    break;
                }
            }
        }
    }
}

impl Shrunk {
    /// The faults of the shrunk case.
    #[must_use]
    pub fn faults(&self) -> &[Injection] {
        &self.faults
    }

    /// A test to paste, which fails until the finding is fixed.
    #[must_use]
    pub fn test(&self) -> String {
        let mut text = String::from("use byourside_sim::{Fault, Site, check::Case};\n\n#[test]\nfn ");
        let names: Vec<String> = self
            .faults
            .iter()
            .map(|injection| word(injection.fault.name()))
            .collect();
        text += &format!("{}_holds", self.invariant.code().replace('-', "_"));
        if !names.is_empty() {
            text += &format!("_with_{}", names.join("_and_"));
        }
        text += "() {\n    let case = Case::scripted()";
        for program in &self.case.programs {
            text += &format!("\n        .program({program})");
        }
        for Injection { site, fault, parameter } in &self.faults {
            text += &format!("\n        .with({}, Fault::{fault:?}, {parameter})", site.code());
        }
        if self.invariant == Invariant::Memory {
            text += "\n        .metered(|work| allocation_counter::measure(work).bytes_max)";
        }
        text + &format!(";\n    // Else: {}.\n    case.expect_held();\n}}\n", self.what)
    }
}

/// The text as part of a Rust name.
fn word(text: &str) -> String {
    text.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}
