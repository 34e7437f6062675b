//! Three findings of `simulate --faults dirty --shrink`, as it prints them, except that each test expects what breaks
//! today. When a finding is fixed, `expect_broken` becomes `expect_held`, and the finding's line leaves the list of
//! seeds.
use byourside_sim::{
    Fault, Site,
    check::{Case, Invariant},
};

#[test]
fn no_second_post_breaks_with_objective_escaped_and_answer_lost() {
    let case = Case::scripted()
        .program(12)
        .with(Site::post(12, 1), Fault::ObjectiveEscaped, 0)
        .with(Site::post(12, 1), Fault::AnswerLost, 0);
    // Else: it sends a POST although its call was placed.
    case.expect_broken(Invariant::NoSecondPost);
}

#[test]
fn one_ring_breaks_with_call_placed_late() {
    let case = Case::scripted()
        .program(3)
        .with(Site::post(3, 1), Fault::PlacedLate, 404);
    // Else: a phone rings twice.
    case.expect_broken(Invariant::OneRing);
}

#[test]
fn ends_breaks_with_clock_begins_elsewhere() {
    let case = Case::scripted()
        .program(23)
        .with(Site::start(23), Fault::ClockOrigin, 0);
    // Else: a row of a list never ends.
    case.expect_broken(Invariant::Ends);
}

#[test]
fn forty_programs_without_a_fault_keep_every_invariant() {
    (0..40).fold(Case::scripted(), Case::program).expect_held();
}

#[test]
fn list_restored_from_a_snapshot_continues() {
    for poll in 2..12 {
        let case = Case::scripted().program(7);
        case.with(Site::poll(7, poll), Fault::Crash, 100).expect_held();
    }
}
