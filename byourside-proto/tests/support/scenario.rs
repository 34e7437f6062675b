//! A builder that puts any machine into a given state.
use super::{Answer, TOKEN, VirtualTime, api, at, call_with_token, id, status, through_text};
use byourside_proto::{
    Api, ListCalls, Machine, Monotonic, PlaceCall,
    machine::{
        Snapshot, SnapshotError,
        place::{PlaceOptions, Placer},
        place_set::{Intent, PlaceSet, PlaceSetOptions},
        read::{ReadOptions, Reader},
        reconcile::{ReconcileOptions, Reconciler},
        wait::{CallWaiter, WaitOptions},
        wait_set::{WaitSet, WaitSetOptions},
    },
    webhook::Event,
};
use core::fmt::Debug;

/// Builds a machine in any state, starting from a fresh one at the origin of the clock.
///
/// Each constructor returns the machine in a [`VirtualTime`]; the methods in this table chain on that.
///
/// | state | how |
/// |---|---|
/// | fresh | `Scenario::waiter()` |
/// | with a request in flight | `.in_flight()` |
/// | idle after an answer or a failure | `.answered(record("queued"))`, `.answered(Answer::reset())` |
/// | rate limited | `.rate_limited(seconds)` |
/// | settling | `Scenario::settling_waiter()` |
/// | at the deadline, or at any other time | `.at(seconds)` |
/// | done, unobserved | `.answered(record("completed"))`, `.received(&status_event("completed"))` |
/// | done, observed | the same, then `.observed()` |
/// | restored from a snapshot | `.restored()` |
///
/// A waiter sees the call in progress, and two seconds later an event ends the wait:
/// ```
/// let waiter = Scenario::waiter().answered(record("in_progress"));
/// let mut waiter = waiter.at(2).received(&status_event("completed"));
/// assert_eq!(waiter.output().unwrap().end_source, EndSource::Event);
/// ```
/// A placer is rate limited for two seconds, and keeps that delay across a restart:
/// ```
/// let placer = Scenario::placer().rate_limited(2).restored();
/// assert_eq!(placer.next_wake(), Some(at(2)));
/// ```
/// A waiter gets no answer to any request, and times out:
/// ```
/// let (end, when) = Scenario::waiter().run_timed(|_| Answer::silence());
/// assert_eq!((end.unwrap_err().code(), when), ("timeout", at(180)));
/// ```
pub struct Scenario;

impl Scenario {
    /// A waiter for the call `c1`.
    pub fn waiter() -> VirtualTime<CallWaiter> {
        Self::waiter_with(WaitOptions::default())
    }

    pub fn waiter_with(options: WaitOptions) -> VirtualTime<CallWaiter> {
        VirtualTime::new(CallWaiter::new(api(), id("c1"), options, at(0)))
    }

    /// A waiter that has seen a terminal status without results, with two more GETs to look for them.
    pub fn settling_waiter() -> VirtualTime<CallWaiter> {
        let options = WaitOptions {
            settle: 2,
            ..WaitOptions::default()
        };
        Self::waiter_with(options).answered(super::ok(r#"{"id":"c1","status":"completed"}"#))
    }

    /// A placer of a call with the correlation token `t1`.
    pub fn placer() -> VirtualTime<Placer> {
        Self::placer_with(PlaceOptions::default())
    }

    pub fn placer_with(options: PlaceOptions) -> VirtualTime<Placer> {
        VirtualTime::new(Placer::new(api(), call_with_token(TOKEN), options, at(0)))
    }

    /// A reconciler that looks for this call.
    pub fn reconciler(call: PlaceCall) -> VirtualTime<Reconciler> {
        Self::reconciler_with(ReconcileOptions::default(), call)
    }

    pub fn reconciler_with(options: ReconcileOptions, call: PlaceCall) -> VirtualTime<Reconciler> {
        VirtualTime::new(Reconciler::new(api(), call, options, at(0)))
    }

    /// A reader of the list of calls.
    pub fn reader() -> VirtualTime<Reader<ListCalls>> {
        let (list, options) = (ListCalls::default(), ReadOptions::default());
        VirtualTime::new(Reader::new(api(), list, options, at(0)))
    }

    /// A wait set with these calls.
    pub fn wait_set<'a>(options: WaitSetOptions, ids: impl IntoIterator<Item = &'a str>) -> VirtualTime<WaitSet> {
        let mut set = WaitSet::new(api(), options, at(0));
        for call in ids {
            assert!(set.add(&id(call), at(0)));
        }
        VirtualTime::new(set)
    }

    /// A place set with one call for each intent. The name of the intent is also the correlation token.
    pub fn place_set<'a>(
        options: PlaceSetOptions,
        intents: impl IntoIterator<Item = &'a str>,
    ) -> VirtualTime<PlaceSet> {
        let mut set = PlaceSet::new(api(), options, at(0));
        for intent in intents {
            assert!(set.add(Intent::new(intent), call_with_token(intent)));
        }
        VirtualTime::new(set)
    }
}

