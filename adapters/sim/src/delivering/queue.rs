//! The queue of deliveries that are not acknowledged.
use super::{DeliveryOptions, DeliveryOutcome, DeliveryTicket, Milestone};
use crate::{SimulatedCall, destination::duration_between};
use byourside_proto::Monotonic;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The shortest pause before a retry, so that virtual time advances whatever the options say.
const MIN_PAUSE: Duration = Duration::from_millis(1);

/// The deliveries that are not acknowledged, by the time of their next attempt or timeout.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    options: DeliveryOptions,
    seed: u64,
    scheduled: u64,
    /// By the number of the call, then the number of the delivery.
    pending: BTreeMap<(u64, u64), Pending>,
    wakes: BTreeSet<(Monotonic, (u64, u64))>,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    milestone: Milestone,
    /// How many attempts were made.
    attempt: u32,
    wake: Monotonic,
    /// The last attempt was sent and is not answered.
    in_flight: bool,
    /// The second arrival of a duplicated attempt: sent once, whatever its outcome.
    duplicate: bool,
}

/// A delivery that is due.
#[derive(Debug)]
pub(crate) struct DueDelivery {
    pub(crate) call: u64,
    pub(crate) milestone: Milestone,
    /// The error of the clock that signs it, in seconds.
    pub(crate) skew: i64,
    /// The delivery is lost on the way.
    pub(crate) lost: bool,
    key: (u64, u64),
    attempt: u32,
}

impl Queue {
    pub(crate) fn new(options: DeliveryOptions) -> Self {
        Self {
            seed: options.faults.seed,
            options,
            scheduled: 0,
            pending: BTreeMap::new(),
            wakes: BTreeSet::new(),
        }
    }

    /// Schedules the events of a call.
    pub(crate) fn schedule(&mut self, number: u64, call: &SimulatedCall) {
        let faults = self.options.faults;
        for milestone in [Milestone::Answered, Milestone::Ended] {
            let Some(mut wake) = milestone.at(call) else { continue };
            if let (Milestone::Answered, Some(end)) = (milestone, call.ends_at())
                && faults.reordered.hits(&mut self.seed)
            {
                wake = end.after(duration_between(
                    &mut self.seed,
                    MIN_PAUSE,
                    faults.max_delay.max(MIN_PAUSE),
                ));
            }
            let wake = self.delayed(wake);
            let pending = Pending {
                milestone,
                attempt: 0,
                wake,
                in_flight: false,
                duplicate: false,
            };
            self.add(number, pending);
        }
    }

    /// The next delivery that is due at `now`.
    pub(crate) fn poll(&mut self, now: Monotonic) -> Option<DueDelivery> {
        loop {
            let (_, key) = self.wakes.first().copied().filter(|(wake, _)| *wake <= now)?;
            let pending = self.remove(key)?;
            if pending.in_flight {
                self.failed(now, key, pending);
                continue;
            }
            let attempt = if pending.duplicate {
                pending.attempt
            } else {
                pending.attempt.saturating_add(1)
            };
            let sent = Pending {
                attempt,
                wake: now.after(self.options.timeout.max(MIN_PAUSE)),
                in_flight: true,
                ..pending
            };
            if !pending.duplicate {
                self.insert(key, sent);
            }
            let faults = self.options.faults;
            let due = DueDelivery {
                call: key.0,
                milestone: pending.milestone,
                skew: 0,
                lost: faults.lost.hits(&mut self.seed),
                key,
                attempt,
            };
            if due.lost {
                return Some(due);
            }
            if !pending.duplicate && faults.duplicated.hits(&mut self.seed) {
                let delay = duration_between(&mut self.seed, Duration::ZERO, faults.max_delay);
                let duplicate = Pending {
                    wake: now.after(delay),
                    in_flight: false,
                    duplicate: true,
                    ..sent
                };
                self.add(key.0, duplicate);
            }
            return Some(DueDelivery {
                skew: self.skew(),
                ..due
            });
        }
    }

    /// Records the outcome of an attempt. A late acknowledgement counts; a late failure does not.
    pub(crate) fn delivered(&mut self, now: Monotonic, ticket: &DeliveryTicket, outcome: DeliveryOutcome) {
        if outcome == DeliveryOutcome::Lost {
            return;
        }
        let key = ticket.key;
        let awaited = self.pending.get(&key).is_some_and(|pending| {
            outcome.is_acknowledged() || (pending.in_flight && pending.attempt == ticket.attempt)
        });
        if awaited
            && let Some(pending) = self.remove(key)
            && !outcome.is_acknowledged()
        {
            self.failed(now, key, pending);
        }
    }

    /// Drops the deliveries of a call that the service has forgotten.
    pub(crate) fn forget(&mut self, number: u64) {
        let keys: Vec<_> = self
            .pending
            .range((number, 0)..=(number, u64::MAX))
            .map(|(key, _)| *key)
            .collect();
        for key in keys {
            self.remove(key);
        }
    }

    pub(crate) fn next_wake(&self) -> Option<Monotonic> {
        self.wakes.first().map(|(wake, _)| *wake)
    }

    fn failed(&mut self, now: Monotonic, key: (u64, u64), pending: Pending) {
        if pending.attempt < self.options.attempts {
            let pause = self
                .options
                .backoff
                .pause(pending.attempt, &mut self.seed)
                .max(MIN_PAUSE);
            let wake = self.delayed(now.after(pause));
            self.insert(
                key,
                Pending {
                    wake,
                    in_flight: false,
                    ..pending
                },
            );
        }
    }

    fn delayed(&mut self, wake: Monotonic) -> Monotonic {
        let faults = self.options.faults;
        if faults.delayed.hits(&mut self.seed) {
            wake.after(duration_between(&mut self.seed, Duration::ZERO, faults.max_delay))
        } else {
            wake
        }
    }

    fn skew(&mut self) -> i64 {
        let faults = self.options.faults;
        if !faults.skewed.hits(&mut self.seed) {
            return 0;
        }
        let max = faults.max_skew.min(Duration::from_secs(u32::MAX.into()));
        let twice = duration_between(&mut self.seed, Duration::ZERO, max.saturating_mul(2));
        // Both are at most 2^33 seconds, so that the conversions succeed.
        i64::try_from(twice.as_secs()).unwrap_or(0) - i64::try_from(max.as_secs()).unwrap_or(0)
    }

    fn add(&mut self, number: u64, pending: Pending) {
        self.scheduled += 1;
        self.insert((number, self.scheduled), pending);
    }

    fn insert(&mut self, key: (u64, u64), pending: Pending) {
        self.wakes.insert((pending.wake, key));
        self.pending.insert(key, pending);
    }

    fn remove(&mut self, key: (u64, u64)) -> Option<Pending> {
        let pending = self.pending.remove(&key)?;
        self.wakes.remove(&(pending.wake, key));
        Some(pending)
    }
}

impl DueDelivery {
    pub(crate) fn ticket(&self, call: &SimulatedCall) -> DeliveryTicket {
        DeliveryTicket {
            key: self.key,
            attempt: self.attempt,
            call_id: call.id,
            event_id: self.milestone.event_id(call),
            event: self.milestone.event(call),
        }
    }
}
