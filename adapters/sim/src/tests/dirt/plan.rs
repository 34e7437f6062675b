//! Which faults are injected where.
use super::one_program::{Seen, waiting};
use crate::{Dirt, Fault, Injection, Rate, Site, Target, check::Case};
use byourside_proto::Monotonic;
use std::{collections::BTreeSet, time::Duration};

/// Sites of a few programs, at each target.
fn sites() -> impl Iterator<Item = Site> {
    let of = move |program| {
        let site = move |target| (1..4).map(move |nth| Site::new(program, target, nth));
        Target::ALL.into_iter().flat_map(site)
    };
    (0..3).flat_map(of)
}

fn inject(mut dirt: Dirt, sites: impl Iterator<Item = Site>) -> Vec<Injection> {
    for site in sites {
        dirt.at(Monotonic::ORIGIN, site);
    }
    dirt.log().to_vec()
}

#[test]
fn dirt_injects_the_same_faults_for_the_same_seed() {
    for seed in 0..50 {
        assert_eq!(
            inject(Dirt::drawn(seed), sites()),
            inject(Dirt::drawn(seed), sites()),
            "{seed}"
        );
        let ran = |seed| waiting(Dirt::drawn(seed)).active;
        assert_eq!(ran(seed), ran(seed), "{seed}");
    }
    assert_ne!(inject(Dirt::drawn(1), sites()), inject(Dirt::drawn(2), sites()));
}

#[test]
fn dirt_decides_at_each_site_independently() {
    for seed in 0..50 {
        let all = inject(Dirt::drawn(seed), sites());
        let of = |program| {
            all.iter()
                .copied()
                .filter(move |injection| injection.site.program == program)
        };
        for program in 0..3 {
            let alone = inject(Dirt::drawn(seed), sites().filter(|site| site.program == program));
            assert_eq!(alone, of(program).collect::<Vec<_>>(), "program {program}, seed {seed}");
        }
        let every: BTreeSet<_> = all.iter().copied().collect();
        let sites: Vec<_> = sites().collect();
        let backwards = inject(Dirt::drawn(seed), sites.into_iter().rev());
        assert_eq!(backwards.into_iter().collect::<BTreeSet<_>>(), every, "in any order");
    }
}

#[test]
fn dirt_injects_the_same_into_a_case_alone_as_among_others() {
    let rates = || {
        Dirt::at_rates(
            7,
            [
                (Fault::ProxyBefore, Rate::percent(30)),
                (Fault::AnswerLost, Rate::percent(30)),
            ],
        )
    };
    let of_one = |numbers: &[u64]| {
        let case = numbers
            .iter()
            .fold(Case::scripted(), |case, number| case.program(*number));
        let active = case.under(rates()).run().injections;
        active
            .into_iter()
            .filter(|injection| injection.site.program == 20)
            .collect::<Vec<_>>()
    };
    let alone = of_one(&[20]);
    assert!(!alone.is_empty());
    // None of the others shares its account or its number.
    assert_eq!(of_one(&[1, 6, 20, 30]), alone);
}

#[test]
fn dirt_drawn_from_many_seeds_reaches_every_fault() {
    let mut reached = BTreeSet::new();
    for seed in 0..400 {
        reached.extend(
            inject(Dirt::drawn(seed), sites())
                .into_iter()
                .map(|injection| injection.fault),
        );
    }
    let missed: Vec<_> = Fault::ALL.iter().filter(|fault| !reached.contains(fault)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn drawn_faults_are_injected_into_their_targets_only() {
    for seed in 0..50 {
        for injection in inject(Dirt::drawn(seed), sites()) {
            assert!(
                injection.fault.targets().contains(&injection.site.target),
                "{injection}"
            );
        }
    }
}

#[test]
fn drawn_faults_end_when_the_network_heals() {
    let heals = Monotonic::new(Duration::from_secs(10));
    let mut dirt = Dirt::at_rates(7, [(Fault::AnswerLost, Rate::ALWAYS)])
        .healed_at(heals)
        .with(Site::get(0, 2), Fault::Slow, 60);
    assert!(
        dirt.at(Monotonic::new(Duration::from_millis(9_999)), Site::get(0, 1))
            .has(Fault::AnswerLost)
    );
    let healed = dirt.at(heals, Site::get(0, 2));
    assert!(
        !healed.has(Fault::AnswerLost) && healed.has(Fault::Slow),
        "a scripted fault is still injected"
    );
}

#[test]
fn fault_scripted_at_get_3_hits_the_third_get_only() {
    let run = waiting(Dirt::scripted().with(Site::get(0, 3), Fault::ProxyBefore, 503));
    let answers: Vec<u16> = run
        .received()
        .iter()
        .map(|(_, seen)| match seen {
            Seen::Answer(status, _) => *status,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(answers.len() > 3, "{answers:?}");
    let active: Vec<usize> = (1..)
        .zip(&answers)
        .filter(|(_, status)| **status != 200)
        .map(|(nth, _)| nth)
        .collect();
    assert_eq!((active, answers[2]), (vec![3], 503));
    let site = Site::get(0, 3);
    assert_eq!(
        run.active,
        [Injection {
            site,
            fault: Fault::ProxyBefore,
            parameter: 503
        }]
    );
}

#[test]
fn faults_have_distinct_names_and_have_targets() {
    let names: BTreeSet<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    assert_eq!(names.len(), Fault::ALL.len());
    assert!(Fault::ALL.iter().all(|fault| !fault.targets().is_empty()));
}

#[test]
fn parameters_beyond_their_range_fall_into_it() {
    let site = Site::get(0, 1);
    for (parameter, within) in [(5, 5), (9, 9), (4, 9), (10, 5), (u64::MAX, 5)] {
        let active = Dirt::scripted()
            .with(site, Fault::Slow, parameter)
            .at(Monotonic::ORIGIN, site);
        let found = active.within(Fault::Slow, 5, 9).unwrap();
        assert!((5..=9).contains(&found));
        if parameter < 11 {
            assert_eq!(found, within, "{parameter}");
        }
    }
}
