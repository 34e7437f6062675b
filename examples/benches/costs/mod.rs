//! How many requests it takes to wait for a thousand calls, and how late their ends are known: the set compared with
//! the official client's loop, on the same virtual timelines. The figures are deterministic.
mod official_loop;
mod set;
mod timeline;

use byourside_proto::machine::wait_set::WaitSetOptions;
use std::time::Duration;
use timeline::Timeline;

/// The goal: the set's requests as a fraction of the official loops'.
const GOAL: f64 = 1.0 / 30.0;
const SECOND: Duration = Duration::from_secs(1);

/// The cost of waiting.
pub struct Cost {
    requests: u64,
    /// For each call, the time from its end until that was known.
    delays: Vec<Duration>,
}

impl Cost {
    /// In seconds.
    fn delay(&self) -> f64 {
        self.delays.iter().map(Duration::as_secs_f64).sum::<f64>() / self.delays.len() as f64
    }
}

/// The default options with a longer timeout, since the calls outlast the default.
fn default() -> WaitSetOptions {
    WaitSetOptions {
        timeout: 1200 * SECOND,
        ..WaitSetOptions::default()
    }
}

pub fn table() {
    println!(
        "\nwaiting for 1,000 calls of one to ten minutes, against the official client's loop (a GET every 3 s for each call)"
    );
    println!(
        "  {:<50}{:>9}{:>9}{:>7}{:>9}{:>9}  goal of 1/30, no later",
        "", "loop", "set", "ratio", "loop, s", "set, s"
    );
    let together = || Timeline::answered(1000, Duration::ZERO);
    let spread = || Timeline::answered(1000, 6 * SECOND);
    let together_or_not = || Timeline::three_in_four_answered(1000, Duration::ZERO);
    let spread_or_not = || Timeline::three_in_four_answered(1000, 6 * SECOND);
    let not_fetched = WaitSetOptions {
        fetch_listed: false,
        ..default()
    };
    for (name, timeline, options) in [
        (
            "100 at once, all listed",
            Timeline::answered(100, Duration::ZERO),
            default(),
        ),
        ("one every 6 s, all listed", spread(), default()),
        ("  with events", spread().with_events(0), default()),
        ("  with events, 5 % lost", spread().with_events(20), default()),
        ("  one in four unanswered", spread_or_not(), default()),
        (
            "  one in four unanswered, records not fetched",
            spread_or_not(),
            not_fetched,
        ),
        (
            "  one in four unanswered, with events",
            spread_or_not().with_events(0),
            default(),
        ),
        ("all at once, 900 never listed", together(), default()),
        ("  with events", together().with_events(0), default()),
        ("  with events, 5 % lost", together().with_events(20), default()),
        (
            "  one in four unanswered, with events",
            together_or_not().with_events(0),
            default(),
        ),
        (
            "  one in four unanswered, 5 % of events lost",
            together_or_not().with_events(20),
            default(),
        ),
    ] {
        let (official, set) = (official_loop::cost(&timeline), set::cost(&timeline, options));
        row(name, &official, &set);
    }
}

fn row(name: &str, official: &Cost, set: &Cost) {
    assert_eq!(set.delays.len(), official.delays.len(), "each end is known once");
    let ratio = set.requests as f64 / official.requests as f64;
    let (few, soon) = (ratio <= GOAL, set.delay() <= official.delay());
    let verdict = match (few, soon) {
        (true, true) => "met",
        (true, false) => "few requests, but later",
        (false, true) => "sooner, but more requests",
        (false, false) => "missed",
    };
    println!(
        "  {name:<50}{:>9}{:>9}{:>7}{:>9.2}{:>9.2}  {verdict}",
        official.requests,
        set.requests,
        format!("1/{:.0}", 1.0 / ratio),
        official.delay(),
        set.delay()
    );
}
