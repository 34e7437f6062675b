//! Compares senders of requests in interleaved rounds, by medians.
use crate::measure::median;
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// Something that sends requests.
pub trait Contestant {
    fn name(&self) -> &str;

    /// The two baselines that its figures are divided by: the bare library, and the library doing the same work.
    fn bases(&self) -> [&str; 2];

    /// The goal for the second ratio: at least this.
    fn goal(&self) -> Option<f64> {
        None
    }

    /// Sends this many requests, this many of them concurrently, and returns the CPU time.
    fn round(&mut self, at_once: usize, requests: usize) -> Duration;

    /// How many pending waits it holds, and the resident memory of each.
    fn memory(&mut self) -> Option<(usize, usize)> {
        None
    }
}

/// For each round, the seconds and CPU seconds of one request.
pub struct Figures {
    taken: Vec<f64>,
    cpu: Vec<f64>,
}

impl Figures {
    pub fn rate(&self) -> f64 {
        1.0 / median(self.taken.iter().copied())
    }

    /// In microseconds.
    pub fn cpu(&self) -> f64 {
        1e6 * median(self.cpu.iter().copied())
    }

    /// The median of the rounds' ratios. A disturbance of a round affects both figures.
    pub fn ratio(&self, base: &Self) -> f64 {
        median(base.taken.iter().zip(&self.taken).map(|(base, own)| base / own))
    }
}

pub fn contest(
    contestants: &mut [Box<dyn Contestant>],
    at_once: usize,
    rounds: usize,
    length: Duration,
) -> Vec<Figures> {
    let counts = contestants
        .iter_mut()
        .map(|contestant| count(&mut **contestant, at_once, length))
        .collect::<Vec<_>>();
    let mut figures = contestants
        .iter()
        .map(|_| Figures {
            taken: Vec::new(),
            cpu: Vec::new(),
        })
        .collect::<Vec<_>>();
    for round in 0..rounds {
        let mut turns = contestants
            .iter_mut()
            .zip(&mut figures)
            .zip(&counts)
            .collect::<Vec<_>>();
        // Every round starts with another contestant.
        turns.rotate_left(round % counts.len().max(1));
        for ((contestant, figures), count) in turns {
            let began = Instant::now();
            let cpu = contestant.round(at_once, *count);
            figures.taken.push(began.elapsed().as_secs_f64() / *count as f64);
            figures.cpu.push(cpu.as_secs_f64() / *count as f64);
        }
    }
    figures
}

/// How many requests a contestant sends in about this time: several for each concurrent one, so that start and stop do
/// not matter.
fn count(contestant: &mut dyn Contestant, at_once: usize, length: Duration) -> usize {
    const LEAST: usize = 16;
    let mut each = LEAST;
    // The first requests open the connections, and are too few to measure.
    let taken = loop {
        let began = Instant::now();
        contestant.round(at_once, each * at_once);
        let taken = began.elapsed();
        if taken * 2 >= length {
            break taken;
        }
        each *= 2;
    };
    let fitting = each as f64 * length.as_secs_f64() / taken.as_secs_f64();
    (fitting as usize).max(LEAST) * at_once
}

/// The CPU time of this process during a piece of work.
pub fn cpu(work: impl FnOnce()) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
        Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), nanoseconds)
    };
    let began = now();
    work();
    now().saturating_sub(began)
}

/// The resident memory of this process, in bytes.
pub fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * rustix::param::page_size()
}
