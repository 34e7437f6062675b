//! Faults of a program's start, and whole cases.
use super::{
    super::{call_list::ListHistory, checked_program::CheckedProgram, lifecycle::CallHistory, stages::Stage},
    run::{CaseRun, END},
    *,
};
use crate::{ProgramId, dirt::Background, tests::dirt::Check};
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

/// A run of these programs, with this fault at the start of the first one.
fn run(programs: &[u64], fault: Option<(Fault, u64)>) -> CaseRun {
    let case = programs
        .iter()
        .fold(Case::scripted(), |case, number| case.program(*number));
    let case = match fault {
        Some((fault, parameter)) => case.with(Site::start(programs[0]), fault, parameter),
        None => case,
    };
    CaseRun::new(&case).unwrap()
}

fn program_id(number: u64) -> ProgramId {
    ProgramId::of(usize::try_from(number).unwrap())
}

fn history(run: &CaseRun, number: u64) -> &CallHistory {
    match run.simulation.program(program_id(number)) {
        Some(CheckedProgram::Call(call)) => &call.history,
        _ => panic!("{number} is no single call"),
    }
}

fn rows(run: &CaseRun, number: u64) -> &ListHistory {
    match run.simulation.program(program_id(number)) {
        Some(CheckedProgram::List(rows)) => &rows.history,
        _ => panic!("{number} is no list"),
    }
}

/// The body of the POST of a single call.
fn ordered(fault: Option<(Fault, u64)>) -> String {
    order_of(&run(&[CALL], fault), CALL)
}

fn order_of(run: &CaseRun, number: u64) -> String {
    body(&history(run, number).intent.call)
}

fn body(call: &byourside_proto::PlaceCall) -> String {
    let api = history(&run(&[CALL], None), CALL).intent.api.clone();
    let request = byourside_proto::Operation::request(call, &api);
    String::from_utf8(request.body().clone()).unwrap()
}

#[test]
fn yesterdays_call_has_the_same_number_and_text() {
    let trial_with = run(&[CALL], Some((Fault::Yesterday, 0)));
    let intent = &history(&trial_with, CALL).intent;
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
    assert_eq!(run(&[CALL], None).simulation.service().calls().count(), 0);
    // Of a list each row has one.
    let list = run(&[LIST], Some((Fault::Yesterday, 0)));
    assert_eq!(list.simulation.service().calls().count(), 3);
}

