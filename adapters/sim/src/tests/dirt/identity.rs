//! Which call an answer is about.
use super::{
    Check,
    fixture::{Fixture, LATER, NUMBER, OBJECTIVE, answers, clean, entries, get, json_in, list, only, post},
    one_program::{Seen, looking},
};
use crate::{Fault, Target, dirt::Background};
use byourside_proto::Monotonic;
use serde_json::{Value, json};

pub(super) const CHECKS: &[Check] = &[
    (Fault::IdMissing, id_is_missing),
    (Fault::IdOtherName, id_stands_under_its_other_name),
    (Fault::IdsDisagree, ids_disagree_and_the_proper_one_is_right),
    (Fault::IdReused, id_is_that_of_the_call_before),
    (Fault::RecordOfAnother, record_is_that_of_another_call),
    (Fault::OtherProgram, other_program_calls_just_before),
    (Fault::ShortPage, page_is_as_short_as_the_parameter),
    (Fault::ListAscending, list_begins_with_the_oldest_and_lacks_the_newest),
    (Fault::ListPartial, list_has_the_older_half_and_says_so),
    (Fault::BareEntries, entries_have_ids_and_statuses_only),
    (Fault::Replica, replica_does_not_know_what_is_younger),
];

const PROPER: [(Target, &str, &str); 3] = [
    (Target::Post, "callId", "id"),
    (Target::Get, "id", "callId"),
    (Target::Event, "callId", "id"),
];

/// The value of this member in an answer, at each target of [`PROPER`], and in the entries of the list.
fn shown(faults: &crate::dirt::ActiveFaults) -> [(Value, Value); 5] {
    let answers = answers(faults);
    let [post, get, event] = PROPER.map(|(target, proper, other)| {
        let mut read = json_in(&answers[&target]);
        (read[proper].take(), read[other].take())
    });
    let (own, other) = (
        entries(&answers[&Target::List], "callId"),
        entries(&answers[&Target::List], "id"),
    );
    [
        post,
        get,
        event,
        (own[0].clone(), other[0].clone()),
        (own[1].clone(), other[1].clone()),
    ]
}

#[test]
fn id_is_missing() {
    let [post, get, event, first, second] = shown(&only(Fault::IdMissing, 0));
    let none = (Value::Null, Value::Null);
    assert_eq!([&post, &get, &first], [&none, &none, &none]);
    assert!(
        event.0.is_null() && second.0.is_string(),
        "the other entries keep their ids"
    );
    let whole = shown(&clean());
    assert!(
        whole
            .iter()
            .all(|(proper, other)| proper.is_string() && other.is_null())
    );
}

#[test]
fn id_stands_under_its_other_name() {
    let whole = shown(&clean());
    let renamed = shown(&only(Fault::IdOtherName, 0));
    for at in 0..4 {
        assert_eq!(renamed[at], (Value::Null, whole[at].0.clone()), "{at}");
    }
    assert_eq!(renamed[4], whole[4]);
}

#[test]
fn ids_disagree_and_the_proper_one_is_right() {
    let whole = shown(&clean());
    let [post, get, event, ..] = shown(&only(Fault::IdsDisagree, 0));
    for (shown, whole) in [post, get, event].iter().zip(&whole) {
        assert_eq!(*shown, (whole.0.clone(), json!("req_0f0e0d0c")));
    }
}

#[test]
fn id_is_that_of_the_call_before() {
    let mut fixture = Fixture::with_calls(2);
    let receipt = fixture.place(1005, &post(NUMBER, OBJECTIVE), &only(Fault::IdReused, 0));
    assert_eq!(json_in(&receipt)["callId"], json!(fixture.ids[1]));
    assert_eq!(fixture.ids[2], fixture.ids[1]);
    assert_eq!(fixture.service.placed(), 3);
    assert_eq!(json_in(&fixture.record(2, &clean()))["objective"], OBJECTIVE);
    let listed = fixture.list(&clean());
    let texts = [json!(OBJECTIVE), json!("Call 1."), json!("Call 0.")];
    assert_eq!(entries(&listed, "objective"), texts, "the id alone is shared");
    assert_ne!(fixture.ids[0], fixture.ids[1], "each has its own without the fault");
}

#[test]
fn first_call_keeps_its_own_id() {
    let mut fixture = Fixture::with_calls(0);
    fixture.place(1000, &post(NUMBER, OBJECTIVE), &only(Fault::IdReused, 0));
    assert_eq!(json_in(&fixture.record(0, &clean()))["id"], json!(fixture.ids[0]));
}

