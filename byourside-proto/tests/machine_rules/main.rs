//! The rules of `Machine`, the reference models, the safety of placing, and redaction, all under arbitrary drivers.
//! `PROPTEST_CASES` sets the number of cases.
//!
//! To add a machine, implement `Subject` (how to make it) and `Model` (what it should do), and add a line to
//! `holds_the_rules!`.
//!
//! This table shows which test finds which fault. *The model* is `machine_does_what_its_reference_model_does` or
//! `machine_does_what_its_model_does_with_an_orderly_driver`, whose driver gets further into a call:
//!
//! | fault | found by |
//! |---|---|
//! | a stale or a foreign reply is accepted | `reply_that_is_stale_or_foreign_is_ignored`, the model |
//! | the clock goes backwards | `clock_that_steps_back_stands_still`, the model |
//! | `next_wake` ignores the deadline | the model alone |
//! | `next_wake` ignores the attempt timeout | `next_wake_is_when_the_machine_stops_sleeping`, the model |
//! | a request is returned twice | `poll_returns_a_request_once_and_changes_nothing_else`, the model |
//! | `Sleep(0)` | `sleep_is_never_empty_and_tolerates_any_wake`, the model |
//! | an attempt timeout is not kept | `machine_sleeps_while_a_request_is_in_flight`, the model |
//! | there is no minimum pause between requests | `hasty_driver_sends_a_hundred_requests_a_second_at_most`, the model |
//! | the deadline comes from adding sleeps | `deadline_holds_however_the_driver_sleeps`, the model |
//! | a machine that is done does more | `done_is_sticky`, the model |
//! | a terminal status is not sticky, or a 404 is final | the model alone |
//! | `Retry-After` is ignored, or failures are not counted | the model alone |
//! | a POST is sent again after a 500 | `post_follows_another_only_on_proof_that_no_phone_rings`, the model |
//! | the number of retries has no limit | `placer_sends_one_post_and_the_retries_at_most`, the model |
//! | a cap is retried, or a proxy's 4xx is taken for a refusal | the tables of `placing`, the model |
//! | an event counts twice, for another call, or although it contradicts itself or the end | `events` |
//! | a key, a secret or a whole phone number is shown | `secrets` |
//!
//! A placer has no stale replies: it sends another request only after the answer to the one before, and a slot gives
//! only one reply.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod answer;
mod driver;
mod events;
mod models;
mod placing;
mod rules;
mod secrets;
mod subject;
#[path = "../support/mod.rs"]
mod support;
mod watching;

use driver::{case, case_without_events};
use models::{PlacerModel, ReaderModel, WaiterModel, compare};
use proptest::prelude::*;

/// This number of cases, unless `PROPTEST_CASES` is set.
fn config(cases: u32) -> ProptestConfig {
    let set = std::env::var_os("PROPTEST_CASES").is_some();
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: if set { default.cases } else { cases },
        failure_persistence: None,
        ..default
    }
}

/// The ten rules, and the comparison with the machine's model.
macro_rules! holds_the_rules {
    ($($machine:ident: $subject:ty, $model:ty;)*) => {$(
        mod $machine {
            use super::*;
            proptest! {
                #![proptest_config(config(64))]

                #[test]
                fn poll_returns_a_request_once_and_changes_nothing_else((setup, start, script) in case::<$subject>()) {
                    rules::polls_idempotently(&setup, start, &script)?;
                }

                #[test]
                fn sleep_is_never_empty_and_tolerates_any_wake((setup, start, script) in case::<$subject>()) {
                    rules::sleeps_no_longer_than_it_says(&setup, start, &script)?;
                }

                #[test]
                fn next_wake_is_when_the_machine_stops_sleeping((setup, start, script) in case::<$subject>()) {
                    rules::wakes_when_it_said(&setup, start, &script)?;
                }

                #[test]
                fn clock_that_steps_back_stands_still((setup, start, script) in case::<$subject>()) {
                    rules::never_goes_back_in_time(&setup, start, &script)?;
                }

                #[test]
                fn done_is_sticky((setup, start, script) in case::<$subject>()) {
                    rules::stays_done(&setup, start, &script)?;
                }

                #[test]
                fn reply_that_is_stale_or_foreign_is_ignored((setup, start, script) in case::<$subject>()) {
                    rules::ignores_what_is_stale_or_foreign(&setup, start, &script)?;
                }

                #[test]
                fn machine_sleeps_while_a_request_is_in_flight((setup, start, script) in case::<$subject>()) {
                    rules::sleeps_while_a_request_is_in_flight(&setup, start, &script)?;
                }

                #[test]
                fn hasty_driver_sends_a_hundred_requests_a_second_at_most(
                    setup in <$subject as subject::Subject>::any(),
                    start in driver::start(),
                    haste in (1_u64..12).prop_map(core::time::Duration::from_millis),
                    answers in prop::collection::vec(answer::passing(), 1..4),
                    events in prop::collection::vec(events::inconclusive_event(), 0..3),
                ) {
                    rules::sends_at_most_a_hundred_requests_a_second(&setup, start, haste, &answers, &events)?;
                }

                #[test]
                fn deadline_holds_however_the_driver_sleeps(
                    (setup, start, script) in case::<$subject>(),
                    late in (0_u64..90_000).prop_map(core::time::Duration::from_millis),
                ) {
                    rules::keeps_its_deadline_however_it_is_slept(&setup, start, &script, late)?;
                }

                #[test]
                fn dropped_future_leaves_a_usable_machine((setup, start, script) in case::<$subject>()) {
                    rules::continues_with_another_driver(&setup, start, &script)?;
                }
            }
            proptest! {
                #![proptest_config(config(384))]

                #[test]
                fn machine_does_what_its_reference_model_does(
                    (setup, start, script) in case_without_events::<$subject>(),
                ) {
                    compare::<$model>(&setup, start, &script)?;
                }

                #[test]
                fn machine_does_what_its_model_does_with_an_orderly_driver(
                    setup in <$subject as subject::Subject>::any(),
                    start in driver::start(),
                    script in driver::orderly_script(),
                ) {
                    compare::<$model>(&setup, start, &script)?;
                }
            }
        }
    )*};
}

holds_the_rules! {
    waiter: subject::Waiter, WaiterModel;
    placer: subject::Placing, PlacerModel;
    reader: subject::Reading, ReaderModel;
}
