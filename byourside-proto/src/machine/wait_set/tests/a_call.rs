//! One call of a set, by its own GETs.
use super::*;

#[test]
fn that_is_not_found_is_borne_just_after_it_joined_and_counts_as_no_failure() {
    let options = WaitSetOptions {
        max_failures: 0,
        ..NO_LIST()
    };
    let absent = || refused(404, "not_found");
    let (result, _) = answered(options, [absent(), absent(), absent(), record("completed")]);
    assert_eq!(result.unwrap().counts.refused, 3);
    // Asked at 0, 3, 6, 9, and no longer borne at 12.
    let (result, end) = answered(options, (0..5).map(|_| absent()));
    assert_eq!((result.unwrap_err().code(), end >= at(12)), ("not_found", true));
    let (result, _) = answered(options, [record("queued"), absent()]);
    assert_eq!(result.unwrap_err().code(), "not_found", "it was there before");
    let (result, _) = answered(options, [refused(401, "unauthorized")]);
    assert_eq!(result.unwrap_err().code(), "unauthorized");
}

#[test]
fn that_is_not_found_is_borne_for_no_longer_than_the_grace() {
    let options = WaitSetOptions {
        not_found_grace: Duration::from_secs(3),
        ..NO_LIST()
    };
    let (result, _) = answered(options, [refused(404, "not_found"), refused(404, "not_found")]);
    assert_eq!(result.unwrap_err().code(), "not_found");
}

#[test]
fn fails_with_the_first_failure_too_many_in_a_row() {
    let options = WaitSetOptions {
        max_failures: 1,
        ..NO_LIST()
    };
    let failed = || refused(503, "store_error");
    let (result, _) = answered(options, [failed(), record("queued"), failed(), failed()]);
    let error = result.unwrap_err();
    assert!(matches!(error.failure, WaitFailure::GaveUp(_)), "{error:?}");
    assert_eq!((error.code(), error.counts.polls), ("store_error", 4));
}

#[test]
fn times_out_with_what_its_last_get_finds() {
    let options = WaitSetOptions {
        timeout: Duration::from_secs(6),
        ..NO_LIST()
    };
    let failed = || refused(503, "store_error");
    for (last, failure) in [(record("queued"), None), (failed(), Some(503))] {
        let (result, end) = answered(options, [record("queued"), record("queued"), last]);
        let error = result.unwrap_err();
        assert_eq!(
            (error.failure, end >= at(6), end < at(7)),
            (WaitFailure::TimedOut, true, true)
        );
        assert_eq!(error.last_failure.map(|error| error.status()), failure);
    }
}

#[test]
fn is_waited_for_once_and_not_after_it_left() {
    let mut set = set(NO_LIST(), &["c1"]);
    assert!(!set.add(&CallId::new("c1").unwrap(), at(0)));
    assert!(set.remove("c1") && !set.remove("c1"));
    assert_eq!((set.next_wake(), set.len()), (None, 0));
    assert!(set.add(&CallId::new("c1").unwrap(), at(1)), "it may come back");
}

#[test]
fn that_came_back_is_not_taken_for_the_one_that_left() {
    let mut set = set(NO_LIST(), &["c1"]);
    let Action::Send(_, slot) = set.poll(at(0)) else {
        panic!("{set:?}")
    };
    assert!(set.remove("c1") && set.add(&CallId::new("c1").unwrap(), at(1)));
    set.handle(
        at(1),
        slot.reply_ref(&http::Response::new(r#"{"id":"c1","status":"completed"}"#)),
    );
    assert_eq!(set.take_result(), None, "that answer was to another wait");
}
