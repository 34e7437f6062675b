//! Faults between a client and the service, each by itself and by profile.
use super::harness::{CALLS, KEY, api, at, placed};
use crate::{DeliveryFaults, FaultPlan, Faults, Profile, Rate, Received, Service};
use byourside_proto::{CallId, GetCall, ListCalls, Monotonic, Operation};
use http::{HeaderMap, Request, StatusCode};
use std::collections::BTreeSet;
use std::time::Duration;

const PLACE: &str = r#"{"to": "+14155550123", "objective": "Ask."}"#;

/// What 200 POSTs receive, and how many calls came of them.
fn receive(faults: Faults) -> (Vec<Received>, usize) {
    let mut service = Service::new(7);
    let mut plan = FaultPlan::new(faults);
    let received = (0..200)
        .map(|second| {
            let authorization = format!("Bearer {KEY}");
            let request = Request::post(CALLS)
                .header("authorization", authorization)
                .body(PLACE)
                .unwrap();
            plan.draw().apply(&mut service, at(second), &request)
        })
        .collect();
    (received, service.calls().count())
}

fn statuses(received: &[Received]) -> BTreeSet<u16> {
    received
        .iter()
        .map(|received| match received {
            Received::Response(response) => response.status().as_u16(),
            Received::Closed | Received::Silence | Received::NoConnection => 0,
        })
        .collect()
}

#[test]
fn profile_is_found_by_its_name_and_none_has_no_faults() {
    for profile in Profile::ALL {
        assert_eq!(Profile::named(profile.name()), Some(profile));
    }
    let seed = 7;
    assert_eq!(
        Profile::None.faults(seed),
        Faults {
            seed,
            ..Faults::default()
        }
    );
    assert_eq!(
        Profile::None.delivery_faults(seed),
        DeliveryFaults {
            seed,
            ..DeliveryFaults::default()
        }
    );
}

#[test]
fn request_without_faults_is_answered_at_once() {
    let (received, calls) = receive(Profile::None.faults(7));
    assert_eq!((statuses(&received), calls), (BTreeSet::from([202]), 200));
    let outcome = FaultPlan::new(Faults::default()).draw();
    assert_eq!((outcome.there(), outcome.back()), (Duration::ZERO, Duration::ZERO));
}

#[test]
fn failed_connection_says_that_nothing_was_sent() {
    let faults = Faults {
        no_connection: Rate::ALWAYS,
        ..Faults::default()
    };
    let (received, calls) = receive(faults);
    assert!(
        received
            .iter()
            .all(|received| matches!(received, Received::NoConnection))
    );
    assert_eq!(calls, 0);
}

#[test]
fn lost_request_does_nothing_and_lost_answer_was_acted_on() {
    for (silent, before) in [(false, false), (false, true), (true, false), (true, true)] {
        let rate = |on| if on { Rate::ALWAYS } else { Rate::NEVER };
        let (received, calls) = receive(Faults {
            request_lost: rate(before),
            answer_lost: rate(!before),
            silent: rate(silent),
            ..Faults::default()
        });
        assert_eq!(calls, if before { 0 } else { 200 });
        assert!(received.iter().all(|received| match received {
            Received::Closed => !silent,
            Received::Silence => silent,
            Received::Response(_) | Received::NoConnection => false,
        }));
    }
}

#[test]
fn server_error_comes_before_or_after_the_service_acted() {
    for (error_before, error_after, placed) in [(Rate::ALWAYS, Rate::NEVER, 0), (Rate::NEVER, Rate::ALWAYS, 200)] {
        let (received, calls) = receive(Faults {
            error_before,
            error_after,
            ..Faults::default()
        });
        assert_eq!((statuses(&received), calls), (BTreeSet::from([500, 503]), placed));
    }
}

#[test]
fn rate_limit_has_a_retry_after_in_either_form() {
    let (received, calls) = receive(Faults {
        rate_limited: Rate::ALWAYS,
        max_retry_after: Duration::from_secs(4),
        ..Faults::default()
    });
    assert_eq!((statuses(&received), calls), (BTreeSet::from([429]), 0));
    let mut forms = BTreeSet::new();
    for received in received {
        let response = received.into_result().unwrap();
        forms.insert(response.headers().contains_key("date"));
        let error = ListCalls::default()
            .parse(response.status(), response.headers(), response.body())
            .unwrap_err();
        assert_eq!(error.code(), "rate_limited");
        let asked = error.retry_after().unwrap().as_secs();
        assert!((1..=4).contains(&asked), "{asked}");
    }
    assert_eq!(forms.len(), 2);
}

