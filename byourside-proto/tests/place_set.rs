//! Placing many calls against a faulty service, in processes that may crash at any moment.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod place_set_program;
mod support;

use byourside_proto::{
    Machine, Monotonic,
    machine::{
        place::{NotPlaced, Placement},
        place_set::{Intent, PlaceSetOptions},
    },
    webhook::Event,
};
use place_set_program::{Program, ServiceAnswer, filled};
use proptest::prelude::*;
use std::{collections::BTreeSet, iter, time::Duration};
use support::{Answer, Scenario, VirtualTime, at, call};

#[test]
fn set_places_every_call_once_where_half_of_all_are_rate_limited() {
    let options = PlaceSetOptions::default();
    let mut program = Program::new(filled(options, 200));
    program.run(
        [(30, ServiceAnswer::Placed), (10, ServiceAnswer::RateLimited(Some(1)))]
            .into_iter()
            .cycle(),
    );
    assert_eq!(program.time.outcomes.len(), 200);
    assert_eq!(program.time.set.requests(), program.answers.len() as u64);
    assert!(
        program
            .time
            .outcomes
            .values()
            .all(|all| matches!(&all[..], [Placement::Placed(_)]))
    );
    assert_eq!(
        program
            .sent()
            .iter()
            .filter(|(_, _, answer)| *answer == ServiceAnswer::Placed)
            .count(),
        200
    );
    let sent = program.sent();
    for pair in sent.windows(2) {
        assert!(pair[1].0.since(pair[0].0) >= Duration::from_millis(100));
    }
    // Requests already in flight aside, nothing is sent during the `Retry-After` of a second.
    for (at, _, _) in sent
        .iter()
        .filter(|(_, _, answer)| matches!(answer, ServiceAnswer::RateLimited(_)))
    {
        let received = at.after(Duration::from_millis(10));
        let early = |(next, _, _): &&(Monotonic, String, ServiceAnswer)| {
            *next > received && next.since(received) < Duration::from_secs(1)
        };
        assert_eq!(sent.iter().filter(early).count(), 0);
    }
}

#[test]
fn set_begins_no_more_than_may_become_unknown_at_once() {
    let options = PlaceSetOptions {
        max_in_flight: 3,
        ..PlaceSetOptions::default()
    };
    let mut program = Program::new(filled(options, 20));
    let mut answers = iter::repeat((0, ServiceAnswer::Silent));
    for _ in 0..100 {
        if program.answers.len() < 3 {
            program.step(&mut answers);
        }
    }
    program.crash();
    assert_eq!(iter::from_fn(|| program.time.set.take_result()).count(), 3);
    assert_eq!(program.time.set.len(), 17);
    program.run(iter::repeat((0, ServiceAnswer::Placed)));
    assert_eq!(program.time.outcomes.len(), 17, "the three are not sent again");
}

#[test]
fn call_whose_connection_is_refused_is_not_placed() {
    let mut options = PlaceSetOptions::default();
    options.place.retries = 0;
    let mut program = Program::new(filled(options, 1));
    program.run(iter::repeat((0, ServiceAnswer::NotSent)));
    assert!(matches!(
        program.time.outcomes["0"][..],
        [Placement::NotPlaced(NotPlaced::NoConnection(_))]
    ));
}

#[test]
fn call_that_has_not_begun_can_be_removed_and_is_not_placed() {
    let mut set = filled(PlaceSetOptions::default(), 3);
    assert!(!set.remove(&Intent::new("nobody's")));
    assert!(set.remove(&Intent::new("1")));
    assert!(!set.remove(&Intent::new("1")));
    let mut program = Program::new(set);
    program.run(iter::repeat((0, ServiceAnswer::Placed)));
    assert!(program.time.outcomes.keys().eq(["0", "2"]));
    assert!(!program.time.set.remove(&Intent::new("0")));
}

#[test]
fn refusal_of_one_call_holds_no_other_back() {
    let mut program = Program::new(filled(PlaceSetOptions::default(), 3));
    program.run(iter::repeat((10, ServiceAnswer::Refused)));
    let millis = program.sent().into_iter().map(|(at, ..)| at.since_origin().as_millis());
    assert!(millis.eq([0, 100, 200]));
}

#[test]
fn pause_for_all_does_not_delay_the_timeout_of_a_request_in_flight() {
    let two = filled(PlaceSetOptions::default(), 2);
    let mut set = VirtualTime::new(two).in_flight().in_flight();
    set.reply_oldest(ServiceAnswer::RateLimited(Some(60)).to_answer("0"));
    let silent = &set.sent[1];
    let end = silent.at.after(silent.timeout);
    assert_eq!(set.next_wake(), Some(end));
    set.now = end;
    assert!(set.sleeps());
    let (_, placement) = set.take_result().unwrap();
    assert!(matches!(placement, Placement::Unknown(_)), "{placement:?}");
}

