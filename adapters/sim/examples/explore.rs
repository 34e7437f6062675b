//! Explore
use byourside_sim::check::*;
use std::collections::{BTreeMap, BTreeSet};
fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut case = Case::scripted();
    for n in 0..100 {
        case = case.program(n);
    }
    let c = case.run();
    println!("clean: {} steps {} findings", c.steps, c.findings.len());
    for f in c.findings.iter().take(5) {
        println!("{f}");
    }
    let mut by: BTreeMap<_, (u64, u64, usize, Shrunk)> = BTreeMap::new();
    let n: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut steps = 0;
    let t = std::time::Instant::now();
    let mut per: BTreeMap<Invariant, u32> = BTreeMap::new();
    for seed in 1..=n {
        let case = Case::drawn(seed);
        let c = case.run();
        steps += u64::from(c.steps);
        let mut seen = BTreeSet::new();
        for f in &c.findings {
            let k = (f.invariant, f.program % 8 == 7);
            if f.program > 1000 {
                println!("seed {seed}: {f}");
                continue;
            }
            if !seen.insert(k) {
                continue;
            }
            if let Some(s) = c.shrink(&case, f.invariant, f.program) {
                let sig: Vec<_> = s.faults().iter().map(|i| i.fault.name()).collect();
                let e = by.entry((f.invariant, sig)).or_insert((0, seed, s.faults().len(), s));
                e.0 += 1;
            } else {
                println!("not shrunk: seed {seed} {f}");
            }
            *per.entry(f.invariant).or_default() += 1;
        }
    }
    println!("{steps} steps {:?}", t.elapsed());
    for ((i, sig), (n, seed, _, s)) in &by {
        println!("{:14} {n:4} seed {seed:4} {sig:?} :: {}", i.code(), s.what);
    }
}
