//! Status changes of a waiter, and jitter, which no reference model covers.
use crate::{
    answer::Given,
    config,
    driver::{Run, Seen, What, case_without_events},
    events::TERMINAL,
    subject::{Placing, Reading, Subject, Waiter},
};
use byourside_proto::{
    Machine, Monotonic,
    machine::{Backoff, place::PlaceOptions, read::ReadOptions, wait::WaitOptions},
};
use core::time::Duration;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn status_change_is_reported_once_and_the_last_record_is_kept(
        (setup, start, script) in case_without_events::<Waiter>(),
    ) {
        let mut run = Run::new(&setup, start);
        let (mut last, mut known, mut over) = (None::<Value>, None::<String>, false);
        for step in &script {
            let done = run.time.machine.next_wake().is_none();
            let mut change = None;
            if let Seen::Answered(attempt, given) = run.step(step)
                && attempt == run.sent()
                && !done
                && !over
                && let Some(record) = given.success().filter(Value::is_object)
            {
                let word = record["status"].as_str().map(str::to_owned);
                // A call starts as `queued` and never returns to it. A later `queued` comes from a stale record.
                let is_new = |word: &String| known.as_ref() != Some(word) && (word != "queued" || known.is_none());
                change = word.clone().filter(is_new);
                known = change.clone().or(known);
                over = TERMINAL.map(Some).contains(&word.as_deref());
                last = Some(record);
            }
            prop_assert_eq!(run.time.machine.take_change().map(|status| status.as_str().to_owned()), change);
            prop_assert_eq!(run.time.machine.take_change(), None);
            let kept = run.time.machine.last().map(|call| Value::Object(call.raw().clone()));
            prop_assert_eq!(kept, last.clone());
        }
    }

    #[test]
    fn jitter_takes_off_no_more_than_its_share_of_a_pause(jitter_percent in 0_u32..=100, seed: u64) {
        for (whole, jittered) in pauses(0, seed).into_iter().zip(pauses(jitter_percent, seed)) {
            prop_assert!(jittered <= whole);
            prop_assert!(jittered >= whole * (100 - jitter_percent) / 100);
        }
    }
}

#[test]
fn seeds_keep_machines_apart() {
    for machine in 0..3 {
        let different: BTreeSet<Duration> = (0..50).map(|seed| pauses(50, seed)[machine]).collect();
        assert!(different.len() > 20, "{different:?}");
    }
}

/// The pause of each machine after a request that could not be sent.
fn pauses(jitter_percent: u32, seed: u64) -> [Duration; 3] {
    let backoff = Backoff {
        jitter_percent,
        ..Backoff::doubling(Duration::from_secs(10), Duration::from_secs(10))
    };
    let wait = WaitOptions {
        backoff,
        seed,
        interval: Duration::ZERO,
        ..WaitOptions::default()
    };
    let place = PlaceOptions {
        backoff,
        seed,
        ..PlaceOptions::default()
    };
    let read = ReadOptions {
        backoff,
        seed,
        ..ReadOptions::default()
    };
    [rest(&Waiter(wait)), rest(&Placing(place)), rest(&Reading(read))]
}

fn rest<S: Subject>(setup: &S) -> Duration {
    let mut run = Run::new(setup, Monotonic::ORIGIN);
    run.poll(run.clock);
    run.perform(run.clock, &What::Answer(Given::NotSent));
    run.time.machine.next_wake().unwrap().since_origin()
}