#[test]
fn proxy_page_comes_before_or_after_the_service_acted() {
    let (received, calls) = receive(Faults {
        html: Rate::ALWAYS,
        ..Faults::default()
    });
    assert_eq!(statuses(&received), BTreeSet::from([200, 408, 502, 503, 504]));
    assert!((50..150).contains(&calls), "{calls}");
    for received in received {
        let response = received.into_result().unwrap();
        assert_eq!(response.headers()["content-type"], "text/html");
        assert!(
            ListCalls::default()
                .parse(StatusCode::OK, &HeaderMap::new(), response.body())
                .is_err()
        );
    }
}

#[test]
fn cut_body_is_shorter_and_no_json() {
    let (received, calls) = receive(Faults {
        truncated: Rate::ALWAYS,
        ..Faults::default()
    });
    assert_eq!((statuses(&received), calls), (BTreeSet::from([202]), 200));
    for received in received {
        let response = received.into_result().unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(response.body()).is_err());
    }
}

#[test]
fn stale_replica_shows_the_past_since_the_placing() {
    let mut service = Service::new(7);
    let id = placed(&mut service, at(0), "+14155550103");
    let end = service.calls().next().unwrap().ends_at().unwrap();
    let mut plan = FaultPlan::new(Faults {
        stale: Rate::ALWAYS,
        ..Faults::default()
    });
    let get = GetCall(CallId::new(id).unwrap());
    let mut statuses = |now: Monotonic| -> BTreeSet<_> {
        let plan = (0..50).map(|_| plan.draw());
        let received = plan.map(|outcome| outcome.apply(&mut service, now, &get.request(&api())));
        let records = received.map(|received| {
            let response = received.into_result().unwrap();
            let call = get.parse(response.status(), response.headers(), response.body());
            call.unwrap().status().unwrap().as_str().to_owned()
        });
        records.collect()
    };
    assert_eq!(statuses(at(0)), BTreeSet::from(["queued".to_owned()]));
    let both = BTreeSet::from(["queued".to_owned(), "declined".to_owned()]);
    assert_eq!(statuses(end.after(Duration::from_secs(2))), both);
    assert_eq!(
        statuses(end.after(Duration::from_secs(6))),
        BTreeSet::from(["declined".to_owned()])
    );
}

#[test]
fn latency_is_within_its_bounds_each_way() {
    let mut plan = FaultPlan::new(Profile::Harsh.faults(7));
    let bounds = Duration::from_millis(10)..=Duration::from_secs(3);
    let ways: Vec<_> = (0..200)
        .map(|_| plan.draw())
        .map(|outcome| (outcome.there(), outcome.back()))
        .collect();
    assert!(
        ways.iter()
            .all(|(there, back)| bounds.contains(there) && bounds.contains(back))
    );
    assert!(ways.iter().any(|(there, back)| there < back) && ways.iter().any(|(there, back)| there > back));
}

#[test]
fn harsh_profile_reaches_every_fault_and_repeats_by_seed() {
    let run = |seed| {
        let (received, _) = receive(Profile::Harsh.faults(seed));
        let shown = received.into_iter().map(|received| match received.into_result() {
            Ok(response) => format!("{response:?}"),
            Err(failure) => format!("{failure:?}"),
        });
        shown.collect::<Vec<_>>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
    let (received, calls) = receive(Profile::Harsh.faults(7));
    let answered = received
        .iter()
        .filter(|received| matches!(received, Received::Response(_)));
    assert!((100..200).contains(&answered.count()));
    assert!((100..200).contains(&calls));
    let plan: BTreeSet<_> = received
        .iter()
        .map(|received| match received {
            Received::Response(response) => response.status().as_u16(),
            Received::Closed => 1,
            Received::Silence => 2,
            Received::NoConnection => 3,
        })
        .collect();
    assert!(
        plan.is_superset(&BTreeSet::from([1, 2, 3, 202, 429, 500, 503])),
        "{plan:?}"
    );
}
