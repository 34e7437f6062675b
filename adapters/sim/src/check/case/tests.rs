//! Faults that strike a program at its start, and cases as a whole.
use super::{super::stages::Stage, *};
use crate::{dirt::Background, tests::dirt::Check};
use byourside_proto::{
    Machine,
    machine::{place::PlaceOptions, place_set::PlaceSetOptions, wait::WaitOptions, wait_set::WaitSetOptions},
};
use std::collections::BTreeSet;

pub(crate) const CHECKS: &[Check] = &[
    (Fault::Yesterday, yesterdays_call_has_the_same_number_and_text),
    (Fault::Outage, nothing_connects_for_the_parameters_seconds),
    (Fault::ClockOrigin, clock_begins_elsewhere),
    (Fault::SharedToken, two_intents_have_one_token),
    (Fault::OtherWebhook, webhook_is_the_other_way_round),
    (Fault::ExtremeOptions, options_are_at_their_extremes),
    (Fault::Destination, parameter_picks_the_destination),
    (Fault::ManyRows, list_has_as_many_rows_as_the_parameter),
    (Fault::FastSet, set_of_150_rows_sends_a_thousand_a_second),
    (Fault::ExtremeSnapshot, snapshot_has_extreme_numbers),
    (Fault::LazyDriver, driver_goes_by_next_wake_alone),
];

/// A single call, and a list.
const CALL: u64 = 3;
const LIST: u64 = 7;
/// The same, with a webhook.
const TOLD_CALL: u64 = 5;
const TOLD_LIST: u64 = 15;

/// These programs, the first of which has this fault at its start.
fn trial(programs: &[u64], fault: Option<(Fault, u64)>) -> Trial {
    let case = programs
        .iter()
        .fold(Case::scripted(), |case, number| case.program(*number));
    let case = match fault {
        Some((fault, parameter)) => case.with(Site::start(programs[0]), fault, parameter),
        None => case,
    };
    Trial::new(&case).unwrap()
}

fn program_id(number: u64) -> ProgramId {
    ProgramId::of(usize::try_from(number).unwrap())
}

fn life(trial: &Trial, number: u64) -> &Life {
    match trial.simulation.program(program_id(number)) {
        Some(Subject::Call(call)) => &call.life,
        _ => panic!("{number} is no single call"),
    }
}

fn rows(trial: &Trial, number: u64) -> &RowsLife {
    match trial.simulation.program(program_id(number)) {
        Some(Subject::Rows(rows)) => &rows.life,
        _ => panic!("{number} is no list"),
    }
}

/// How the intent of a single call is written down.
fn ordered(fault: Option<(Fault, u64)>) -> String {
    order_of(&trial(&[CALL], fault), CALL)
}

fn order_of(trial: &Trial, number: u64) -> String {
    body(&life(trial, number).intent.call)
}

fn body(call: &byourside_proto::PlaceCall) -> String {
    let api = life(&trial(&[CALL], None), CALL).intent.api.clone();
    let request = byourside_proto::Operation::request(call, &api);
    String::from_utf8(request.body().clone()).unwrap()
}

#[test]
fn yesterdays_call_has_the_same_number_and_text() {
    let trial_with = trial(&[CALL], Some((Fault::Yesterday, 0)));
    let intent = &life(&trial_with, CALL).intent;
    let service = trial_with.simulation.service();
    let [call] = service.calls().collect::<Vec<_>>()[..] else {
        panic!("one call")
    };
    assert_eq!(
        (call.to().as_str(), call.objective()),
        (&*intent.to, &*intent.objective)
    );
    assert_eq!(call.background, Some(Background::Yesterday));
    assert!(call.ends_at().is_some_and(|end| end < intent.begins));
    assert_eq!(service.placed(), 0);
    assert_eq!(trial(&[CALL], None).simulation.service().calls().count(), 0);
    // Of a list each row has one.
    let list = trial(&[LIST], Some((Fault::Yesterday, 0)));
    assert_eq!(list.simulation.service().calls().count(), 3);
}

#[test]
fn nothing_connects_for_the_parameters_seconds() {
    let arrives = |fault| {
        let mut trial = trial(&[CALL], fault);
        let begins = life(&trial, CALL).intent.begins;
        trial.go_on();
        let placed = trial.simulation.service().calls().next().map(|call| call.placed_at());
        placed.map(|at| at.since(begins))
    };
    assert_eq!(arrives(None), Some(Duration::from_millis(50)));
    let short = arrives(Some((Fault::Outage, 1))).unwrap();
    assert!(
        (Duration::from_secs(1)..Duration::from_secs(5)).contains(&short),
        "{short:?}"
    );
    assert_eq!(arrives(Some((Fault::Outage, 300))), None, "it gives up before");
}

