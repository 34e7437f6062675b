//! Explore
use byourside_sim::check::*;
use std::collections::{BTreeMap,BTreeSet};
fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut case = Case::scripted();
    for n in 0..100 { case = case.program(n); }
    let c = case.run();
    println!("clean: {} steps {} findings", c.steps, c.findings.len());
    for f in c.findings.iter().take(5) { println!("{f}"); }
    let mut by: BTreeMap<_, (u64, u64, usize, Shrunk)> = BTreeMap::new();
    let a: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let n: u64 = std::env::args().nth(2).unwrap().parse().unwrap();
    let only = std::env::args().nth(3);
    let mut steps = 0;
    let t = std::time::Instant::now();
    let mut run = std::time::Duration::ZERO;
    for seed in a..=n {
        let case = Case::drawn(seed);
        let t2 = std::time::Instant::now();
        let c = case.run();
        run += t2.elapsed();
        steps += u64::from(c.steps);
        let mut seen = BTreeMap::new();
        for f in &c.findings {
            if only.as_ref().is_some_and(|o| o != f.invariant.code()) { continue; }
            let w: String = f.what.chars().filter(|c| c.is_ascii_alphabetic()).take(40).collect();
            let k = (f.invariant, f.program % 8 == 7, w);
            if f.program > 1000 { println!("seed {seed}: {f}"); continue; }
            let e = seen.entry(k).or_insert(0);
            *e += 1;
            if *e > 2 { continue; }
            if let Some(s) = c.shrink(&case, f.invariant, f.program) {
                let sig: BTreeSet<_> = s.faults().iter().map(|i| i.fault.name()).collect();
                let e = by.entry((f.invariant, sig)).or_insert((0, seed, s.faults().len(), s.clone()));
                e.0 += 1;
                if s.faults().len() < e.2 { e.1=seed; e.2 = s.faults().len(); e.3 = s; }
            } else { println!("not shrunk: seed {seed} {f}"); }
        }
    }
    println!("{steps} steps run {run:?} {:?}", t.elapsed());
    for ((i, sig), (n, seed, len, s)) in &by { println!("{:14} {n:4} seed {seed:4} {len} {sig:?} :: {}", i.code(), s.what); if only.is_some() { println!("{}", s.test()); let c = s.case.run(); if let Some(f) = c.findings.first() { println!("{f}");} } }
}
