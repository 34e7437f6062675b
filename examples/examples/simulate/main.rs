//! Runs many calls from the POST to the end under faults, in virtual time, and checks the invariants at every step.
//!
//! ```sh
//! cargo run --release --example simulate -- --calls 10000 --seed 7 --faults harsh
//! ```
//!
//! The same arguments print the same bytes on every machine, with any number of jobs, except the lines that start with
//! `real`. Exit codes: 0 if every invariant held, or with `--seeds`, if every seed breaks what the list says; 1 if not;
//! 2 for wrong usage or a closed output.
mod dirty;
mod jobs;

use byourside_examples::{log, say};
use byourside_sim::{
    Profile,
    check::{Broken, Table, run_wave},
};
use lexopt::prelude::*;
use std::{error::Error, num::NonZero, process::ExitCode, time::Instant};

const USAGE: &str = "\
Runs calls from the POST to the end under faults, and checks the invariants at every step.

Usage: simulate [--calls N] [--seed S] [--faults PROFILE] [--wave W] [--jobs N] [--shrink] [--seeds FILE]

  --calls N         how many calls; default 10000
  --seed S          decides every random choice; default 1
  --faults PROFILE  none, mild, harsh or dirty; default harsh
  --wave W          runs only this wave, as an error names it
  --jobs N          how many waves run at the same time; default 1
  --shrink          with dirty: shrinks what breaks, and prints it as tests to paste
  --seeds FILE      runs only the seeds of a list of known findings";

/// How many calls are in a wave. They run at the same time, with a service of their own.
const WAVE: u64 = 400;

struct Options {
    calls: u64,
    seed: u64,
    faults: Faults,
    wave: Option<u64>,
    jobs: NonZero<u64>,
    shrink: bool,
    seeds: Option<String>,
}

#[derive(Clone, Copy)]
enum Faults {
    Profile(Profile),
    Dirty,
}

fn main() -> ExitCode {
    simulate().unwrap_or_else(|error| {
        log(format_args!("simulate: {error}\n\n{USAGE}"));
        ExitCode::from(2)
    })
}

fn simulate() -> Result<ExitCode, Box<dyn Error>> {
    let Some(options) = read(lexopt::Parser::from_env())? else {
        say(USAGE)?;
        return Ok(ExitCode::SUCCESS);
    };
    if let Some(path) = &options.seeds {
        return dirty::check_list(path, options.jobs);
    }
    match options.faults {
        Faults::Dirty => dirty::search(&options),
        Faults::Profile(profile) => run(&options, profile),
    }
}

fn run(options: &Options, profile: Profile) -> Result<ExitCode, Box<dyn Error>> {
    let began = Instant::now();
    let Options { calls, seed, jobs, .. } = *options;
    let mut table = Table::default();
    let waves = calls.div_ceil(WAVE);
    let waves = match options.wave {
        Some(wave) => wave.min(waves)..wave.saturating_add(1).min(waves),
        None => 0..waves,
    };
    let one = |number: u64| {
        let mut table = Table::default();
        let mut done = Ok(());
        let calls = WAVE.min(calls - number * WAVE);
        // Allocations are counted only for the profile `dirty`, which checks them.
        allocation_counter::opt_out(|| done = run_wave(seed, number, calls, profile, &mut table));
        done.map(|()| table)
    };
    let mut broken: Option<(u64, Broken)> = None;
    jobs::in_order(waves, jobs, one, |number, wave| match wave {
        Ok(wave) => {
            table.merge(wave);
            true
        }
        Err(what) => {
            broken = Some((number, what));
            false
        }
    });
    if let Some((number, broken)) = broken {
        let again = format_args!("--seed {seed} --faults {profile} --calls {calls} --wave {number}");
        say(format_args!("broken with {again}\n{broken}"))?;
        return Ok(ExitCode::FAILURE);
    }
    say(format_args!("seed {seed}, faults {profile}\n{table}"))?;
    let seconds = began.elapsed().as_secs_f64();
    let rate = table.calls() as f64 / seconds;
    say(format_args!(
        "real time           {seconds:.1} s\nreal calls a second {rate:.0}"
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn read(mut arguments: lexopt::Parser) -> Result<Option<Options>, Box<dyn Error>> {
    let mut options = Options {
        calls: 10_000,
        seed: 1,
        faults: Faults::Profile(Profile::Harsh),
        wave: None,
        jobs: NonZero::<u64>::MIN,
        shrink: false,
        seeds: None,
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("calls") => options.calls = arguments.value()?.parse()?,
            Long("seed") => options.seed = arguments.value()?.parse()?,
            Long("wave") => options.wave = Some(arguments.value()?.parse()?),
            Long("jobs") => options.jobs = arguments.value()?.parse()?,
            Long("shrink") => options.shrink = true,
            Long("seeds") => options.seeds = Some(arguments.value()?.string()?),
            Long("faults") => {
                let name = arguments.value()?.string()?;
                options.faults = match Profile::named(&name) {
                    Some(profile) => Faults::Profile(profile),
                    None if name == "dirty" => Faults::Dirty,
                    None => return Err(format!("{name:?} is none of none, mild, harsh and dirty").into()),
                };
            }
            Long("help") | Short('h') => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(options))
}
