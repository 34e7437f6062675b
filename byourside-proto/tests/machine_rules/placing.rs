//! Placing must never make a phone ring twice.
use crate::{
    answer::{Asks, Given, any_answer},
    config,
    driver::{Run, Seen, What, When, case},
    models::{DOCUMENTED, PlacerOutcome, judge},
    subject::Placing,
    support::Polled,
};
use byourside_proto::machine::place::{NotPlaced, PlaceOptions, Placement};
use proptest::prelude::*;

/// Tokens that the service does not document.
const FOREIGN: [&str; 3] = ["a_token_of_tomorrow", "timeout", "conflict"];

/// Places a call that gets this answer. Returns whether the placer sleeps before a retry.
fn answered(options: PlaceOptions, given: &Given) -> (Run<Placing>, bool) {
    let mut run = Run::new(&Placing(options), Default::default());
    run.poll(run.clock);
    run.perform(run.clock, &What::Answer(given.clone()));
    let retries = matches!(run.poll(run.clock), Polled::Sleep(_));
    (run, retries)
}

fn eager() -> PlaceOptions {
    PlaceOptions {
        retries: 5,
        retry_placement_failed: true,
        ..PlaceOptions::default()
    }
}

fn refusal(status: u16, token: &str) -> Given {
    Given::new(status, &format!(r#"{{"error": "{token}"}}"#))
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn placer_sends_one_post_and_the_retries_at_most((setup, start, script) in case::<Placing>()) {
        let mut run = Run::new(&setup, start);
        for step in &script {
            run.step(step);
            prop_assert!(run.sent() <= 1 + setup.0.retries as usize);
        }
    }

    #[test]
    fn post_follows_another_only_on_proof_that_no_phone_rings((setup, start, script) in case::<Placing>()) {
        let mut run = Run::new(&setup, start);
        let mut last: Option<Given> = None;
        for step in &script {
            match run.step(step) {
                Seen::Answered(attempt, given) if attempt == run.sent() => last = Some(given),
                Seen::Said(Polled::Send(_)) if run.sent() > 1 => {
                    let proof = last.take().map(|given| judge(&given));
                    prop_assert!(
                        matches!(proof, Some(PlacerOutcome::NoConnection | PlacerOutcome::Refused(..))),
                        "a POST after {:?}", proof
                    );
                }
                Seen::Answered(..) | Seen::Said(_) | Seen::Received | Seen::Ignorable => {}
            }
        }
    }

    #[test]
    fn unknown_stays_unknown_after_any_later_answer(
        (setup, start, script) in case::<Placing>(),
        lost in prop_oneof![
            Just(Given::MaybeSent),
            Just(Given::TimedOut),
            Just(Given::new(500, "")),
            Just(refusal(409, "")),
        ],
        later in any_answer(),
    ) {
        let mut run = Run::new(&setup, start);
        // The first attempt times out. Its answer is delivered late, after all other steps.
        run.poll(run.clock);
        let first = run.time.unanswered.pop();
        for step in &script {
            run.step(step);
        }
        let output = run.finish(&lost);
        run.time.unanswered.extend(first);
        while !run.time.unanswered.is_empty() {
            run.perform(run.clock, &What::AnswerOldest(later.clone()));
            let now = run.moment(&When::Later(core::time::Duration::from_secs(60)));
            prop_assert_eq!(run.poll(now), Polled::Done(output.clone()));
        }
    }

    #[test]
    fn minute_cap_is_never_retried(
        status in prop_oneof![Just(429_u16), 400..500_u16, 100..=999_u16],
        seconds in prop::option::of(0_u64..60),
    ) {
        let body = br#"{"error": "over_minute_cap"}"#.to_vec();
        let asks = seconds.map_or(Asks::Nothing, Asks::Seconds);
        let (_, retries) = answered(eager(), &Given::Response { status, asks, body });
        prop_assert!(!retries);
    }
}

#[test]
fn refusal_is_any_4xx_but_a_proxys_without_the_services_token() {
    for status in 400..500 {
        let a_proxy_says_it_too = [408, 409, 423, 425, 499].contains(&status);
        let without_token = [
            "",
            "<html>",
            "{}",
            r#"{"error": 7}"#,
            r#"{"error": ""}"#,
            r#"{"error": {"a": 1}}"#,
        ];
        let foreign = FOREIGN.map(|token| refusal(status, token));
        for given in without_token
            .map(|body| Given::new(status, body))
            .iter()
            .chain(&foreign)
        {
            assert_eq!(not_placed(given), !a_proxy_says_it_too, "{given:?}");
        }
        for token in DOCUMENTED {
            let given = refusal(status, token);
            assert_eq!(not_placed(&given), token != "store_error", "{given:?}");
        }
    }
}

#[test]
fn refusal_by_another_status_needs_the_services_own_token() {
    for status in (100..400).chain(500..=999) {
        for given in [
            Given::new(status, ""),
            Given::new(status, "<html>"),
            refusal(status, "rate_limited"),
        ] {
            assert!(!not_placed(&given), "{given:?}");
        }
        let failed = refusal(status, "placement_failed");
        assert_eq!(not_placed(&failed), !(200..300).contains(&status), "{failed:?}");
    }
}

#[test]
fn placer_retries_rate_limits_and_missing_connections_only() {
    for status in 100..=999 {
        for token in DOCUMENTED.iter().chain(&FOREIGN) {
            let (_, retries) = answered(PlaceOptions::default(), &refusal(status, token));
            assert_eq!(retries, status == 429 && *token == "rate_limited", "{status} {token}");
            let (_, retries) = answered(eager(), &refusal(status, token));
            let failed = !(200..300).contains(&status) && *token == "placement_failed";
            assert_eq!(
                retries,
                failed || status == 429 && *token == "rate_limited",
                "{status} {token}"
            );
        }
    }
    for (given, again) in [
        (Given::NotSent, true),
        (Given::MaybeSent, false),
        (Given::TimedOut, false),
    ] {
        assert_eq!(answered(eager(), &given).1, again, "{given:?}");
    }
}

fn not_placed(given: &Given) -> bool {
    let once = PlaceOptions {
        retries: 0,
        ..PlaceOptions::default()
    };
    let (mut run, _) = answered(once, given);
    match run.finish(&Given::the_end()) {
        Placement::NotPlaced(NotPlaced::Refused(error)) => {
            assert_eq!(error.status(), given.status());
            true
        }
        Placement::NotPlaced(NotPlaced::NoConnection(failure)) => panic!("{failure}"),
        Placement::Placed(_) | Placement::Unknown(_) => false,
    }
}