#[test]
fn calls_that_failed_together_are_retried_apart() {
    for seed in [0, u64::MAX] {
        let mut options = PlaceSetOptions::default();
        options.place.seed = seed;
        let mut program = Program::new(filled(options, 8));
        program.run(iter::repeat_n((0, ServiceAnswer::NotSent), 8).chain(iter::repeat((0, ServiceAnswer::Placed))));
        let pause = |call: usize| {
            let sent = program
                .sent()
                .into_iter()
                .filter(|(_, intent, _)| *intent == call.to_string());
            let sent: Vec<Monotonic> = sent.map(|(at, ..)| at).collect();
            sent[1].since(sent[0])
        };
        let pauses: BTreeSet<Duration> = (0..8).map(pause).collect();
        assert!(pauses.len() > 1, "{pauses:?}");
    }
}

fn event(call: &str) -> Event {
    support::event(&format!(r#"{{"event":"call.in_progress","callId":"{call}"}}"#))
}

#[test]
fn event_with_a_calls_token_proves_that_call_placed_and_no_other() {
    let mut set = Scenario::place_set(PlaceSetOptions::default(), ["in-flight", "other", "not-begun"]).in_flight();
    assert_eq!((set.len(), set.is_empty()), (3, false));
    for foreign in [None, Some("another")] {
        let before = set.machine.clone();
        assert!(!set.on_event(at(0), &event("c1"), foreign));
        assert_eq!(set.machine, before);
    }
    for name in ["not-begun", "in-flight"] {
        assert!(set.on_event(at(0), &event("c1"), Some(name)));
        let Some((intent, Placement::Placed(call))) = set.take_result() else {
            panic!("{set:?}")
        };
        assert_eq!((intent.as_str(), call.id()), (name, Some("c1")));
    }
    set.reply_oldest(Answer::not_sent());
    let mut program = Program::new(set.machine);
    program.run(iter::repeat((0, ServiceAnswer::Placed)));
    assert!(
        program.time.outcomes.keys().eq(["other"]),
        "a call that was proved placed is not placed again"
    );
    assert_eq!(program.answers.len(), 1);
}

#[test]
fn intent_is_taken_once_even_after_its_end_and_a_restart() {
    let mut program = Program::new(filled(PlaceSetOptions::default(), 2));
    program.run(iter::repeat((0, ServiceAnswer::Refused)));
    program.crash();
    assert!(!program.time.set.add(Intent::new("0"), call()));
    assert!(program.time.set.add(Intent::new("0, again"), call()));
}

#[test]
fn set_shows_neither_key_nor_number() {
    let set = filled(PlaceSetOptions::default(), 1);
    assert!(!format!("{set:?}").contains("555") && !format!("{set:?}").contains("bys_ak_"));
}

fn answers() -> impl Strategy<Value = Vec<(u16, ServiceAnswer)>> {
    let answer = prop_oneof![
        3 => Just(ServiceAnswer::Placed),
        3 => proptest::option::of(0_u8..70).prop_map(ServiceAnswer::RateLimited),
        1 => Just(ServiceAnswer::Refused),
        1 => Just(ServiceAnswer::Broken),
        1 => Just(ServiceAnswer::Silent),
        1 => Just(ServiceAnswer::NotSent),
    ];
    proptest::collection::vec((0_u16..40_000, answer), 1..60)
}

proptest! {
    #[test]
    fn set_places_no_call_twice_under_any_answers_and_crashes(
        calls in 1_usize..15,
        answers in answers(),
        crashes in proptest::collection::vec(0_usize..60, 0..6),
        max_in_flight in 1_usize..6,
        max_per_second in 1_u32..200,
        retries in 0_u32..5,
    ) {
        let mut options = PlaceSetOptions { max_in_flight, max_per_second, ..PlaceSetOptions::default() };
        options.place.retries = retries;
        let mut program = Program::new(filled(options, calls));
        let mut answers = answers.into_iter().cycle();
        let mut lives = vec![0];
        for steps in crashes {
            for _ in 0..steps {
                program.step(&mut answers);
            }
            program.crash();
            lives.push(program.answers.len());
        }
        program.run(answers);
        prop_assert!(program.time.set.is_empty());
        prop_assert_eq!(program.time.outcomes.len(), calls);
        prop_assert!(program.time.most_in_flight <= max_in_flight);
        let sent = program.sent();
        for (intent, placements) in &program.time.outcomes {
            let placing = sent.iter().filter(|(_, name, answer)| name == intent && answer.may_place()).count();
            prop_assert!(placing <= 1, "{} POSTs that may have placed {}", placing, intent);
            // A crash may turn a known outcome into an unknown one, and does nothing else.
            for placement in placements {
                match placement {
                    Placement::Placed(call) => {
                        let id = format!("c{intent}");
                        prop_assert_eq!(call.id(), Some(id.as_str()));
                    }
                    Placement::NotPlaced(_) => prop_assert_eq!(placing, 0),
                    Placement::Unknown(_) => {}
                }
            }
        }
        let apart = Duration::from_secs(1) / max_per_second.min(100);
        lives.push(program.answers.len());
        for life in lives.windows(2) {
            let sent = &sent[life[0]..life[1]];
            prop_assert!(sent.windows(2).all(|pair| pair[1].0.since(pair[0].0) >= apart));
        }
    }
}
