//! Measures several ways of doing one thing in one run, turn by turn, so that what disturbs one disturbs all.
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// How long one turn takes, about: shorter than a scheduler's slice, so that on a busy machine most turns are whole.
const TURN: Duration = Duration::from_micros(300);

static MISSED: AtomicBool = AtomicBool::new(false);

/// The word for a goal that is met or not. One that is not decides the exit code.
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

/// One way of doing it.
pub struct Contender<'a> {
    name: &'static str,
    /// How long so many repetitions take.
    time: Box<dyn FnMut(u32) -> Duration + 'a>,
}

impl<'a> Contender<'a> {
    /// Times this.
    pub fn new(name: &'static str, mut once: impl FnMut() + 'a) -> Self {
        Self::timing_itself(name, move |repetitions| {
            let start = Instant::now();
            for _ in 0..repetitions {
                once();
            }
            start.elapsed()
        })
    }

    /// One that does so many repetitions and says how long they took: for another process.
    pub fn timing_itself(name: &'static str, time: impl FnMut(u32) -> Duration + 'a) -> Self {
        Self {
            name,
            time: Box::new(time),
        }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Does it so often, untimed: for a count of instructions.
    pub fn repeat(&mut self, repetitions: u32) {
        (self.time)(repetitions);
    }

    /// How many repetitions fill a turn; warms up on the way.
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

/// What one contender took.
pub struct Measured {
    pub name: &'static str,
    /// Nanoseconds for one repetition, the median over the rounds.
    pub nanoseconds: f64,
    /// Against the first contender in the same round, the median over the rounds.
    pub ratio: f64,
}

/// What all tables have in common.
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

/// Measures each in turn, `rounds` times; every round begins with another one.
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
