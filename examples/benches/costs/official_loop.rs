//! The official client's `wait_for_call`, once for each call: a GET, and the next one three seconds after the answer.
use super::{
    Cost,
    timeline::{LATENCY, Timeline},
};
use std::time::Duration;

const INTERVAL: Duration = Duration::from_secs(3);

pub fn cost(timeline: &Timeline) -> Cost {
    let mut requests = 0;
    let delays = timeline.calls.iter().map(|call| {
        let mut now = call.begins;
        loop {
            requests += 1;
            let answered = now.after(LATENCY);
            if call.ends <= now {
                return answered.since(call.ends);
            }
            now = answered.after(INTERVAL);
        }
    });
    let delays = delays.collect();
    Cost { requests, delays }
}
