//! The machines that the rules are checked on, each with arbitrary options.
use crate::support::{api, call, id};
use byourside_proto::{
    ListCalls, Machine, Monotonic,
    machine::{
        Backoff,
        place::{PlaceOptions, Placer},
        read::{ReadOptions, Reader},
        wait::{CallWaiter, OnTerminalEvent, WaitOptions},
    },
    webhook::Event,
};
use core::{fmt::Debug, time::Duration};
use proptest::prelude::*;

/// Options and construction of one kind of machine.
pub trait Subject: Clone + Debug + 'static {
    type Output: Clone + Debug + PartialEq;
    type Machine: Machine<Output = Self::Output> + Clone + Debug + PartialEq;

    /// Arbitrary options, including useless ones.
    fn any() -> BoxedStrategy<Self>;

    fn start(&self, now: Monotonic) -> Self::Machine;

    /// Delivers an event, and returns whether this machine handles events.
    fn receive(_machine: &mut Self::Machine, _now: Monotonic, _event: &Event) -> bool {
        false
    }

    /// The deadline, for a machine that has one.
    fn deadline(&self, start: Monotonic) -> Option<Monotonic>;
}

#[derive(Clone, Debug)]
pub struct Waiter(pub WaitOptions);

#[derive(Clone, Debug)]
pub struct Placing(pub PlaceOptions);

#[derive(Clone, Debug)]
pub struct Reading(pub ReadOptions);

impl Subject for Waiter {
    type Output = <CallWaiter as Machine>::Output;
    type Machine = CallWaiter;

    fn any() -> BoxedStrategy<Self> {
        let times = (span(), span(), span(), span(), span(), span(), span());
        let on_terminal_event = prop_oneof![Just(OnTerminalEvent::Finish), Just(OnTerminalEvent::Refetch)];
        (times, 0_u32..300, backoff(), 0_u32..25, 0_u32..4, on_terminal_event)
            .prop_map(
                |(times, interval_growth_percent, backoff, max_failures, settle, on_terminal_event)| {
                    let (timeout, interval, max_interval, max_retry_after, attempt_timeout, grace, not_found_grace) =
                        times;
                    Self(WaitOptions {
                        timeout: timeout.saturating_mul(4),
                        interval,
                        interval_growth_percent,
                        max_interval,
                        backoff,
                        max_retry_after,
                        attempt_timeout,
                        grace,
                        max_failures,
                        not_found_grace,
                        settle,
                        on_terminal_event,
                        ..WaitOptions::default()
                    })
                },
            )
            .boxed()
    }

    fn start(&self, now: Monotonic) -> CallWaiter {
        CallWaiter::new(api(), id("c1"), self.0, now)
    }

    fn receive(machine: &mut CallWaiter, now: Monotonic, event: &Event) -> bool {
        machine.on_event(now, event);
        true
    }

    fn deadline(&self, start: Monotonic) -> Option<Monotonic> {
        Some(start.after(self.0.timeout))
    }
}

impl Subject for Placing {
    type Output = <Placer as Machine>::Output;
    type Machine = Placer;

    fn any() -> BoxedStrategy<Self> {
        (0_u32..6, any::<bool>(), backoff(), span(), span())
            .prop_map(
                |(retries, retry_placement_failed, backoff, max_retry_after, attempt_timeout)| {
                    Self(PlaceOptions {
                        retries,
                        retry_placement_failed,
                        backoff,
                        max_retry_after,
                        attempt_timeout,
                        seed: 0,
                    })
                },
            )
            .boxed()
    }

    fn start(&self, now: Monotonic) -> Placer {
        Placer::new(api(), call(), self.0, now)
    }

    fn deadline(&self, _start: Monotonic) -> Option<Monotonic> {
        None
    }
}

impl Subject for Reading {
    type Output = <Reader<ListCalls> as Machine>::Output;
    type Machine = Reader<ListCalls>;

    fn any() -> BoxedStrategy<Self> {
        (span(), span(), 0_u32..6, backoff())
            .prop_map(|(timeout, attempt_timeout, retries, backoff)| {
                Self(ReadOptions {
                    timeout: timeout.saturating_mul(4),
                    attempt_timeout,
                    retries,
                    backoff,
                    seed: 0,
                })
            })
            .boxed()
    }

    fn start(&self, now: Monotonic) -> Reader<ListCalls> {
        Reader::new(api(), ListCalls::default(), self.0, now)
    }

    fn deadline(&self, start: Monotonic) -> Option<Monotonic> {
        Some(start.after(self.0.timeout))
    }
}

fn span() -> impl Strategy<Value = Duration> {
    prop_oneof![
        2 => Just(Duration::ZERO),
        3 => (1_u64..100).prop_map(Duration::from_millis),
        9 => (100_u64..60_000).prop_map(Duration::from_millis),
        1 => Just(Duration::MAX),
    ]
}

/// Without jitter, so that a reference model knows each pause.
fn backoff() -> impl Strategy<Value = Backoff> {
    let span = || prop_oneof![1 => Just(0), 2 => 1_u64..100, 6 => 100_u64..60_000].prop_map(Duration::from_millis);
    (span(), 0_u32..400, span()).prop_map(|(first, growth_percent, max)| Backoff {
        first,
        growth_percent,
        max,
        jitter_percent: 0,
    })
}
