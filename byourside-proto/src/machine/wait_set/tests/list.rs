//! When a wait set requests the list, and which GETs the list saves.
use super::*;

fn each_two_seconds() -> WaitSetOptions {
    WaitSetOptions {
        list_interval: Duration::from_secs(2),
        ..WaitSetOptions::default()
    }
}

/// The seconds before 120 s at which the list is requested, and the number of GETs of single calls.
fn asked(set: &mut VirtualTime<WaitSet>, mut list: impl FnMut(u64) -> Answer) -> (Vec<u64>, usize) {
    run_before(set, 120, |request| list(request.second()));
    let lists = lists(&set.sent);
    let gets = set.sent.len() - lists.len();
    (lists, gets)
}

/// Runs until just before this second, with each call in progress.
fn run_before(set: &mut VirtualTime<WaitSet>, seconds: u64, mut list: impl FnMut(&SentRequest) -> Answer) {
    let end = Monotonic::new(Duration::from_millis(seconds * 1000 - 1));
    set.run_until(end, |request| {
        if request.is_list() {
            list(request)
        } else {
            record("in_progress")
        }
    });
}

fn lists(sent: &[SentRequest]) -> Vec<u64> {
    let lists = sent.iter().filter(|request| request.is_list());
    lists.map(SentRequest::second).collect()
}

fn listed(ids: &[&str], status: &str) -> Answer {
    let entry = |id: &&str| format!(r#"{{"id":"{id}","status":"{status}"}}"#);
    ok(format!(
        r#"{{"calls":[{}]}}"#,
        ids.iter().map(entry).collect::<Vec<_>>().join(",")
    ))
}

#[test]
fn list_is_asked_for_each_interval_and_less_while_it_shows_no_call() {
    let ids = ["c1", "c2"];
    let (lists, gets) = asked(&mut set(each_two_seconds(), &ids), |_| listed(&ids, "in_progress"));
    assert_eq!(lists, (0..60).map(|n| n * 2).collect::<Vec<_>>());
    assert!(gets <= 2, "{gets}");
    let (lists, _) = asked(&mut set(each_two_seconds(), &ids), |_| listed(&["c3"], "in_progress"));
    assert_eq!(lists, [0, 4, 12, 28, 58, 88, 118]);
}

#[test]
fn list_is_asked_for_again_after_it_failed() {
    let ids = ["c1", "c2"];
    let (lists, _) = asked(&mut set(each_two_seconds(), &ids), |now| {
        if now < 1 {
            status(503)
        } else {
            listed(&ids, "in_progress")
        }
    });
    assert_eq!(lists[..3], [0, 2, 4]);
}

#[test]
fn list_is_asked_for_when_a_call_joins_and_the_interval_is_over() {
    let mut set = set(each_two_seconds(), &["c1", "c2"]);
    let mut join = |now: u64, expected: &[u64]| {
        let call = format!("n{now}");
        set.now = at(now);
        set.machine.add(&id(call), at(now));
        set.sent.clear();
        run_before(&mut set, expected.iter().max().unwrap() + 1, |_| listed(&[], ""));
        assert_eq!(lists(&set.sent), expected);
    };
    join(0, &[0]);
    join(1, &[2]);
    join(20, &[20]);
}

#[test]
fn list_is_still_used_for_few_calls_while_it_shows_them() {
    let options = WaitSetOptions {
        list_from: 3,
        fetch_listed: false,
        ..each_two_seconds()
    };
    let mut set = set(options, &["c1", "c2", "c3"]);
    let (lists, gets) = asked(&mut set, |now| match now {
        0 => listed(&["c1", "c2", "c3"], "in_progress"),
        2 => listed(&["c1", "c2"], "completed"),
        4..10 => listed(&["c3"], "in_progress"),
        _ => listed(&["c3"], "completed"),
    });
    assert_eq!((lists, set.len()), (vec![0, 2, 4, 6, 8, 10], 0));
    assert!(gets <= 3, "{gets}");
}

#[test]
fn list_spares_calls_their_own_gets_which_are_spread() {
    let options = WaitSetOptions {
        list_from: 3,
        ..WaitSetOptions::default()
    };
    let set = set(options, &["c1", "c2", "c3"]);
    let due = |id: &str| set.calls.get(set.calls.find(id).unwrap()).unwrap().due;
    assert_eq!((due("c1"), due("c2")), (0, 0), "too few for a list");
    assert!((3000..6000).contains(&due("c3")));
}

#[test]
fn list_shows_an_end_whose_record_is_fetched_if_wanted() {
    for (fetch_listed, summary) in [(true, Some("From the record.")), (false, None)] {
        let options = WaitSetOptions {
            fetch_listed,
            list_from: 1,
            ..WaitSetOptions::default()
        };
        let mut set = set(options, &["c1"]);
        set.run(|request| {
            if request.is_list() {
                listed(&["c1"], "declined")
            } else {
                record("declined")
            }
        });
        let ended = only(&mut set).unwrap();
        assert_eq!((ended.end_source, ended.call.summary()), (EndSource::Poll, summary));
    }
}
