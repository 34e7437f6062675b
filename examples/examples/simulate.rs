//! Runs many calls from their order to their end under faults, in virtual time, and checks at every step what must hold.
//!
//! ```sh
//! cargo run --release --example simulate -- --calls 10000 --seed 7 --faults harsh
//! ```
//!
//! The same arguments print the same bytes on every machine, but for the lines that begin with `real`. Exit codes: 0
//! everything held, 1 something did not, and the seed and the last steps of that call are printed, 2 wrong usage, or nobody to
//! print for.
use byourside_examples::{log, say};
use byourside_sim::{
    Profile,
    check::{Table, run_wave},
};
use lexopt::prelude::*;
use std::{error::Error, process::ExitCode, time::Instant};

const USAGE: &str = "\
Runs calls from their order to their end under faults, and checks at every step what must hold.

Usage: simulate [--calls N] [--seed S] [--faults PROFILE] [--wave W]

  --calls N         how many; 10000 if left out
  --seed S          decides everything; 1 if left out
  --faults PROFILE  none, mild or harsh; harsh if left out
  --wave W          only this wave of them, as an error names it";

/// How many calls run at the same time, with a service of their own.
const WAVE: u64 = 400;

struct Options {
    calls: u64,
    seed: u64,
    faults: Profile,
    wave: Option<u64>,
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
    let began = Instant::now();
    let mut table = Table::default();
    for number in 0..options.calls.div_ceil(WAVE) {
        if options.wave.is_some_and(|wave| wave != number) {
            continue;
        }
        let calls = WAVE.min(options.calls - number * WAVE);
        if let Err(broken) = run_wave(options.seed, number, calls, options.faults, &mut table) {
            let (seed, faults, calls) = (options.seed, options.faults, options.calls);
            let again = format_args!("--seed {seed} --faults {faults} --calls {calls} --wave {number}");
            say(format_args!("broken with {again}\n{broken}"))?;
            return Ok(ExitCode::FAILURE);
        }
    }
    say(format_args!(
        "seed {}, faults {}\n{table}",
        options.seed, options.faults
    ))?;
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
        faults: Profile::Harsh,
        wave: None,
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("calls") => options.calls = arguments.value()?.parse()?,
            Long("seed") => options.seed = arguments.value()?.parse()?,
            Long("wave") => options.wave = Some(arguments.value()?.parse()?),
            Long("faults") => {
                let name = arguments.value()?.string()?;
                let profiles = [Profile::None, Profile::Mild, Profile::Harsh];
                let named = profiles.into_iter().find(|profile| profile.name() == name);
                options.faults = named.ok_or_else(|| format!("{name:?} is none of none, mild and harsh"))?;
            }
            Long("help") | Short('h') => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(options))
}