#[test]
fn clock_begins_elsewhere() {
    let shows = |fault| {
        let trial = trial(&[CALL], fault);
        let scrutiny = life(&trial, CALL).scrutiny.as_ref().unwrap();
        scrutiny.machine_time(Monotonic::ORIGIN).since_origin()
    };
    let day = Duration::from_secs(24 * 3600);
    let origins = [
        Duration::from_millis(1 << 40),
        Duration::from_secs(1_767_225_600),
        Duration::MAX - day,
    ];
    for (parameter, origin) in (0..).zip(origins) {
        assert_eq!(shows(Some((Fault::ClockOrigin, parameter))), origin);
        let list = trial(&[LIST], Some((Fault::ClockOrigin, parameter)));
        assert_eq!(
            rows(&list, LIST)
                .scrutiny
                .machine_time(Monotonic::ORIGIN)
                .since_origin(),
            origin
        );
    }
    assert_eq!(shows(None), Duration::ZERO);
}

#[test]
fn every_fifth_number_has_a_trunk_zero() {
    for number in [4, 9, 14] {
        let to = life(&trial(&[number], None), number).intent.to.clone();
        assert_eq!(to, format!("+4407911{number:03}000"));
    }
    assert!(ordered(None).contains(r#""to":"+14150030000""#));
    let list = trial(&[39], None);
    let rows = &rows(&list, 39).rows;
    assert!(rows.values().all(|row| row.wanted.to.starts_with("+4407911039")));
}

fn token(order: &str) -> String {
    let hook = order.split(r#""webhookUrl":""#).nth(1).unwrap();
    hook.split('"').next().unwrap().to_owned()
}

#[test]
fn two_intents_have_one_token() {
    for (number, other) in [(0, 1), (1, 0), (4, 1), (5, 4), (10, 5), (14, 11), (16, 14), (96, 94)] {
        let usual = trial(&[number, other], None);
        assert_ne!(token(&order_of(&usual, number)), token(&order_of(&usual, other)));
        let shared = trial(&[number, other], Some((Fault::SharedToken, 0)));
        assert_eq!(
            token(&order_of(&shared, number)),
            token(&order_of(&shared, other)),
            "{number}"
        );
    }
    let tokens = |fault| -> BTreeSet<String> {
        let list = trial(&[TOLD_LIST], fault);
        rows(&list, TOLD_LIST)
            .rows
            .values()
            .map(|row| token(&body(&row.wanted.call)))
            .collect()
    };
    assert_eq!(
        (tokens(None).len(), tokens(Some((Fault::SharedToken, 0))).len()),
        (3, 1)
    );
}

#[test]
fn webhook_is_the_other_way_round() {
    let told = |number, fault| {
        let trial = trial(&[number], fault);
        let orders = match number {
            LIST | TOLD_LIST => rows(&trial, number)
                .rows
                .values()
                .map(|row| body(&row.wanted.call))
                .collect(),
            _ => vec![order_of(&trial, number)],
        };
        let told: BTreeSet<bool> = orders.iter().map(|order| order.contains("webhookUrl")).collect();
        assert_eq!(told.len(), 1, "all rows of a list are alike");
        told.contains(&true)
    };
    for (number, usual) in [(CALL, false), (TOLD_CALL, true), (LIST, false), (TOLD_LIST, true)] {
        assert_eq!(told(number, None), usual, "{number}");
        assert_eq!(told(number, Some((Fault::OtherWebhook, 0))), !usual, "{number}");
    }
}

#[test]
fn options_are_at_their_extremes() {
    let options = |fault| {
        let trial = trial(&[CALL], fault);
        let intent = &life(&trial, CALL).intent;
        (intent.place, intent.wait)
    };
    assert_eq!(options(None), (PlaceOptions::default(), WaitOptions::default()));
    // In base 3 all ones, and all twos.
    let (place, wait) = options(Some((Fault::ExtremeOptions, (3_u64.pow(20) - 1) / 2)));
    assert_eq!((place.retries, place.attempt_timeout), (0, Duration::ZERO));
    assert_eq!(
        (wait.timeout, wait.interval, wait.max_failures),
        (Duration::ZERO, Duration::ZERO, 0)
    );
    let (place, wait) = options(Some((Fault::ExtremeOptions, 3_u64.pow(20) - 1)));
    assert_eq!((place.retries, place.attempt_timeout), (5, Duration::MAX));
    assert_eq!(
        (wait.timeout, wait.interval, wait.max_failures),
        (Duration::MAX, Duration::MAX, u32::MAX)
    );
    let sets = |fault| {
        let list = trial(&[LIST], fault);
        (rows(&list, LIST).place, rows(&list, LIST).wait)
    };
    assert_eq!(sets(None), (PlaceSetOptions::default(), WaitSetOptions::default()));
    let (place, wait) = sets(Some((Fault::ExtremeOptions, 3_u64.pow(20) - 1)));
    assert_eq!(
        (place.max_in_flight, wait.max_per_second, wait.timeout),
        (0, 0, Duration::MAX)
    );
}

#[test]
fn parameter_picks_the_destination() {
    let to = |fault| life(&trial(&[CALL], fault), CALL).intent.to.clone();
    let picked: BTreeSet<String> = (0..11).map(|which| to(Some((Fault::Destination, which)))).collect();
    assert_eq!(picked.len(), 11);
    assert!(picked.iter().all(|to| to.starts_with("+141555501")));
    assert_eq!(to(Some((Fault::Destination, 11))), to(Some((Fault::Destination, 0))));
    assert_eq!(to(None), "+14150030000");
}

#[test]
fn list_has_as_many_rows_as_the_parameter() {
    let count = |fault| rows(&trial(&[LIST], fault), LIST).rows.len();
    for (parameter, rows) in [(1, 1), (200, 200), (0, 1), (201, 2)] {
        assert_eq!(count(Some((Fault::ManyRows, parameter))), rows);
    }
    assert_eq!(count(None), 3);
    assert_eq!(trial(&[LIST], Some((Fault::ManyRows, 40))).intents, 40);
}

#[test]
fn set_of_150_rows_sends_a_thousand_a_second() {
    let list = trial(&[LIST], Some((Fault::FastSet, 0)));
    let life = rows(&list, LIST);
    assert_eq!((life.rows.len(), list.intents), (150, 150));
    assert_eq!((life.place.max_per_second, life.wait.max_per_second), (1000, 1000));
    assert_eq!(life.wait.list_from, usize::MAX, "it asks for each record by itself");
    let usual = trial(&[LIST], None);
    let usual = rows(&usual, LIST);
    assert_eq!(usual.rows.len(), 3);
    assert!(usual.place.max_per_second < 1000 && usual.wait.max_per_second < 1000);
    assert!(usual.wait.list_from < usize::MAX);
}

#[test]
fn snapshot_has_extreme_numbers() {
    let extreme = |fault| rows(&trial(&[LIST], fault), LIST).extreme_snapshot;
    assert!(extreme(Some((Fault::ExtremeSnapshot, 0))) && !extreme(None));
}

#[test]
fn driver_goes_by_next_wake_alone() {
    for (fault, lazy) in [(Some((Fault::LazyDriver, 0)), true), (None, false)] {
        let mut trial = trial(&[CALL], fault);
        let scrutiny = life(&trial, CALL).scrutiny.as_ref().unwrap();
        assert_eq!(scrutiny.lazy, lazy);
        let mut checked = 0;
        for _ in 0..10_000 {
            let Some(_) = trial.simulation.step(END) else { break };
            let now = trial.simulation.now();
            let Some(Subject::Call(call)) = trial.simulation.program(program_id(CALL)) else {
                break;
            };
            let wake = call.next_wake().filter(|wake| *wake > now);
            // A stage that would say something before its `next_wake` is not asked.
            if let (Some(wake), Stage::Waiting(_)) = (wake, &call.stage) {
                let pause = call.lazy_pause(now);
                assert_eq!(pause, lazy.then(|| wake.since(now)));
                checked += 1;
            }
        }
        assert!(checked > 3, "{checked}");
    }
}

fn findings(course: &Course) -> Vec<String> {
    course.findings.iter().map(ToString::to_string).collect()
}

#[test]
fn case_takes_the_same_course_twice() {
    for seed in [3, 11] {
        let case = Case::drawn(seed, 0);
        let (once, again) = (case.run(), case.run());
        assert_eq!(once.steps, again.steps);
        assert_eq!(once.injections, again.injections);
        assert_eq!(findings(&once), findings(&again));
    }
}

#[test]
fn case_without_faults_holds() {
    let case = (0..20).fold(Case::scripted(), Case::program);
    case.expect_held();
    assert!(case.run().injections.is_empty());
}

/// Expects that a case that was made smaller breaks, and that it holds without any one of its faults.
fn expect_minimal(shrunk: &super::super::Shrunk) {
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
    let course = case.run();
    let shrunk = course.shrink(&case, Invariant::LateBody, CALL).unwrap();
    let [left] = shrunk.faults() else {
        panic!("{}", shrunk.test())
    };
    assert_eq!((left.site, left.fault), (Site::post(CALL, 1), Fault::HostSuspended));
    assert_eq!(shrunk.case.programs, [CALL]);
    expect_minimal(&shrunk);
    shrunk.case.expect_broken(Invariant::LateBody);
    assert!(
        course.shrink(&case, Invariant::Total, CALL).is_none(),
        "it does not break that"
    );
}

#[test]
fn shrunk_case_of_a_drawn_one_needs_each_of_its_faults() {
    let mut shrunk = 0;
    for seed in 0..20 {
        let case = Case::drawn(seed, 0);
        let course = case.run();
        let found = course.findings.iter().find(|finding| finding.program < PROGRAMS);
        if let Some(found) = found {
            expect_minimal(&course.shrink(&case, found.invariant, found.program).unwrap());
            shrunk += 1;
        }
        if shrunk == 3 {
            return;
        }
    }
}