impl<M: Machine> VirtualTime<M> {
    /// Runs until the next request is sent, and answers it.
    pub fn answered(mut self, answer: Answer) -> Self {
        self.run_until_sent();
        self.reply(self.unanswered.len() - 1, answer);
        self
    }

    /// Runs until the next request is sent, and answers it with 429 and a `Retry-After` of this many seconds.
    pub fn rate_limited(self, seconds: u32) -> Self {
        self.answered(status(429).retry_after(seconds))
    }

    /// Runs until the next request is sent, and leaves it in flight.
    pub fn in_flight(mut self) -> Self {
        self.run_until_sent();
        self
    }

    /// Sets the clock to this many seconds after the origin, without polling.
    pub fn at(mut self, seconds: u64) -> Self {
        self.now = at(seconds);
        self
    }

    /// Observes the output of a machine that is done.
    pub fn observed(mut self) -> Self {
        self.output();
        self
    }
}

impl<M: ReceivesEvents> VirtualTime<M> {
    /// Receives an event that carries the call's correlation token.
    pub fn received(mut self, event: &Event) -> Self {
        self.machine.receive(self.now, event, Some(TOKEN));
        self
    }
}

impl<M: Restores> VirtualTime<M> {
    /// Restores the machine from its snapshot, as another process would. The clock starts again at 0.
    pub fn restored(self) -> Self {
        let snapshot = through_text(&self.machine.snapshot(self.now));
        Self::new(M::restore(api(), snapshot, at(0)).unwrap())
    }
}

/// A machine that handles webhook events.
pub trait ReceivesEvents: Machine {
    fn receive(&mut self, now: Monotonic, event: &Event, token: Option<&str>);
}

/// A machine that can be restored from a snapshot.
pub trait Restores: Machine + Sized + Debug {
    fn snapshot(&self, now: Monotonic) -> Snapshot;
    fn restore(api: Api, snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError>;
}

macro_rules! receives_events {
    ($($machine:ty, |$now:ident, $event:ident, $token:ident| $arguments:tt;)*) => {$(
        impl ReceivesEvents for $machine {
            fn receive(&mut self, $now: Monotonic, $event: &Event, $token: Option<&str>) {
                let _effect = receives_events!(self $arguments);
            }
        }

        impl Restores for $machine {
            fn snapshot(&self, now: Monotonic) -> Snapshot {
                self.snapshot(now)
            }

            fn restore(api: Api, snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError> {
                <$machine>::restore(api, snapshot, now)
            }
        }
    )*};
    ($machine:ident ($($argument:ident),*)) => { $machine.on_event($($argument),*) };
}

receives_events! {
    CallWaiter, |now, event, _token| (now, event);
    WaitSet, |now, event, _token| (now, event);
    Placer, |now, event, token| (now, event, token);
    Reconciler, |now, event, token| (now, event, token);
    PlaceSet, |now, event, token| (now, event, token);
}
