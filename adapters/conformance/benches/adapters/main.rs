//! Requests per second, CPU per request and memory per pending wait: each adapter beside what it is built on, and the
//! official Python client, in one run on loopback, over kept connections.
//!
//! `cargo bench -p byourside-conformance --bench adapters`. The server is a process of its own, so that its CPU is not
//! counted. Rounds are interleaved, and the figures are medians; on a shared machine only ratios carry over.
mod bare;
mod measure;
mod ours;
mod python;
mod server;

use measure::{Contestant, Figures, measure};
use std::{env, process::ExitCode, time::Duration};

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(400);
/// One after the other, and this many at once.
const AT_ONCE: [usize; 2] = [1, 64];

fn main() -> ExitCode {
    if env::args().any(|argument| argument == server::SERVE) {
        return server::serve();
    }
    let server = match server::Process::start() {
        Ok(server) => server,
        Err(error) => {
            eprintln!("no server: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut contestants: Vec<Box<dyn Contestant>> = Vec::new();
    contestants.extend(bare::contestants(&server.url));
    contestants.extend(ours::contestants(&server.url));
    match python::Official::start(&server.url) {
        Ok(official) => contestants.push(Box::new(official)),
        Err(error) => eprintln!("the official Python client is not in the table: {error}"),
    }
    for at_once in AT_ONCE {
        let figures = measure(&mut contestants, at_once, ROUNDS, ROUND);
        print(at_once, &contestants, &figures);
    }
    memory(&mut contestants);
    ExitCode::SUCCESS
}

fn print(at_once: usize, contestants: &[Box<dyn Contestant>], figures: &[Figures]) {
    println!(
        "\n{at_once} at once{:>28}{:>12}{:>9}",
        "requests/s", "of bare", "CPU, us"
    );
    for (contestant, figure) in contestants.iter().zip(figures) {
        let bare = contestants.iter().position(|other| other.name() == contestant.base());
        let ratio = bare.map_or(0.0, |bare| figure.ratio(&figures[bare]));
        let name = contestant.name();
        println!("{name:<24}{:>13.0}{ratio:>12.2}{:>9.1}", figure.rate(), figure.cpu());
    }
}

fn memory(contestants: &mut [Box<dyn Contestant>]) {
    println!("\nbytes per pending wait");
    for contestant in contestants {
        if let Some((waits, bytes)) = contestant.memory() {
            println!("{:<24}{bytes:>13}   ({waits} waits)", contestant.name());
        }
    }
}
