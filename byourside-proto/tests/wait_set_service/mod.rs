//! Wait sets, services for them, and the results of their calls.
use crate::support::{Answer, Collecting, Scenario, SentRequest, VirtualTime, ok, status};
use byourside_proto::{
    Monotonic,
    machine::wait_set::{WaitSet, WaitSetOptions},
};
use std::collections::BTreeMap;

/// A set in virtual time.
pub type Driver = VirtualTime<Collecting<WaitSet>>;

pub fn driver(set: WaitSet) -> Driver {
    VirtualTime::new(Collecting::new(set))
}

/// A set of this many calls, with the ids `c0`, `c1` and so on.
pub fn filled(options: WaitSetOptions, calls: usize) -> WaitSet {
    let ids: Vec<String> = (0..calls).map(|call| format!("c{call}")).collect();
    Scenario::wait_set(options, ids.iter().map(String::as_str)).machine
}

/// Runs a set of this many calls to its end.
pub fn run(options: WaitSetOptions, calls: usize, service: impl FnMut(&SentRequest) -> Answer) -> Driver {
    let mut driver = driver(filled(options, calls));
    driver.run(service);
    driver
}

/// The time and the status or error code of each result. A call has one result at most.
pub fn results(driver: &Driver) -> BTreeMap<&str, (Monotonic, Result<String, String>)> {
    let words = driver.results.iter().map(|(at, (id, result))| {
        let word = result
            .as_ref()
            .map(|ended| ended.call.status().unwrap().as_str().to_owned());
        (id.as_str(), (*at, word.map_err(|error| error.code().to_owned())))
    });
    let results: BTreeMap<_, _> = words.collect();
    assert_eq!(results.len(), driver.results.len(), "two results for one call");
    results
}

pub fn all_completed(driver: &Driver) -> bool {
    results(driver)
        .values()
        .all(|(_, result)| result.as_deref() == Ok("completed"))
}

pub fn lists(driver: &Driver) -> usize {
    driver.sent.iter().filter(|request| request.is_list()).count()
}

/// A 429 after 10 ms, with this `Retry-After`.
pub fn limited(seconds: u32) -> Answer {
    status(429).retry_after(seconds).after_millis(10)
}

/// Calls that end at their own second; the list shows the last hundred of them.
pub fn honest(ends: Vec<u64>) -> impl FnMut(&SentRequest) -> Answer {
    move |request| {
        let record = |call: usize| {
            let over = request.second() >= ends[call];
            format!(
                r#"{{"id":"c{call}","status":"{}"}}"#,
                if over { "completed" } else { "in_progress" }
            )
        };
        let body = if request.is_list() {
            let shown: Vec<String> = (0..ends.len()).rev().take(100).map(record).collect();
            format!(r#"{{"calls":[{}]}}"#, shown.join(","))
        } else {
            record(request.call().trim_start_matches('c').parse().unwrap())
        };
        ok(body).after_millis(20)
    }
}