#[test]
fn nothing_connects_for_the_parameters_seconds() {
    let arrives = |fault| {
        let mut run = run(&[CALL], fault);
        let begins = history(&run, CALL).intent.begins;
        run.run_steps();
        let placed = run.simulation.service().calls().next().map(|call| call.placed_at());
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
        let run = run(&[CALL], fault);
        let dirty_checks = history(&run, CALL).dirty_checks.as_ref().unwrap();
        dirty_checks.machine_time(Monotonic::ORIGIN).since_origin()
    };
    let day = Duration::from_secs(24 * 3600);
    let origins = [
        Duration::from_millis(1 << 40),
        Duration::from_secs(1_767_225_600),
        Duration::MAX - day,
    ];
    for (parameter, origin) in (0..).zip(origins) {
        assert_eq!(shows(Some((Fault::ClockOrigin, parameter))), origin);
        let list = run(&[LIST], Some((Fault::ClockOrigin, parameter)));
        assert_eq!(
            rows(&list, LIST)
                .dirty_checks
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
        let to = history(&run(&[number], None), number).intent.to.clone();
        assert_eq!(to, format!("+4407911{number:03}000"));
    }
    assert!(ordered(None).contains(r#""to":"+14150030000""#));
    let list = run(&[39], None);
    let rows = &rows(&list, 39).rows;
    assert!(rows.values().all(|row| row.intent.to.starts_with("+4407911039")));
}

fn token(order: &str) -> String {
    let hook = order.split(r#""webhookUrl":""#).nth(1).unwrap();
    hook.split('"').next().unwrap().to_owned()
}

#[test]
fn two_intents_have_one_token() {
    for (number, other) in [(0, 1), (1, 0), (4, 1), (5, 4), (10, 5), (14, 11), (16, 14), (96, 94)] {
        let usual = run(&[number, other], None);
        assert_ne!(token(&order_of(&usual, number)), token(&order_of(&usual, other)));
        let shared = run(&[number, other], Some((Fault::SharedToken, 0)));
        assert_eq!(
            token(&order_of(&shared, number)),
            token(&order_of(&shared, other)),
            "{number}"
        );
    }
    let tokens = |fault| -> BTreeSet<String> {
        let list = run(&[TOLD_LIST], fault);
        rows(&list, TOLD_LIST)
            .rows
            .values()
            .map(|row| token(&body(&row.intent.call)))
            .collect()
    };
    assert_eq!(
        (tokens(None).len(), tokens(Some((Fault::SharedToken, 0))).len()),
        (3, 1)
    );
}

#[test]
fn webhook_is_the_other_way_round() {
    let reported_events = |number, fault| {
        let run = run(&[number], fault);
        let orders = match number {
            LIST | TOLD_LIST => rows(&run, number)
                .rows
                .values()
                .map(|row| body(&row.intent.call))
                .collect(),
            _ => vec![order_of(&run, number)],
        };
        let reported_events: BTreeSet<bool> = orders.iter().map(|order| order.contains("webhookUrl")).collect();
        assert_eq!(reported_events.len(), 1, "all rows of a list are alike");
        reported_events.contains(&true)
    };
    for (number, usual) in [(CALL, false), (TOLD_CALL, true), (LIST, false), (TOLD_LIST, true)] {
        assert_eq!(reported_events(number, None), usual, "{number}");
        assert_eq!(
            reported_events(number, Some((Fault::OtherWebhook, 0))),
            !usual,
            "{number}"
        );
    }
}

#[test]
fn options_are_at_their_extremes() {
    let options = |fault| {
        let run = run(&[CALL], fault);
        let intent = &history(&run, CALL).intent;
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
        let list = run(&[LIST], fault);
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
    let to = |fault| history(&run(&[CALL], fault), CALL).intent.to.clone();
    let picked: BTreeSet<String> = (0..11).map(|which| to(Some((Fault::Destination, which)))).collect();
    assert_eq!(picked.len(), 11);
    assert!(picked.iter().all(|to| to.starts_with("+141555501")));
    assert_eq!(to(Some((Fault::Destination, 11))), to(Some((Fault::Destination, 0))));
    assert_eq!(to(None), "+14150030000");
}

#[test]
fn list_has_as_many_rows_as_the_parameter() {
    let count = |fault| rows(&run(&[LIST], fault), LIST).rows.len();
    for (parameter, rows) in [(1, 1), (200, 200), (0, 1), (201, 2)] {
        assert_eq!(count(Some((Fault::ManyRows, parameter))), rows);
    }
    assert_eq!(count(None), 3);
    assert_eq!(run(&[LIST], Some((Fault::ManyRows, 40))).intents, 40);
}

#[test]
fn set_of_150_rows_sends_a_thousand_a_second() {
    let list = run(&[LIST], Some((Fault::FastSet, 0)));
    let history = rows(&list, LIST);
    assert_eq!((history.rows.len(), list.intents), (150, 150));
    assert_eq!(
        (history.place.max_per_second, history.wait.max_per_second),
        (1000, 1000)
    );
    assert_eq!(history.wait.list_from, usize::MAX, "it asks for each record by itself");
    let usual = run(&[LIST], None);
    let usual = rows(&usual, LIST);
    assert_eq!(usual.rows.len(), 3);
    assert!(usual.place.max_per_second < 1000 && usual.wait.max_per_second < 1000);
    assert!(usual.wait.list_from < usize::MAX);
}

#[test]
fn snapshot_has_extreme_numbers() {
    let extreme = |fault| rows(&run(&[LIST], fault), LIST).extreme_snapshot;
    assert!(extreme(Some((Fault::ExtremeSnapshot, 0))) && !extreme(None));
}

#[test]
fn driver_goes_by_next_wake_alone() {
    for (fault, lazy) in [(Some((Fault::LazyDriver, 0)), true), (None, false)] {
        let mut run = run(&[CALL], fault);
        let dirty_checks = history(&run, CALL).dirty_checks.as_ref().unwrap();
        assert_eq!(dirty_checks.lazy, lazy);
        let mut checked = 0;
        for _ in 0..10_000 {
            let Some(_) = run.simulation.step(END) else { break };
            let now = run.simulation.now();
            let Some(CheckedProgram::Call(call)) = run.simulation.program(program_id(CALL)) else {
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

fn findings(report: &CaseReport) -> Vec<String> {
    report.findings.iter().map(ToString::to_string).collect()
}

#[test]
fn case_gives_the_same_report_twice() {
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
