//! The list of known findings, one line for each seed.
use super::{Case, Invariant, Shrunk};
use crate::{Fault, Injection, Site};
use std::fmt;

/// A known finding: the seed that finds it, the invariant that breaks, and the smallest case that breaks it.
///
/// ```
/// use byourside_sim::check::Seed;
/// let line = "A1 | read | seed 1, wave 3 | program 17 | of 17 | HalfEmoji 0 at GET 1 of 17";
/// let seed: Seed = line.parse()?;
/// assert_eq!(seed.to_string(), line);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug)]
pub struct Seed {
    /// The kind of finding, as the list names it.
    pub kind: String,
    /// The invariant that breaks.
    pub invariant: Invariant,
    /// The seed.
    pub seed: u64,
    /// The wave of that seed.
    pub wave: u64,
    /// The number of the program that breaks it.
    pub program: u64,
    /// The smallest case that breaks it.
    pub case: Case,
}

impl Seed {
    /// The finding of a wave of this seed, with its shrunk case.
    #[must_use]
    pub fn of(kind: &str, seed: u64, wave: u64, shrunk: &Shrunk) -> Self {
        Self {
            kind: kind.to_owned(),
            invariant: shrunk.invariant,
            seed,
            wave,
            program: shrunk.program,
            case: shrunk.case.clone(),
        }
    }

    /// Runs the case, and returns whether the invariant still breaks.
    #[must_use]
    pub fn breaks(&self) -> bool {
        let found = |finding: &super::Finding| finding.invariant == self.invariant && finding.program == self.program;
        self.case.run().findings.iter().any(found)
    }
}

impl std::str::FromStr for Seed {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        read(line).ok_or_else(|| format!("this is no line of a list of seeds: {line}"))
    }
}

fn read(line: &str) -> Option<Seed> {
    let mut parts = line.split(" | ").map(str::trim);
    let kind = parts.next()?.to_owned();
    let invariant = Invariant::named(parts.next()?)?;
    let (seed, wave) = parts.next()?.strip_prefix("seed ")?.split_once(", wave ")?;
    let program = parts.next()?.strip_prefix("program ")?.parse().ok()?;
    let programs = parts.next()?.strip_prefix("of ")?;
    let mut case = Case::scripted();
    for number in programs.split(' ') {
        case = case.program(number.parse().ok()?);
    }
    for fault in parts.next()?.split("; ").filter(|fault| !fault.is_empty()) {
        let (what, site) = fault.split_once(" at ")?;
        let (name, parameter) = what.split_once(' ')?;
        case = case.with(Site::parse(site)?, Fault::named(name)?, parameter.parse().ok()?);
    }
    Some(Seed {
        kind,
        invariant,
        seed: seed.parse().ok()?,
        wave: wave.parse().ok()?,
        program,
        case,
    })
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            invariant,
            seed,
            wave,
            program,
            case,
        } = self;
        let programs: Vec<String> = case.programs.iter().map(ToString::to_string).collect();
        let fault = |Injection { site, fault, parameter }| format!("{} {parameter} at {site}", fault.code());
        let faults: Vec<String> = case.dirt.script().map(fault).collect();
        write!(
            f,
            "{kind} | {} | seed {seed}, wave {wave} | program {program} | of {} | {}",
            invariant.code(),
            programs.join(" "),
            faults.join("; ")
        )
    }
}
