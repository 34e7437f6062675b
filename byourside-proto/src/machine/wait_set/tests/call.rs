//! One call of a wait set, through its own GETs.
use super::*;

#[test]
fn call_that_is_not_found_just_after_it_joined_is_no_failure() {
    let options = WaitSetOptions {
        max_failures: 0,
        ..without_list()
    };
    let absent = || refusal(404, "not_found");
    let (result, _) = answered(options, [absent(), absent(), absent(), record("completed")]);
    assert_eq!(result.unwrap().counts.refused, 3);
    // The GETs are at 0, 3, 6 and 9 s. At 12 s a 404 is no longer tolerated.
    let (result, end) = answered(options, (0..5).map(|_| absent()));
    assert_eq!((result.unwrap_err().code(), end >= at(12)), ("not_found", true));
    let (result, _) = answered(options, [record("queued"), absent()]);
    assert_eq!(result.unwrap_err().code(), "not_found", "the call was found before");
    let (result, _) = answered(options, [refusal(401, "unauthorized")]);
    assert_eq!(result.unwrap_err().code(), "unauthorized");
}

#[test]
fn call_that_is_not_found_is_tolerated_no_longer_than_the_grace() {
    let options = WaitSetOptions {
        not_found_grace: Duration::from_secs(3),
        ..without_list()
    };
    let (result, _) = answered(options, [refusal(404, "not_found"), refusal(404, "not_found")]);
    assert_eq!(result.unwrap_err().code(), "not_found");
}

#[test]
fn call_fails_with_the_first_failure_too_many_in_a_row() {
    let options = WaitSetOptions {
        max_failures: 1,
        ..without_list()
    };
    let failed = || refusal(503, "store_error");
    let (result, _) = answered(options, [failed(), record("queued"), failed(), failed()]);
    let error = result.unwrap_err();
    assert!(matches!(error.failure, WaitFailure::GaveUp(_)), "{error:?}");
    assert_eq!((error.code(), error.counts.polls), ("store_error", 4));
}

#[test]
fn call_times_out_with_what_its_last_get_finds() {
    let options = WaitSetOptions {
        timeout: Duration::from_secs(6),
        ..without_list()
    };
    let failed = || refusal(503, "store_error");
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
fn call_is_waited_for_once_and_not_after_it_left() {
    let mut set = set(without_list(), &["c1"]);
    assert!(!set.add(&id("c1"), at(0)));
    assert!(set.remove("c1") && !set.remove("c1"));
    assert_eq!((set.next_wake(), set.len()), (None, 0));
    assert!(set.add(&id("c1"), at(1)), "the call may join again");
}

#[test]
fn call_that_joined_again_is_not_taken_for_the_one_that_left() {
    let mut set = set(without_list(), &["c1"]).in_flight().at(1);
    assert!(set.remove("c1") && set.add(&id("c1"), at(1)));
    set.reply_oldest(record("completed"));
    assert_eq!(set.take_result(), None, "that answer was to another wait");
}
