//! Connections and messages.
use super::{
    Check,
    fixture::{Fixture, LATER, NUMBER, OBJECTIVE, clean, get, list, only, post},
    one_program::{Run, Seen, placing, waiting},
};
use crate::{Dirt, Fault, Site, Target};

pub(super) const CHECKS: &[Check] = &[
    (Fault::NoConnection, connection_is_not_established),
    (Fault::RequestLost, request_is_lost_and_the_connection_closes),
    (Fault::AnswerLost, service_acts_and_the_connection_closes),
    (Fault::Silence, service_acts_and_nothing_comes_back),
    (Fault::Truncated, body_is_cut),
    (Fault::Slow, answer_takes_the_parameters_milliseconds),
];

/// Placing and the first GET under this fault.
fn runs(fault: Fault, parameter: u64) -> (Run, Run) {
    let place = placing(Dirt::scripted().with(Site::post(0, 1), fault, parameter));
    let wait = waiting(Dirt::scripted().with(Site::get(0, 1), fault, parameter));
    (place, wait)
}

#[test]
fn messages_take_50_milliseconds_without_faults() {
    let (place, wait) = (placing(Dirt::scripted()), waiting(Dirt::scripted()));
    assert!(matches!(place.received()[..], [(100, Seen::Answer(202, _))]));
    assert_eq!((place.sent(), place.placed_at), (vec![0], vec![50]));
    assert!(matches!(wait.received()[..], [(100, Seen::Answer(200, _)), ..]));
    assert_eq!(wait.sent()[..2], [0, 3100]);
}

#[test]
fn connection_is_not_established() {
    let (place, wait) = runs(Fault::NoConnection, 0);
    assert_eq!(place.received(), [(100, Seen::NoConnection)]);
    assert!(place.placed_at.is_empty());
    assert_eq!(wait.received()[0], (100, Seen::NoConnection));
}

#[test]
fn request_is_lost_and_the_connection_closes() {
    let (place, wait) = runs(Fault::RequestLost, 0);
    assert_eq!(place.received(), [(100, Seen::Closed)]);
    assert!(place.placed_at.is_empty());
    assert_eq!(wait.received()[0], (100, Seen::Closed));
}

#[test]
fn service_acts_and_the_connection_closes() {
    let (place, wait) = runs(Fault::AnswerLost, 0);
    assert_eq!(
        (place.received(), place.placed_at),
        (vec![(100, Seen::Closed)], vec![50])
    );
    assert_eq!(wait.received()[0], (100, Seen::Closed));
}

#[test]
fn service_acts_and_nothing_comes_back() {
    let (place, wait) = runs(Fault::Silence, 0);
    assert_eq!(place.received(), []);
    assert_eq!(place.placed_at, [50]);
    assert!(place.polls().contains(&30_000), "its own timeout ends the attempt");
    // The attempt ends after 15 s; the first answer is that to the next attempt.
    assert!(wait.sent()[1] >= 15_000 && wait.received()[0].0 == wait.sent()[1] + 100);
}

#[test]
fn body_is_cut() {
    let mut fixture = Fixture::with_calls(1);
    let requests = |fixture: &Fixture| [post(NUMBER, OBJECTIVE), get(&fixture.ids[0]), list()];
    for (request, target) in requests(&fixture).iter().zip([Target::Post, Target::Get, Target::List]) {
        assert!(Fault::Truncated.targets().contains(&target));
        for parameter in [0, 1, 40, 12_345_678] {
            // The same bytes each time: a call that is placed has an id of its own.
            let mut copy = fixture.service.clone();
            let whole = fixture.ask(LATER, request, &clean());
            std::mem::swap(&mut copy, &mut fixture.service);
            let cut = fixture.ask(LATER, request, &only(Fault::Truncated, parameter));
            assert_eq!(cut.status(), whole.status());
            assert!(cut.body().len() < whole.body().len());
            assert!(whole.body().starts_with(cut.body()));
            if parameter < 50 {
                assert_eq!(u64::try_from(cut.body().len()).unwrap(), parameter);
            }
        }
    }
}

#[test]
fn answer_takes_the_parameters_milliseconds() {
    for (parameter, millis) in [(0, 0), (1234, 1234), (20_000, 20_000), (20_001, 0)] {
        let slow = placing(Dirt::scripted().with(Site::post(0, 1), Fault::Slow, parameter));
        assert!(matches!(slow.received()[..], [(at, Seen::Answer(202, _))] if at == 50 + millis));
        assert_eq!(slow.placed_at, [50]);
    }
    let wait = waiting(Dirt::scripted().with(Site::get(0, 1), Fault::Slow, 7_000));
    assert_eq!(wait.received()[0].0, 7_050);
    // An answer that takes longer than the attempt timeout is not received.
    let late = waiting(Dirt::scripted().with(Site::get(0, 1), Fault::Slow, 20_000));
    let arrivals: Vec<u64> = late.received().iter().map(|(at, _)| *at).collect();
    assert!(arrivals.contains(&20_050) && late.sent()[1] < 20_050, "{arrivals:?}");
}
