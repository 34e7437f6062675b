//! Any machine in any state, in two lines.
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

/// Begins with a fresh machine, at the origin of the clock. What follows is said of the [`VirtualTime`] around it.
///
/// | state | how |
/// |---|---|
/// | fresh | `Scenario::waiter()` |
/// | in flight | `.in_flight()` |
/// | idle after an answer or a failure | `.answered(record("queued"))`, `.answered(Answer::reset())` |
/// | rate limited | `.rate_limited(seconds)` |
/// | settling | `Scenario::settling_waiter()` |
/// | at the deadline, or at any other time | `.at(seconds)` |
/// | done, unobserved | `.answered(record("completed"))`, `.heard(&told("completed"))` |
/// | done, observed | that, and `.observed()` |
/// | restored from a snapshot | `.restored()` |
///
/// A waiter that saw the call in progress, and learns of its end from an event two seconds later:
/// ```
/// let mut waiter = Scenario::waiter().answered(record("in_progress")).at(2).heard(&told("completed"));
/// assert_eq!(waiter.output().unwrap().end_source, EndSource::Event);
/// ```
/// A placer that is told to come back after two seconds, in the process after a restart:
/// ```
/// let placer = Scenario::placer().rate_limited(2).restored();
/// assert_eq!(placer.next_wake(), Some(at(2)));
/// ```
/// A waiter that nobody answers, to its end:
/// ```
/// let (end, when) = Scenario::waiter().run_timed(|_| Answer::silence());
/// assert_eq!((end.unwrap_err().code(), when), ("timeout", at(180)));
/// ```
pub struct Scenario;

impl Scenario {
    /// Waits for the call `c1`.
    pub fn waiter() -> VirtualTime<CallWaiter> {
        Self::waiter_with(WaitOptions::default())
    }

    pub fn waiter_with(options: WaitOptions) -> VirtualTime<CallWaiter> {
        VirtualTime::new(CallWaiter::new(api(), id("c1"), options, at(0)))
    }

    /// Has seen the end of the call, and asks twice more for its results.
    pub fn settling_waiter() -> VirtualTime<CallWaiter> {
        let options = WaitOptions {
            settle: 2,
            ..WaitOptions::default()
        };
        Self::waiter_with(options).answered(super::ok(r#"{"id":"c1","status":"completed"}"#))
    }

    /// Places a call with the correlation token `t1`.
    pub fn placer() -> VirtualTime<Placer> {
        Self::placer_with(PlaceOptions::default())
    }

    pub fn placer_with(options: PlaceOptions) -> VirtualTime<Placer> {
        VirtualTime::new(Placer::new(api(), call_with_token(TOKEN), options, at(0)))
    }

    /// Looks for this call.
    pub fn reconciler(call: PlaceCall) -> VirtualTime<Reconciler> {
        Self::reconciler_with(ReconcileOptions::default(), call)
    }

    pub fn reconciler_with(options: ReconcileOptions, call: PlaceCall) -> VirtualTime<Reconciler> {
        VirtualTime::new(Reconciler::new(api(), call, options, at(0)))
    }

    /// Reads the list of calls.
    pub fn reader() -> VirtualTime<Reader<ListCalls>> {
        let (list, options) = (ListCalls::default(), ReadOptions::default());
        VirtualTime::new(Reader::new(api(), list, options, at(0)))
    }

    pub fn wait_set<'a>(options: WaitSetOptions, ids: impl IntoIterator<Item = &'a str>) -> VirtualTime<WaitSet> {
        let mut set = WaitSet::new(api(), options, at(0));
        for call in ids {
            assert!(set.add(&id(call), at(0)));
        }
        VirtualTime::new(set)
    }

    /// Places a call with a correlation token of its own for each intent: the intent's name.
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
    /// Goes on to the next request, and answers that.
    pub fn answered(mut self, answer: Answer) -> Self {
        self.run_until_sent();
        self.reply(self.unanswered.len() - 1, answer);
        self
    }

    /// Goes on to the next request, which is 429 with a `Retry-After` of this many seconds.
    pub fn rate_limited(self, seconds: u32) -> Self {
        self.answered(status(429).retry_after(seconds))
    }

    /// Goes on to the next request, and does not answer that.
    pub fn in_flight(mut self) -> Self {
        self.run_until_sent();
        self
    }

    /// The clock stands there, and the machine has not been polled since.
    pub fn at(mut self, seconds: u64) -> Self {
        self.now = at(seconds);
        self
    }

    /// The end is told.
    pub fn observed(mut self) -> Self {
        self.output();
        self
    }
}

impl<M: Hears> VirtualTime<M> {
    /// An event comes, which proves to be of the call: it has its correlation token.
    pub fn heard(mut self, event: &Event) -> Self {
        self.machine.hear(self.now, event, Some(TOKEN));
        self
    }
}

impl<M: Restores> VirtualTime<M> {
    /// The machine is written down, and another process goes on with it. Its clock begins anew.
    pub fn restored(self) -> Self {
        let snapshot = through_text(&self.machine.snapshot(self.now));
        Self::new(M::restore(api(), snapshot, at(0)).unwrap())
    }
}

/// A machine that takes events.
pub trait Hears: Machine {
    fn hear(&mut self, now: Monotonic, event: &Event, token: Option<&str>);
}

/// A machine that can be written down.
pub trait Restores: Machine + Sized + Debug {
    fn snapshot(&self, now: Monotonic) -> Snapshot;
    fn restore(api: Api, snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError>;
}

macro_rules! hears {
    ($($machine:ty, |$now:ident, $event:ident, $token:ident| $arguments:tt;)*) => {$(
        impl Hears for $machine {
            fn hear(&mut self, $now: Monotonic, $event: &Event, $token: Option<&str>) {
                let _effect = hears!(self $arguments);
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

hears! {
    CallWaiter, |now, event, _token| (now, event);
    WaitSet, |now, event, _token| (now, event);
    Placer, |now, event, token| (now, event, token);
    Reconciler, |now, event, token| (now, event, token);
    PlaceSet, |now, event, token| (now, event, token);
}