#[test]
fn record_is_that_of_another_call() {
    let mut fixture = Fixture::with_calls(2);
    let own = json_in(&fixture.record(0, &clean()));
    let other = json_in(&fixture.record(1, &clean()));
    assert_eq!(own["objective"], "Call 0.");
    assert_eq!(json_in(&fixture.record(0, &only(Fault::RecordOfAnother, 0))), other);
    // As if it had completed: at first it has not.
    let first = get(&fixture.ids[0]);
    let mut fixture = Fixture::with_calls(2);
    let early = json_in(&fixture.ask(1001, &first, &only(Fault::RecordOfAnother, 0)));
    assert_eq!((&early["id"], &early["status"]), (&other["id"], &json!("completed")));
}

#[test]
fn only_call_has_its_own_record() {
    let mut fixture = Fixture::with_calls(1);
    let own = json_in(&fixture.record(0, &clean()));
    assert_eq!(json_in(&fixture.record(0, &only(Fault::RecordOfAnother, 0))), own);
}

#[test]
fn other_program_calls_just_before() {
    let faults = only(Fault::OtherProgram, 0);
    let mut fixture = Fixture::with_calls(0);
    let receipt = json_in(&fixture.place(1000, &post(NUMBER, OBJECTIVE), &faults));
    let calls: Vec<_> = fixture.service.calls().collect();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].background, Some(Background::OtherProgram));
    assert_eq!((calls[1].background, calls[1].placed_at), (None, calls[0].placed_at));
    assert_eq!(receipt["callId"], json!(calls[1].id().as_str()));
    assert_eq!(
        fixture.service.placed(),
        1,
        "the call of the other program is not counted"
    );
    let listed = fixture.list(&clean());
    assert_eq!(entries(&listed, "objective"), [json!(OBJECTIVE), json!(OBJECTIVE)]);
    assert_eq!(entries(&listed, "to"), [json!(NUMBER), json!(NUMBER)]);
    assert_eq!(Fixture::with_calls(1).service.calls().count(), 1);
}

#[test]
fn call_of_yesterday_is_dated_a_day_before() {
    let mut fixture = Fixture::with_calls(0);
    let order = post(NUMBER, OBJECTIVE);
    fixture
        .service
        .place_in_background(Monotonic::ORIGIN, &order, Background::Yesterday);
    let listed = fixture.ask(1, &list(), &clean());
    assert_eq!(entries(&listed, "endedAt"), [json!("2025-12-31T00:00:00.000Z")]);
    assert_eq!(entries(&listed, "status"), [json!("completed")]);
}

#[test]
fn page_is_as_short_as_the_parameter() {
    let mut fixture = Fixture::with_calls(7);
    let whole = entries(&fixture.list(&clean()), "callId");
    assert_eq!(whole.len(), 7);
    for (parameter, rows) in [(0, 0), (1, 1), (3, 3), (5, 5), (6, 0), (50, 2)] {
        let page = entries(&fixture.list(&only(Fault::ShortPage, parameter)), "callId");
        assert_eq!(page, whole[..rows], "{parameter}");
    }
}

#[test]
fn list_begins_with_the_oldest_and_lacks_the_newest() {
    let mut fixture = Fixture::with_calls(3);
    let listed = fixture.list(&only(Fault::ListAscending, 0));
    assert_eq!(entries(&listed, "objective"), [json!("Call 0."), json!("Call 1.")]);
    let usual = entries(&fixture.list(&clean()), "objective");
    assert_eq!(usual, [json!("Call 2."), json!("Call 1."), json!("Call 0.")]);
}

#[test]
fn list_has_the_older_half_and_says_so() {
    let mut fixture = Fixture::with_calls(4);
    for (parameter, status) in [(0, 200), (1, 206), (2, 207), (3, 200)] {
        let listed = fixture.list(&only(Fault::ListPartial, parameter));
        assert_eq!(listed.status(), status);
        assert_eq!(entries(&listed, "objective"), [json!("Call 1."), json!("Call 0.")]);
        assert_eq!(json_in(&listed)["partial"], true);
    }
    let usual = fixture.list(&clean());
    assert_eq!(usual.status(), 200);
    assert_eq!(json_in(&usual).get("partial"), None);
}

