//! Cases that were shrunk need each of their faults.
use crate::check::{Case, Invariant, PROGRAMS, Shrunk};
use crate::{Dirt, Fault, Injection, Site};

/// The number of a single call's program.
const CALL: u64 = 3;

/// Expects that a case that was made smaller breaks, and that it holds without any one of its faults.
fn expect_minimal(shrunk: &Shrunk) {
    let breaks = |faults: &[Injection]| {
        let case = faults
            .iter()
            .fold(shrunk.case.clone().under(Dirt::scripted()), |case, fault| {
                case.with(fault.site, fault.fault, fault.parameter)
            });
        let findings = case.run().findings;
        findings
            .iter()
            .any(|finding| (finding.invariant, finding.program) == (shrunk.invariant, shrunk.program))
    };
    assert!(breaks(shrunk.faults()), "{}", shrunk.test());
    for at in 0..shrunk.faults().len() {
        let mut fewer = shrunk.faults().to_vec();
        let left_out = fewer.remove(at);
        assert!(!breaks(&fewer), "{left_out} is not needed:\n{}", shrunk.test());
    }
}

#[test]
fn shrunk_case_has_the_one_fault_that_breaks_it() {
    let case = Case::scripted()
        .program(CALL)
        .program(4)
        .with(Site::start(CALL), Fault::OtherWebhook, 0)
        .with(Site::post(CALL, 1), Fault::HostSuspended, 60)
        .with(Site::post(CALL, 1), Fault::ObjectiveCapitals, 0)
        .with(Site::event(CALL, 1), Fault::EventTwice, 0)
        .with(Site::get(4, 1), Fault::Slow, 700);
    let report = case.run();
    let shrunk = report.shrink(&case, Invariant::LateBody, CALL).unwrap();
    let [left] = shrunk.faults() else {
        panic!("{}", shrunk.test())
    };
    assert_eq!((left.site, left.fault), (Site::post(CALL, 1), Fault::HostSuspended));
    assert_eq!(shrunk.case.programs, [CALL]);
    expect_minimal(&shrunk);
    shrunk.case.expect_broken(Invariant::LateBody);
    assert!(
        report.shrink(&case, Invariant::Total, CALL).is_none(),
        "it does not break that"
    );
}

#[test]
fn shrunk_case_of_a_drawn_one_needs_each_of_its_faults() {
    let mut shrunk = 0;
    for seed in 0..20 {
        let case = Case::drawn(seed, 0);
        let report = case.run();
        let found = report.findings.iter().find(|finding| finding.program < PROGRAMS);
        if let Some(found) = found {
            expect_minimal(&report.shrink(&case, found.invariant, found.program).unwrap());
            shrunk += 1;
        }
        if shrunk == 3 {
            return;
        }
    }
}
