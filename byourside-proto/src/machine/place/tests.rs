use super::*;
use crate::{
    api::{Operation, PlaceCall},
    machine::{Action, Machine},
    testing::{Script, api, at, event, ok, run, step},
    webhook::Event,
};
use alloc::string::{String, ToString};

fn call() -> PlaceCall {
    let call = PlaceCall::new("+14155550123", "Ask.").unwrap();
    call.webhook_url("https://a.example/h")
        .unwrap()
        .correlation("t1")
        .unwrap()
}

fn placer() -> Placer {
    Placer::new(api(), call(), PlaceOptions::default(), at(0))
}

fn placed() -> Event {
    event(r#"{"event":"call.in_progress","callId":"c1","status":"in_progress"}"#)
}

fn is_placed(action: Action<Placement>) -> bool {
    matches!(action, Action::Done(Placement::Placed(call)) if call.id() == Some("c1"))
}

#[test]
fn a_post_is_tried_again_as_often_as_the_options_say_and_no_oftener() {
    for retries in 0..4 {
        let options = PlaceOptions {
            retries,
            ..PlaceOptions::default()
        };
        let mut sent = 0;
        let mut placer = Placer::new(api(), call(), options, at(0));
        let (end, _) = run(&mut placer, at(0), |_| {
            sent += 1;
            Script::Refused
        });
        assert!(matches!(end, Placement::NotPlaced(NotPlaced::NoConnection(_))));
        assert_eq!(sent, 1 + retries);
    }
}

#[test]
fn a_pause_that_is_asked_for_is_kept_up_to_the_longest_and_beyond_that_is_the_end() {
    for (asked, rests) in [(29, true), (30, true), (31, false)] {
        let mut placer = placer();
        step(&mut placer, at(0), |_| Script::RetryAfter(429, asked)).unwrap();
        assert_eq!(placer.next_wake(), rests.then(|| at(asked.into())), "{asked}");
    }
}

#[test]
fn an_end_without_a_call_names_the_status_of_the_answer() {
    for status in [403, 500] {
        let (end, _) = run(&mut placer(), at(0), |_| Script::Answer(status, String::new()));
        let named = match &end {
            Placement::NotPlaced(reason) => (reason.code(), reason.status()),
            Placement::Unknown(reason) => (reason.code(), reason.status()),
            Placement::Placed(_) => panic!("{end:?}"),
        };
        assert_eq!(named, ("error", status));
    }
}

#[test]
fn an_event_with_the_token_proves_it_placed_before_the_answer_comes() {
    let mut resting = placer();
    step(&mut resting, at(0), |_| Script::RetryAfter(429, 5)).unwrap();
    let mut fresh = placer();
    let mut flying = placer();
    let Action::Send(_, slot) = flying.poll(at(0)) else {
        panic!()
    };
    for placer in [&mut resting, &mut fresh, &mut flying] {
        assert!(placer.on_event(at(1), &placed(), Some("t1")));
        assert!(is_placed(placer.poll(at(1))));
    }
    let late = http::Response::builder().status(500).body("").unwrap();
    flying.handle(at(2), slot.reply_ref(&late));
    assert!(is_placed(flying.poll(at(2))), "a late answer changes nothing");
}

#[test]
fn an_end_that_nobody_was_told_is_corrected_and_one_that_was_told_stays() {
    for script in [
        Script::Answer(500, String::new()),
        Script::Reset,
        Script::Answer(403, String::new()),
    ] {
        let mut untold = placer();
        step(&mut untold, at(0), |_| script.clone()).unwrap();
        let mut told = untold.clone();
        assert!(untold.on_event(at(1), &placed(), Some("t1")));
        assert!(is_placed(untold.poll(at(1))));

        assert!(!is_placed(told.poll(at(1))));
        assert!(told.on_event(at(1), &placed(), Some("t1")));
        assert!(!is_placed(told.poll(at(1))));
    }
}

#[test]
fn without_the_right_token_or_an_id_an_event_proves_nothing() {
    let mut placer = placer();
    let before = placer.clone();
    for token in [None, Some("t2"), Some("")] {
        assert!(!placer.on_event(at(0), &placed(), token));
    }
    assert!(!placer.on_event(at(0), &event(r#"{"event":"call.failed","callId":".."}"#), Some("t1")));
    assert_eq!(placer, before);
    let bare = PlaceCall::new("+14155550123", "Ask.").unwrap();
    let mut bare = Placer::new(api(), bare, PlaceOptions::default(), at(0));
    assert!(!bare.on_event(at(0), &placed(), None));
}

#[test]
fn the_event_ends_any_retry() {
    let mut placer = placer();
    step(&mut placer, at(0), |_| Script::Refused).unwrap();
    placer.on_event(at(0), &placed(), Some("t1"));
    let (placement, _) = run(&mut placer, at(0), |_| panic!("a second POST"));
    assert!(matches!(placement, Placement::Placed(_)));
}

#[test]
fn a_placed_call_keeps_the_record_of_the_answer() {
    let mut placer = placer();
    step(&mut placer, at(0), |_| ok(r#"{"callId":"c1","status":"queued"}"#)).unwrap();
    assert!(placer.on_event(at(0), &placed(), Some("t1")));
    let Action::Done(Placement::Placed(call)) = placer.poll(at(0)) else {
        panic!()
    };
    assert_eq!(call.status(), Some(crate::types::Status::Queued));
}

#[test]
fn what_is_unknown_is_never_said_to_be_worth_a_retry() {
    let answer = http::Response::builder().status(503).body(r#"{"error":"store_error"}"#);
    let error = PlaceCall::new("+14155550123", "Ask.").unwrap().parse(
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
