//! What the list is asked for, and what it saves.
use super::*;

const EACH_TWO_SECONDS: fn() -> WaitSetOptions = || WaitSetOptions {
    list_interval: Duration::from_secs(2),
    ..WaitSetOptions::default()
};

/// When lists are asked for in the first two minutes, in whole seconds, and how many GETs there are.
fn asked(set: &mut WaitSet, list: impl Fn(Monotonic) -> Script) -> (Vec<u64>, usize) {
    let (mut lists, mut gets, mut now) = (Vec::new(), 0, at(0));
    while now < at(120) {
        let next = step(set, now, |request| {
            if request.uri().query().is_some() {
                lists.push(now.since_origin().as_secs());
                return list(now);
            }
            gets += 1;
            record("in_progress")
        });
        match next {
            Ok(next) => now = next,
            Err(()) => break,
        }
    }
    (lists, gets)
}

fn listed(ids: &[&str], status: &str) -> Script {
    let entry = |id: &&str| format!(r#"{{"id":"{id}","status":"{status}"}}"#);
    ok(format!(
        r#"{{"calls":[{}]}}"#,
        ids.iter().map(entry).collect::<Vec<_>>().join(",")
    ))
}

#[test]
fn is_asked_for_each_interval_while_it_shows_a_waiting_call_and_more_rarely_while_it_shows_none() {
    let ids = ["c1", "c2"];
    let (lists, gets) = asked(&mut set(EACH_TWO_SECONDS(), &ids), |_| listed(&ids, "in_progress"));
    assert_eq!(lists, (0..60).map(|n| n * 2).collect::<Vec<_>>());
    assert!(gets <= 2, "{gets}");
    let (lists, _) = asked(&mut set(EACH_TWO_SECONDS(), &ids), |_| listed(&["c3"], "in_progress"));
    assert_eq!(lists, [0, 4, 12, 28, 58, 88, 118]);
}

#[test]
fn is_asked_for_again_after_it_failed() {
    let ids = ["c1", "c2"];
    let (lists, _) = asked(&mut set(EACH_TWO_SECONDS(), &ids), |now| {
        if now < at(1) {
            Script::Answer(503, String::new())
        } else {
            listed(&ids, "in_progress")
        }
    });
    assert_eq!(lists[..3], [0, 2, 4]);
}

#[test]
fn is_asked_for_at_once_when_a_call_joins_and_no_sooner_than_the_interval() {
    let mut set = set(EACH_TWO_SECONDS(), &["c1", "c2"]);
    let mut join = |now, expected: &[u64]| {
        set.add(&CallId::new(format!("n{now}")).unwrap(), at(now));
        let mut lists = Vec::new();
        let mut now = at(now);
        while now < at(expected.iter().max().unwrap() + 1) {
            now = step(&mut set, now, |request| {
                if request.uri().query().is_some() {
                    lists.push(now.since_origin().as_secs());
                    return listed(&[], "");
                }
                record("in_progress")
            })
            .unwrap();
        }
        assert_eq!(lists, expected);
    };
    join(0, &[0]);
    join(1, &[2]);
    join(20, &[20]);
}

#[test]
fn goes_on_for_few_calls_while_it_shows_them() {
    let options = WaitSetOptions {
        list_from: 3,
        fetch_listed: false,
        ..EACH_TWO_SECONDS()
    };
    let mut set = set(options, &["c1", "c2", "c3"]);
    let (lists, gets) = asked(&mut set, |now| match now.since_origin().as_secs() {
        0 => listed(&["c1", "c2", "c3"], "in_progress"),
        2 => listed(&["c1", "c2"], "completed"),
        4..10 => listed(&["c3"], "in_progress"),
        _ => listed(&["c3"], "completed"),
    });
    assert_eq!((lists, set.len()), (vec![0, 2, 4, 6, 8, 10], 0));
    assert!(gets <= 3, "{gets}");
}

#[test]
fn spares_calls_their_own_gets_which_are_spread() {
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
fn says_that_a_call_is_over_and_its_record_is_fetched_if_that_is_wanted() {
    for (fetch_listed, summary) in [(true, Some("From the record.")), (false, None)] {
        let options = WaitSetOptions {
            fetch_listed,
            list_from: 1,
            ..WaitSetOptions::default()
        };
        let mut set = set(options, &["c1"]);
        run(&mut set, at(0), |request| match request.uri().query() {
            Some(_) => listed(&["c1"], "declined"),
            None => record("declined"),
        });
        let ended = only(&mut set).unwrap();
        assert_eq!((ended.end_source, ended.call.summary()), (EndSource::Poll, summary));
    }
}
