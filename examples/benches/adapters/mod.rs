//! Requests per second, CPU per request and memory per pending wait: each adapter beside what it is built on, and the
//! official Python client, in one run on loopback, over kept connections. The baseline of each does the same work: for a
//! client, the bare library that also decodes its answers; for sending alone, the bare library that does not.
//!
//! The server is another process, so that its CPU time is not counted.
mod bare;
mod contest;
mod ours;
mod python;
pub mod server;

use crate::measure::verdict;
pub use contest::resident;
use contest::{Contestant, Figures, contest};
use std::time::Duration;

/// Many short rounds: on a shared machine a disturbance then affects neighbours alike, or is over before the next one.
const ROUNDS: usize = 50;
const ROUND: Duration = Duration::from_millis(100);
/// How many requests are concurrent: one, and this many.
const AT_ONCE: [usize; 2] = [1, 64];

pub fn table() {
    let server = server::Process::start().unwrap();
    let mut contestants: Vec<Box<dyn Contestant>> = Vec::new();
    contestants.extend(bare::contestants(&server.url));
    contestants.extend(ours::contestants(&server.url));
    println!("\nadapters on loopback, kept connections");
    if let Some(official) = python::Python::start(&server.url) {
        contestants.push(Box::new(official));
    }
    // Contestants that are compared with each other run next to each other.
    contestants.sort_by(|one, other| one.bases()[0].cmp(other.bases()[0]));
    for at_once in AT_ONCE {
        let figures = contest(&mut contestants, at_once, ROUNDS, ROUND);
        print(at_once, &contestants, &figures);
    }
    memory(&mut contestants);
}

fn print(at_once: usize, contestants: &[Box<dyn Contestant>], figures: &[Figures]) {
    println!(
        "  {at_once:>2} at once{:>44}{:>12}{:>12}{:>9}",
        "requests/s", "vs bare", "vs baseline", "CPU, us"
    );
    for (contestant, figure) in contestants.iter().zip(figures) {
        let [bare, baseline] = contestant.bases().map(|base| {
            let base = contestants.iter().position(|other| other.name() == base);
            base.map_or(0.0, |base| figure.ratio(&figures[base]))
        });
        let verdict = contestant.goal().map_or(String::new(), |goal| {
            let verdict = verdict(baseline >= goal);
            format!("   goal of {goal} {verdict}")
        });
        let (name, rate, cpu) = (contestant.name(), figure.rate(), figure.cpu());
        println!("  {name:<40}{rate:>13.0}{bare:>12.2}{baseline:>12.2}{cpu:>9.1}{verdict}");
    }
}

fn memory(contestants: &mut [Box<dyn Contestant>]) {
    println!("  bytes per pending wait");
    for contestant in contestants {
        if let Some((waits, bytes)) = contestant.memory() {
            println!("  {:<40}{bytes:>13}   ({waits} waits)", contestant.name());
        }
    }
}
