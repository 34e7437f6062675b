//! The scenario builder and the driver in virtual time: each state of each machine.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod support;

use byourside_proto::{
    Machine,
    machine::{
        place::Placement,
        place_set::PlaceSetOptions,
        reconcile::Reconciliation,
        wait::{EndSource, Reason},
        wait_set::WaitSetOptions,
    },
};
use support::{
    Answer, Collecting, ReceivesEvents, Restores, Scenario, TOKEN, VirtualTime, at, call_with_token, ok, record,
    status_event,
};

#[test]
fn examples_of_the_builder_hold() {
    let waiter = Scenario::waiter().answered(record("in_progress"));
    let mut waiter = waiter.at(2).received(&status_event("completed"));
    assert_eq!(waiter.output().unwrap().end_source, EndSource::Event);

    let placer = Scenario::placer().rate_limited(2).restored();
    assert_eq!(placer.next_wake(), Some(at(2)));

    let (end, when) = Scenario::waiter().run_timed(|_| Answer::silence());
    assert_eq!((end.unwrap_err().code(), when), ("timeout", at(180)));
}

/// Checks the states fresh, in flight, idle after a failure and rate limited, each also after a restore.
fn go_through_the_states<M: Restores>(fresh: impl Fn() -> VirtualTime<M>) {
    assert_eq!(fresh().next_wake(), Some(at(0)));
    assert_eq!(fresh().restored().next_wake(), Some(at(0)));

    let mut in_flight = fresh().in_flight();
    assert_eq!((in_flight.unanswered.len(), in_flight.sleeps()), (1, true));
    let _done_or_idle = fresh().in_flight().restored();

    let mut failed = fresh().answered(Answer::not_sent());
    assert_eq!((failed.unanswered.len(), failed.sleeps()), (0, true));
    assert!(failed.restored().sleeps());

    let mut limited = fresh().rate_limited(7);
    assert!(limited.sleeps());
    assert!(limited.next_wake().unwrap() >= at(7), "{:?}", limited.machine);
    assert!(limited.at(3).restored().next_wake().unwrap() >= at(4));
}

/// Checks the states done but unobserved and done and observed, after an event.
fn end_by_an_event<M: ReceivesEvents + Restores>(fresh: VirtualTime<M>) {
    let unobserved = fresh.in_flight().at(1).received(&status_event("completed"));
    assert_eq!(unobserved.next_wake(), None);
    let observed = unobserved.observed().at(60).observed();
    assert_eq!(observed.restored().observed().next_wake(), None);
}

#[test]
fn machines_go_through_the_states() {
    let reconciler = || Scenario::reconciler(call_with_token(TOKEN));
    go_through_the_states(Scenario::waiter);
    go_through_the_states(Scenario::placer);
    go_through_the_states(reconciler);
    go_through_the_states(|| Scenario::wait_set(WaitSetOptions::default(), ["c1"]));
    go_through_the_states(|| Scenario::place_set(PlaceSetOptions::default(), [TOKEN]));
    end_by_an_event(Scenario::waiter());
    end_by_an_event(Scenario::placer());
    end_by_an_event(reconciler());
    end_by_an_event(Scenario::wait_set(WaitSetOptions::default(), ["c1"]));
    end_by_an_event(Scenario::place_set(PlaceSetOptions::default(), [TOKEN]));
}

#[test]
fn machines_end_with_an_answer() {
    assert!(Scenario::waiter().answered(record("completed")).output().is_ok());
    assert!(Scenario::reader().answered(ok(r#"{"calls":[]}"#)).output().is_ok());
    let placed = Scenario::placer().answered(ok(r#"{"callId":"c1"}"#)).output();
    assert!(matches!(placed, Placement::Placed(_)));
    let mut reconciler = Scenario::reconciler(call_with_token(TOKEN));
    assert_eq!(reconciler.run(|_| ok(r#"{"calls":[]}"#)), Reconciliation::Absent);
}

#[test]
fn waiter_settles_and_makes_its_last_get_at_the_deadline() {
    let settling = Scenario::settling_waiter();
    assert!(matches!(settling.status(at(0)).reason, Reason::Settling { .. }));
    let at_the_deadline = Scenario::waiter().at(180).in_flight();
    assert_eq!(at_the_deadline.next_wake(), Some(at(181)));
}

#[test]
fn virtual_time_delivers_an_answer_late_or_not_at_all() {
    let late = || record("completed").after_millis(16_000);
    let mut answers = [late(), record("in_progress")].into_iter();
    let mut waiter = Scenario::waiter();
    waiter.run_until(at(17), |_| answers.next().unwrap());
    assert_eq!(waiter.sent_at(), [at(0), at(15)], "the attempt timeout is 15 s");
    assert!(waiter.unanswered.is_empty(), "the late answer was delivered");
    assert_eq!(
        waiter.take_change().unwrap().as_str(),
        "in_progress",
        "the late answer is stale"
    );

    let mut waiter = Scenario::waiter();
    waiter.run_until(at(5), |_| record("completed").after_millis(5_000));
    assert!(waiter.output().is_ok(), "an answer at the deadline counts");
}

#[test]
fn virtual_time_counts_what_is_in_flight_and_when_results_came() {
    let set = Scenario::wait_set(WaitSetOptions::default(), ["c1", "c2"]).machine;
    let mut set = VirtualTime::new(Collecting::new(set));
    set.run(|request| {
        let call = request.call();
        let body = format!(r#"{{"id":"{call}","status":"declined","calls":[]}}"#);
        ok(body).after_millis(1_000)
    });
    assert!(set.most_in_flight > 1, "{:?}", set.sent);
    assert_eq!(set.results.len(), 2);
    assert!(set.results.iter().all(|(when, _)| *when >= at(1)));
}
