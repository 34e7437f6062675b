//! Measures several ways of doing one thing in one run, interleaved, so that a disturbance affects all of them.
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// The approximate duration of one turn: shorter than a scheduler's time slice, so that most turns are not interrupted.
const TURN: Duration = Duration::from_micros(300);

static MISSED: AtomicBool = AtomicBool::new(false);

/// The word for a goal that is met or missed. A missed goal sets the exit code.
pub fn verdict(met: bool) -> &'static str {
    if met {
        return "met";
    }
    MISSED.store(true, Ordering::Relaxed);
    "MISSED"
}

pub fn any_missed() -> bool {
    MISSED.load(Ordering::Relaxed)
}

/// One way of doing the measured thing.
pub struct Contender<'a> {
    name: &'static str,
    /// Runs this many repetitions and returns their duration.
    time: Box<dyn FnMut(u32) -> Duration + 'a>,
}

impl<'a> Contender<'a> {
    /// A contender that times this function.
    pub fn new(name: &'static str, mut once: impl FnMut() + 'a) -> Self {
        Self::timing_itself(name, move |repetitions| {
            let start = Instant::now();
            for _ in 0..repetitions {
                once();
            }
            start.elapsed()
        })
    }

    /// A contender that runs the repetitions itself and returns their duration: for another process.
    pub fn timing_itself(name: &'static str, time: impl FnMut(u32) -> Duration + 'a) -> Self {
        Self {
            name,
            time: Box::new(time),
        }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs this many repetitions without timing them: for a count of instructions.
    pub fn repeat(&mut self, repetitions: u32) {
        (self.time)(repetitions);
    }

    /// Warms up, and finds how many repetitions fill a turn.
    fn repetitions(&mut self) -> u32 {
        let mut repetitions = 1;
        loop {
            let took = (self.time)(repetitions);
            if took >= TURN / 2 || repetitions >= 1 << 24 {
                return repetitions;
            }
            repetitions *= 2;
        }
    }
}

/// The figures of one contender.
pub struct Measured {
    pub name: &'static str,
    /// Nanoseconds for one repetition, the median over the rounds.
    pub nanoseconds: f64,
    /// The ratio to the first contender in the same round, the median over the rounds.
    pub ratio: f64,
}

/// The format that all tables share.
pub fn print(measured: &[Measured]) {
    for Measured {
        name,
        nanoseconds,
        ratio,
    } in measured
    {
        println!("  {name:<52}{nanoseconds:>12.0}{ratio:>9.3}");
    }
}

/// Measures each contender in turn, `rounds` times. Every round starts with another contender.
pub fn interleaved(rounds: usize, mut contenders: Vec<Contender<'_>>) -> Vec<Measured> {
    let repetitions: Vec<u32> = contenders.iter_mut().map(Contender::repetitions).collect();
    let count = contenders.len();
    let mut times = vec![Vec::with_capacity(rounds); count];
    for round in 0..rounds {
        for turn in 0..count {
            let at = (round + turn) % count;
            let took = (contenders[at].time)(repetitions[at]);
            times[at].push(took.as_secs_f64() * 1e9 / f64::from(repetitions[at]));
        }
    }
    let ratios = |at: usize| times[at].iter().zip(&times[0]).map(|(one, base)| one / base);
    (0..count)
        .map(|at| Measured {
            name: contenders[at].name,
            nanoseconds: median(times[at].iter().copied()),
            ratio: median(ratios(at)),
        })
        .collect()
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
