use super::*;
use crate::{
    api::Operation,
    machine::Machine,
    testing::{Answer, Scenario, TOKEN, VirtualTime, api, at, call, event, ok, status, status_event},
    webhook::Event,
};
use alloc::string::ToString;

fn placed() -> Event {
    status_event("in_progress")
}

fn is_placed(placer: &mut VirtualTime<Placer>) -> bool {
    matches!(placer.output(), Placement::Placed(call) if call.id() == Some("c1"))
}

#[test]
fn placer_tries_again_as_often_as_the_options_say() {
    for retries in 0..4 {
        let options = PlaceOptions {
            retries,
            ..PlaceOptions::default()
        };
        let mut placer = Scenario::placer_with(options);
        let end = placer.run(|_| Answer::not_sent());
        assert!(matches!(end, Placement::NotPlaced(NotPlaced::NoConnection(_))));
        assert_eq!(placer.sent.len(), 1 + retries as usize);
    }
}

#[test]
fn placer_keeps_a_retry_after_up_to_the_longest_and_ends_beyond() {
    for (asked, is_kept) in [(29, true), (30, true), (31, false)] {
        let placer = Scenario::placer().rate_limited(asked);
        assert_eq!(placer.next_wake(), is_kept.then(|| at(asked.into())), "{asked}");
    }
}

#[test]
fn placement_without_a_call_names_the_status_of_the_answer() {
    for code in [403, 500] {
        let end = Scenario::placer().run(|_| status(code));
        let named = match &end {
            Placement::NotPlaced(reason) => (reason.code(), reason.status()),
            Placement::Unknown(reason) => (reason.code(), reason.status()),
            Placement::Placed(_) => panic!("{end:?}"),
        };
        assert_eq!(named, ("error", code));
    }
}

#[test]
fn event_with_the_token_proves_it_placed_before_the_answer_comes() {
    let placers = [
        Scenario::placer().rate_limited(5),
        Scenario::placer(),
        Scenario::placer().in_flight(),
    ];
    let [_, _, mut in_flight] = placers.map(|placer| {
        let mut placer = placer.at(1);
        assert!(placer.on_event(at(1), &placed(), Some(TOKEN)));
        assert!(is_placed(&mut placer));
        placer.at(2)
    });
    in_flight.reply_oldest(status(500));
    assert!(is_placed(&mut in_flight), "a late answer changes nothing");
}

#[test]
fn event_corrects_an_end_that_is_unobserved_and_no_other() {
    for answer in [status(500), Answer::reset(), status(403)] {
        let mut unobserved = Scenario::placer().answered(answer).at(1);
        let mut observed = VirtualTime::new(unobserved.machine.clone()).at(1);
        assert!(unobserved.on_event(at(1), &placed(), Some(TOKEN)));
        assert!(is_placed(&mut unobserved));

        assert!(!is_placed(&mut observed));
        assert!(observed.on_event(at(1), &placed(), Some(TOKEN)));
        assert!(!is_placed(&mut observed));
    }
}

#[test]
fn event_without_the_right_token_or_an_id_proves_nothing() {
    let mut placer = Scenario::placer().machine;
    let before = placer.clone();
    for token in [None, Some("t2"), Some("")] {
        assert!(!placer.on_event(at(0), &placed(), token));
    }
    assert!(!placer.on_event(at(0), &event(r#"{"event":"call.failed","callId":".."}"#), Some(TOKEN)));
    assert_eq!(placer, before);
    let mut bare = Placer::new(api(), call(), PlaceOptions::default(), at(0));
    assert!(!bare.on_event(at(0), &placed(), None));
}

#[test]
fn event_with_the_token_ends_any_retry() {
    let mut placer = Scenario::placer().answered(Answer::not_sent()).received(&placed());
    let placement = placer.run(|_| panic!("a second POST"));
    assert!(matches!(placement, Placement::Placed(_)));
}

#[test]
fn placed_call_keeps_the_record_of_the_answer() {
    let mut placer = Scenario::placer().answered(ok(r#"{"callId":"c1","status":"queued"}"#));
    assert!(placer.on_event(at(0), &placed(), Some(TOKEN)));
    let Placement::Placed(call) = placer.output() else {
        panic!()
    };
    assert_eq!(call.status(), Some(crate::types::Status::Queued));
}

#[test]
fn unknown_never_says_that_a_retry_is_worth_it() {
    let answer = http::Response::builder().status(503).body(r#"{"error":"store_error"}"#);
    let error = call().parse(
        answer.as_ref().unwrap().status(),
        answer.as_ref().unwrap().headers(),
        answer.as_ref().unwrap().body().as_bytes(),
    );
    let said = Unknown::Answer(error.unwrap_err()).to_string();
    assert!(
        said.ends_with("the answer was 503 (store_error)") && !said.contains("retry"),
        "{said}"
    );
}