#[test]
fn entries_have_ids_and_statuses_only() {
    let mut fixture = Fixture::with_calls(2);
    let listed = json_in(&fixture.list(&only(Fault::BareEntries, 0)));
    let bare = |id: &str| json!({"callId": id, "status": "completed"});
    assert_eq!(listed, json!({"calls": [bare(&fixture.ids[1]), bare(&fixture.ids[0])]}));
    assert!(json_in(&fixture.list(&clean()))["calls"][0]["to"].is_string());
}

#[test]
fn replica_does_not_know_what_is_younger() {
    // Placed at 1000, 1001 and 1002.
    let mut fixture = Fixture::with_calls(3);
    let lagging = only(Fault::Replica, 5_000);
    let listed = fixture.ask(1006, &list(), &lagging);
    assert_eq!(entries(&listed, "objective"), [json!("Call 1."), json!("Call 0.")]);
    assert_eq!(entries(&fixture.ask(1006, &list(), &clean()), "callId").len(), 3);
    let (known, unknown) = (get(&fixture.ids[1]), get(&fixture.ids[2]));
    assert_eq!(fixture.ask(1006, &known, &lagging).status(), 200);
    let refused = fixture.ask(1006, &unknown, &lagging);
    assert_eq!(
        (refused.status().as_u16(), &json_in(&refused)["error"]),
        (404, &json!("not_found"))
    );
    assert_eq!(fixture.ask(1006, &unknown, &clean()).status(), 200);
}

#[test]
fn replica_shows_the_earlier_status_of_calls() {
    let mut fixture = Fixture::with_calls(1);
    let ends = fixture
        .service
        .calls()
        .next()
        .and_then(crate::SimulatedCall::ends_at)
        .unwrap();
    let after = ends.since_origin().as_secs() + 2;
    let (record, newest) = (get(&fixture.ids[0]), list());
    let status = |fixture: &mut Fixture, faults: &crate::dirt::ActiveFaults| {
        json_in(&fixture.ask(after, &record, faults))["status"].clone()
    };
    assert_eq!(status(&mut fixture, &clean()), "completed");
    assert_eq!(status(&mut fixture, &only(Fault::Replica, 8_000)), "in_progress");
    let listed =
        |fixture: &mut Fixture, lag| entries(&fixture.ask(after, &newest, &only(Fault::Replica, lag)), "status");
    assert_eq!(listed(&mut fixture, 8_000), [json!("in_progress")]);
    let known = listed(&mut fixture, 40_000);
    assert!(known.is_empty(), "there was no call that long ago");
    assert!(after < LATER);
}

/// The entries of each list that a program reads under these faults of its start.
fn lists(start: crate::dirt::ActiveFaults) -> Vec<Vec<Value>> {
    let answers = looking(start).received().into_iter().map(|(_, seen)| match seen {
        Seen::Answer(_, body) => serde_json::from_slice::<Value>(&body).unwrap(),
        other => panic!("{other:?}"),
    });
    // Any other answer is the record of an entry that has no number or objective.
    let lists = answers.filter_map(|answer| Some(answer.get("calls")?.as_array()?.clone()));
    lists.collect()
}

#[track_caller]
fn expect_of_every_list(fault: Fault, parameter: u64, holds: impl Fn(&[Value]) -> bool) {
    assert_eq!(fault.targets(), [Target::Start]);
    let (usual, active) = (lists(clean()), lists(only(fault, parameter)));
    assert!(
        usual.len() > 3 && active.len() > 3,
        "the reconciler keeps reading the list"
    );
    assert!(usual.iter().all(|list| !holds(list)));
    assert!(active.iter().all(|list| holds(list)), "{active:?}");
}

#[test]
fn fault_of_lists_at_the_start_applies_to_every_list() {
    let is_first = |list: &[Value], number: u64| list[0]["objective"] == format!("Call {number}.");
    expect_of_every_list(Fault::ShortPage, 2, |list| list.len() == 2);
    expect_of_every_list(Fault::ListAscending, 0, |list| list.len() == 6 && is_first(list, 0));
    expect_of_every_list(Fault::ListPartial, 0, |list| list.len() == 3 && is_first(list, 2));
    expect_of_every_list(Fault::BareEntries, 0, |list| {
        list.iter().all(|entry| entry.as_object().unwrap().len() == 2)
    });
    assert_eq!(
        lists(only(Fault::ProxyBefore, 503)),
        lists(clean()),
        "others strike where they are"
    );
}
