//! The profile `dirty`: broken invariants are collected, counted and shrunk, instead of ending the run.
use crate::{Options, jobs};
use byourside_examples::say;
use byourside_sim::{
    Fault,
    check::{Case, CaseReport, Finding, Invariant, Meter, Seed, Shrunk, State},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fmt::Write,
    fs,
    num::NonZero,
    panic,
    process::ExitCode,
    time::Instant,
};

/// How many findings of one kind are shrunk in each wave.
const SHRUNK_ALIKE: u32 = 2;
/// A finding that needs more faults than this is counted but not shown.
const MOST_FAULTS: usize = 12;

/// The findings of all waves.
#[derive(Default)]
struct Findings {
    waves: u64,
    calls: u64,
    steps: u64,
    faults: BTreeMap<Fault, u64>,
    states: BTreeMap<State, u64>,
    broken: BTreeMap<Invariant, (u64, u64, Finding)>,
    shrunk: BTreeMap<(Invariant, BTreeSet<Fault>), (u64, Shrunk)>,
}

/// Runs waves under drawn faults, until there were as many calls as asked for.
pub fn search(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let began = Instant::now();
    // A panic is a finding like any other, and is reported as one.
    panic::set_hook(Box::new(|_| {}));
    let (seed, shrink) = (options.seed, options.shrink);
    let one = |wave: u64| {
        let case = Case::drawn(seed, wave).metered(METER);
        let report = case.run();
        let shrunk = if shrink { small(&case, &report) } else { Vec::new() };
        (report, shrunk)
    };
    let waves = match options.wave {
        Some(wave) => wave..wave.saturating_add(1),
        None => 0..options.calls,
    };
    let mut found = Findings::default();
    jobs::in_order(waves, options.jobs, one, |wave, (report, shrunk)| {
        found.add(wave, report, shrunk);
        found.calls < options.calls
    });
    say(format_args!("seed {seed}, faults dirty\n{}", found.table()))?;
    if shrink {
        say(found.small(seed))?;
    }
    let seconds = began.elapsed().as_secs_f64();
    say(format_args!("real time           {seconds:.1} s"))?;
    Ok(if found.broken.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs each seed of a list, and checks that it breaks the invariant that the list says.
pub fn check_list(path: &str, jobs: NonZero<u64>) -> Result<ExitCode, Box<dyn Error>> {
    panic::set_hook(Box::new(|_| {}));
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let seeds: Vec<Seed> = lines.map(str::parse).collect::<Result<_, String>>()?;
    if seeds.is_empty() {
        return Err(format!("{path}: it has no seeds").into());
    }
    // Each shrunk case is run, and each wave once as it was drawn, which is what a search would find.
    let waves: BTreeSet<(u64, u64)> = seeds.iter().map(|seed| (seed.seed, seed.wave)).collect();
    let waves: Vec<(u64, u64)> = waves.into_iter().collect();
    let drawn = |index: u64| {
        let (seed, wave) = waves[usize::try_from(index).unwrap_or(0)];
        let report = Case::drawn(seed, wave).metered(METER).run();
        let broken: BTreeSet<(Invariant, u64)> = report
            .findings
            .iter()
            .map(|finding| (finding.invariant, finding.program))
            .collect();
        ((seed, wave), broken)
    };
    let mut broken = BTreeMap::new();
    jobs::in_order(0..u64::try_from(waves.len())?, jobs, drawn, |_, (wave, invariants)| {
        broken.insert(wave, invariants);
        true
    });
    let mut held = Vec::new();
    for seed in &seeds {
        let small = Seed {
            case: seed.case.clone().metered(METER),
            ..seed.clone()
        };
        let drawn = broken.get(&(seed.seed, seed.wave));
        if !small.breaks() || !drawn.is_some_and(|broken| broken.contains(&(seed.invariant, seed.program))) {
            held.push(seed);
        }
    }
    if held.is_empty() {
        say(format_args!("{} seeds break what the list says", seeds.len()))?;
        return Ok(ExitCode::SUCCESS);
    }
    say("These seeds no longer break what the list says. Remove them, and turn them into tests that must pass:")?;
    for seed in held {
        say(seed)?;
    }
    Ok(ExitCode::FAILURE)
}

/// Measures the peak of allocated bytes during a piece of work.
const METER: Meter = |work| allocation_counter::measure(work).bytes_max;

fn small(case: &Case, report: &CaseReport) -> Vec<Shrunk> {
    let mut alike: BTreeMap<(Invariant, String), u32> = BTreeMap::new();
    let mut shrunk = Vec::new();
    for finding in &report.findings {
        let words = finding
            .what
            .chars()
            .filter(|letter| letter.is_ascii_alphabetic())
            .take(40)
            .collect();
        let count = alike.entry((finding.invariant, words)).or_default();
        *count += 1;
        if *count <= SHRUNK_ALIKE {
            let smallest = report.shrink(case, finding.invariant, finding.program);
            shrunk.extend(smallest.filter(|smallest| smallest.faults().len() <= MOST_FAULTS));
        }
    }
    shrunk
}

impl Findings {
    fn add(&mut self, wave: u64, report: CaseReport, shrunk: Vec<Shrunk>) {
        self.waves += 1;
        self.calls += report.calls;
        self.steps += u64::from(report.steps);
        for injection in report.injections {
            *self.faults.entry(injection.fault).or_default() += 1;
        }
        for (state, count) in report.states {
            *self.states.entry(state).or_default() += count;
        }
        for finding in report.findings {
            let (count, _, _) = self.broken.entry(finding.invariant).or_insert((0, wave, finding));
            *count += 1;
        }
        for small in shrunk {
            let faults = small.faults().iter().map(|injection| injection.fault).collect();
            let smallest = self
                .shrunk
                .entry((small.invariant, faults))
                .or_insert_with(|| (wave, small.clone()));
            if small.faults().len() < smallest.1.faults().len() {
                *smallest = (wave, small);
            }
        }
    }

    fn table(&self) -> String {
        let mut text = String::new();
        let mut line = |line: std::fmt::Arguments<'_>| {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{line}");
        };
        line(format_args!("waves               {:>10}", self.waves));
        line(format_args!("calls               {:>10}", self.calls));
        line(format_args!("steps               {:>10}", self.steps));
        line(format_args!("faults that struck"));
        for fault in Fault::ALL {
            line(format_args!(
                "  {:<45} {:>7}",
                fault.name(),
                self.faults.get(fault).copied().unwrap_or(0)
            ));
        }
        line(format_args!("states that were met"));
        for state in State::ALL {
            line(format_args!(
                "  {:<60} {:>7}",
                state.name(),
                self.states.get(state).copied().unwrap_or(0)
            ));
        }
        let faults = Fault::ALL
            .iter()
            .filter(|fault| !self.faults.contains_key(fault))
            .map(|fault| fault.name());
        let states = State::ALL
            .iter()
            .filter(|state| !self.states.contains_key(state))
            .map(|state| state.name());
        let never: Vec<&str> = faults.chain(states).collect();
        line(format_args!(
            "never met: {}",
            if never.is_empty() {
                "nothing".into()
            } else {
                never.join("; ")
            }
        ));
        line(format_args!("invariants that broke"));
        for (invariant, (count, wave, finding)) in &self.broken {
            line(format_args!(
                "  {:<15} {count:>7}  first in wave {wave}, program {}: {}",
                invariant.code(),
                finding.program,
                finding.what
            ));
        }
        if self.broken.is_empty() {
            line(format_args!("  none"));
        }
        text
    }

    fn small(&self, seed: u64) -> String {
        let mut text = String::from("as small as they could be made, for the list of seeds\n");
        for (wave, shrunk) in self.shrunk.values() {
            let _ = writeln!(text, "{}", Seed::of("?", seed, *wave, shrunk));
        }
        for (_, shrunk) in self.shrunk.values() {
            let _ = writeln!(text, "\n{}", shrunk.test());
        }
        text
    }
}
