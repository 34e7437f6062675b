//! All benchmarks of this project in one table. README.md and RESULTS.md beside this file say how to read it.
//!
//! `cargo bench -p byourside-examples` runs all parts; names after `--` select some. The exit code is 1 if a goal is
//! missed.
#![expect(clippy::unwrap_used, reason = "in a measurement, a panic is the report")]
use std::{env, process::ExitCode};

mod adapters;
mod costs;
mod decoding;
mod lifecycles;
mod measure;
mod official;
mod requests;
mod waiter;
mod waitset;
mod webhooks;

type Part = (&'static str, fn());

/// The set comes first, since its memory can be measured only while no memory has been freed before.
const PARTS: [Part; 8] = [
    ("set", waitset::table),
    ("decoding", decoding::table),
    ("requests", requests::table),
    ("waiter", waiter::table),
    ("lifecycles", lifecycles::table),
    ("costs", costs::table),
    ("webhooks", webhooks::table),
    ("adapters", adapters::table),
];

fn main() -> ExitCode {
    // `cargo bench` adds this argument.
    let asked: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match asked.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [adapters::server::SERVE] => return adapters::server::serve(),
        ["--repeat", name, times] => return repeat(name, times.parse().unwrap()),
        ["--names"] => contenders(|contender| println!("{}", contender.name())),
        [] => PARTS.iter().for_each(|(_, table)| table()),
        _ => {
            for name in &asked {
                let Some((_, table)) = PARTS.iter().find(|(known, _)| known == name) else {
                    eprintln!("no part {name}; there are {}", PARTS.map(|(name, _)| name).join(", "));
                    return ExitCode::FAILURE;
                };
                table();
            }
        }
    }
    ExitCode::from(u8::from(measure::any_missed()))
}

/// Repeats one thing this often and nothing else, for a tool that counts instructions.
fn repeat(name: &str, times: u32) -> ExitCode {
    let mut found = ExitCode::FAILURE;
    contenders(|contender| {
        if contender.name() == name {
            contender.repeat(times);
            found = ExitCode::SUCCESS;
        }
    });
    found
}

/// The benchmarks that need no socket and no other process.
fn contenders(mut each: impl FnMut(&mut measure::Contender<'_>)) {
    for (_, body) in decoding::inputs() {
        decoding::contenders(&body).iter_mut().for_each(&mut each);
    }
    requests::contenders().iter_mut().for_each(&mut each);
    waiter::contenders().iter_mut().for_each(&mut each);
    // The smallest body, where the work beside the hash counts most.
    let body = webhooks::body(256);
    webhooks::contenders(&body, None).iter_mut().for_each(&mut each);
}
