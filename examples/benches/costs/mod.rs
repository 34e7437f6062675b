//! How many requests it takes to wait for a thousand calls, and how late their ends are known: the set against the
//! official client's loop, on the same virtual timelines. Nothing here is random or timed.
mod official_loop;
mod set;
mod timeline;

use byourside_proto::WaitSetOptions;
use std::time::Duration;
use timeline::Timeline;

/// The set's requests, of the official loops'.
const GOAL: f64 = 1.0 / 30.0;
const SECOND: Duration = Duration::from_secs(1);

/// What waiting took.
pub struct Cost {
    requests: u64,
    /// From the end of each call until it was known.
    delays: Vec<Duration>,
}

impl Cost {
    /// In seconds.
    fn delay(&self) -> f64 {
        self.delays.iter().map(Duration::as_secs_f64).sum::<f64>() / self.delays.len() as f64
    }
}

/// The policy that is the default but for the timeout, which the calls outlast.
fn default() -> WaitSetOptions {
    WaitSetOptions {
        timeout: 1200 * SECOND,
        ..WaitSetOptions::default()
    }
}

/// One for callers who take webhooks: events tell of the ends, and asking is for those that are lost.
fn slow() -> WaitSetOptions {
    WaitSetOptions {
        interval: 120 * SECOND,
        list_interval: 30 * SECOND,
        ..default()
    }
}

pub fn table() {
    println!(
        "\nwaiting for 1,000 calls of one to ten minutes, of the official client's loop (a GET each 3 s for each call)"
    );
    println!(
        "  {:<50}{:>9}{:>9}{:>7}{:>9}{:>9}  goal of 1/30, no later",
        "", "loop", "set", "of it", "loop, s", "set, s"
    );
    let together = |events| Timeline::new(1000, Duration::ZERO, events);
    let spread = |events| Timeline::new(1000, 6 * SECOND, events);
    for (name, timeline, options) in [
        (
            "100 at once, all listed",
            Timeline::new(100, Duration::ZERO, None),
            default(),
        ),
        ("one each 6 s, all listed", spread(None), default()),
        ("  with events", spread(Some(0)), default()),
        (
            "  records not fetched",
            spread(None),
            WaitSetOptions {
                fetch_listed: false,
                ..default()
            },
        ),
        ("all at once, 900 never listed", together(None), default()),
        ("  with events", together(Some(0)), default()),
        ("  with events, asking each 120 s", together(Some(0)), slow()),
        ("  with events, asking each 120 s, 5 % lost", together(Some(20)), slow()),
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
        (true, false) => "few, but later",
        (false, true) => "sooner, but more",
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
