//! Clocks, stops, and calls that are placed late.
use super::{
    Check,
    one_program::{Seen, placing, waiting},
};
use crate::{Dirt, Fault, Site, Target};
use std::time::Duration;

pub(super) const CHECKS: &[Check] = &[
    (Fault::PlacedLate, call_is_placed_seconds_later),
    (Fault::HostStopped, process_stops_before_it_sends),
    (Fault::HostSuspended, machine_is_suspended_before_it_sends),
    (Fault::Crash, process_ends_at_a_poll),
];

fn at_post(fault: Fault, parameter: u64) -> Dirt {
    Dirt::scripted().with(Site::post(0, 1), fault, parameter)
}

#[test]
fn call_is_placed_seconds_later() {
    for (parameter, seconds) in [(1, 1), (90, 90), (3600, 3600), (0, 1), (3601, 2)] {
        let run = placing(at_post(Fault::PlacedLate, parameter));
        assert_eq!(run.placed_at, [50 + seconds * 1000]);
        assert_eq!(run.received(), [], "there is no answer");
    }
    assert_eq!(placing(Dirt::scripted()).placed_at, [50]);
}

#[test]
fn process_stops_before_it_sends() {
    // Less than the attempt timeout: the request is sent when the process continues.
    let run = placing(at_post(Fault::HostStopped, 20));
    let away = Seen::Away(Duration::from_secs(20), false);
    assert_eq!(run.received()[0], (0, away));
    assert!(matches!(run.received()[1..], [(20_100, Seen::Answer(202, _))]));
    assert_eq!((run.placed_at, run.late_bodies), (vec![20_050], 0));
    assert!(
        run.seen.iter().all(|(at, _)| *at == 0 || *at >= 20_000),
        "the process does not run in between"
    );
}

#[test]
fn process_that_stops_for_long_sends_nothing() {
    for (parameter, seconds) in [(30, 30), (3600, 3600), (3601, 2)] {
        let run = placing(at_post(Fault::HostStopped, parameter));
        if seconds < 30 {
            assert_eq!(run.placed_at, [seconds * 1000 + 50]);
            continue;
        }
        assert!(
            run.placed_at.is_empty(),
            "the attempt timed out, because the clock continued"
        );
        assert_eq!(run.received()[1..], [(seconds * 1000, Seen::Silence)]);
    }
    let wait = waiting(Dirt::scripted().with(Site::get(0, 1), Fault::HostStopped, 10));
    assert!(matches!(wait.received()[1..], [(10_100, Seen::Answer(200, _)), ..]));
}

#[test]
fn deliveries_reach_no_process_that_is_stopped() {
    // The call is answered within seconds, and that event is delivered again until it is acknowledged.
    let events = |dirt| waiting(dirt).events();
    let usual = events(Dirt::scripted());
    assert!(usual[0].0 < 10_000);
    let stopped = events(Dirt::scripted().with(Site::get(0, 1), Fault::HostStopped, 14));
    assert!(stopped[0].0 > 14_000);
    let kinds = |events: &[(u64, serde_json::Value)]| -> std::collections::BTreeSet<String> {
        events.iter().map(|(_, event)| event["event"].to_string()).collect()
    };
    assert_eq!(kinds(&stopped), kinds(&usual));
}

#[test]
fn machine_is_suspended_before_it_sends() {
    for (parameter, seconds, late) in [(20, 20, 0), (60, 60, 1), (3600, 3600, 1), (3601, 2, 0)] {
        let run = placing(at_post(Fault::HostSuspended, parameter));
        let away = Seen::Away(Duration::from_secs(seconds), true);
        assert_eq!(run.received()[0], (0, away));
        // Its own clock has not moved, so it sends, although by the wall clock the attempt timeout may have passed.
        assert_eq!(run.placed_at, [seconds * 1000 + 50]);
        assert!(matches!(run.received()[1..], [(_, Seen::Answer(202, _))]));
        assert_eq!(run.late_bodies, late);
    }
    assert_eq!(placing(Dirt::scripted()).received().len(), 1);
}

#[test]
fn process_ends_at_a_poll() {
    for (parameter, millis) in [(100, 100), (20_000, 20_000), (99, 199)] {
        let dirt = Dirt::scripted().with(Site::poll(0, 2), Fault::Crash, parameter);
        let run = waiting(dirt);
        let crashes: Vec<usize> = (0..run.seen.len())
            .filter(|at| matches!(run.seen[*at].1, Seen::Crash(_)))
            .collect();
        let [crash] = crashes[..] else { panic!("{crashes:?}") };
        assert_eq!(run.seen[crash].1, Seen::Crash(Duration::from_millis(millis)));
        let before = |seen: &Seen| run.seen[..crash].iter().filter(|(_, other)| other == seen).count();
        assert_eq!(
            (before(&Seen::Polled), before(&Seen::Sent(Target::Get))),
            (1, 1),
            "before its second poll"
        );
    }
    let usual = waiting(Dirt::scripted());
    assert!(!usual.seen.iter().any(|(_, seen)| matches!(seen, Seen::Crash(_))));
}
