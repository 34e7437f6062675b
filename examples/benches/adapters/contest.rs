//! Senders of requests, against each other: interleaved rounds, medians.
use crate::measure::median;
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// Something that sends requests.
pub trait Contestant {
    fn name(&self) -> &str;

    /// Whose figures its own are divided by: what it is built on, and that doing the same work.
    fn bases(&self) -> [&str; 2];

    /// The least of the second ratio that is good enough.
    fn goal(&self) -> Option<f64> {
        None
    }

    /// Sends so many requests, so many of them at once; the CPU time that it took.
    fn round(&mut self, at_once: usize, requests: usize) -> Duration;

    /// How many waits it was given that stay pending, and the resident memory that each of them took.
    fn memory(&mut self) -> Option<(usize, usize)> {
        None
    }
}

/// One entry for each round: seconds and seconds of CPU, for each request.
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

    /// The median of each round's ratio: what disturbs a round disturbs both.
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
        .map(|contestant| {
            // The first requests connect.
            contestant.round(at_once, at_once * 8);
            let (few, began) = (at_once * 32, Instant::now());
            contestant.round(at_once, few);
            let each = began.elapsed() / u32::try_from(few).unwrap_or(u32::MAX);
            let count = length.as_nanos() / each.as_nanos().max(1);
            usize::try_from(count).unwrap_or(few).max(at_once) / at_once * at_once
        })
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
        // There and back: nobody is always the first.
        if round % 2 == 1 {
            turns.reverse();
        }
        for ((contestant, figures), count) in turns {
            let began = Instant::now();
            let cpu = contestant.round(at_once, *count);
            figures.taken.push(began.elapsed().as_secs_f64() / *count as f64);
            figures.cpu.push(cpu.as_secs_f64() / *count as f64);
        }
    }
    figures
}

/// The CPU time that this process takes meanwhile.
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
