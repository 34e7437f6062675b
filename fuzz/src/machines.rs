//! The machines that are driven, and how they are made.
use crate::driver::{Driven, drive};
use byourside_proto::{
    Api, BuildError, CallId, GetCall, Monotonic, PlaceCall,
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
use core::time::Duration;

/// The rules that every machine keeps, whatever its driver does. The first byte picks the machine.
pub(crate) fn machine(data: &[u8]) {
    let Some((which, rest)) = data.split_first() else {
        return;
    };
    let driven = match which % 6 {
        0 => waiter().map(|machine| drive(machine, rest)),
        1 => placer().map(|machine| drive(machine, rest)),
        2 => reader().map(|machine| drive(machine, rest)),
        3 => reconciler(call).map(|machine| drive(machine, rest)),
        4 => reconciler(correlated).map(|machine| drive(machine, rest)),
        _ => place_set().map(|machine| drive(machine, rest)),
    };
    driven.expect("what it is made of is good");
}

/// The same rules for the set of waiting calls, which may have several requests in flight.
pub(crate) fn wait_set(data: &[u8]) {
    drive(waiting().expect("what it is made of is good"), data);
}

/// Implements events, with or without the token of their URL, and snapshots.
macro_rules! outliving {
    ($($token:ident)?) => {
        fn hear(&mut self, now: Monotonic, event: &Event, _token: Option<&str>) {
            $(let $token = _token;)?
            self.on_event(now, event $(, $token)?);
        }

        fn snapshot(&self, now: Monotonic) -> Option<Snapshot> {
            Some(self.snapshot(now))
        }

        fn restore(snapshot: Snapshot, now: Monotonic) -> Result<Self, SnapshotError> {
            Self::restore(api().expect("a key"), snapshot, now)
        }
    };
}

impl Driven for CallWaiter {
    outliving!();

    fn extend(&mut self, now: Monotonic, timeout: Duration) -> bool {
        self.extend(now, timeout)
    }
}

impl Driven for Placer {
    /// The first POST, and the retries that the options allow.
    const MOST_REQUESTS: usize = 3;

    outliving!(token);
}

impl Driven for Reconciler {
    outliving!(token);
}

impl Driven for Reader<GetCall> {}

impl Driven for PlaceSet {
    const IN_FLIGHT: usize = 2;
    /// As many for each of its three calls as for one.
    const MOST_REQUESTS: usize = 3 * Placer::MOST_REQUESTS;

    outliving!(token);
}

impl Driven for WaitSet {
    const IN_FLIGHT: usize = 3;

    fn waits(&self) -> usize {
        self.len()
    }

    outliving!();
}

fn api() -> Result<Api, BuildError> {
    Api::with_key("bys_ak_fuzz")
}

fn call() -> Result<PlaceCall, BuildError> {
    PlaceCall::new("+14155550123", "Ask.")
}

fn correlated() -> Result<PlaceCall, BuildError> {
    call()?.webhook_url("https://hooks.example/bys")?.correlation("t1")
}

fn waiter() -> Result<CallWaiter, BuildError> {
    let options = WaitOptions {
        settle: 2,
        ..WaitOptions::default()
    };
    Ok(CallWaiter::new(api()?, CallId::new("c1")?, options, Monotonic::ORIGIN))
}

fn placer() -> Result<Placer, BuildError> {
    Ok(Placer::new(
        api()?,
        correlated()?,
        PlaceOptions::default(),
        Monotonic::ORIGIN,
    ))
}

fn reader() -> Result<Reader<GetCall>, BuildError> {
    let get = GetCall(CallId::new("c1")?);
    Ok(Reader::new(api()?, get, ReadOptions::default(), Monotonic::ORIGIN))
}

fn reconciler(call: fn() -> Result<PlaceCall, BuildError>) -> Result<Reconciler, BuildError> {
    let reconciler = Reconciler::new(api()?, call()?, ReconcileOptions::default(), Monotonic::ORIGIN);
    Ok(reconciler.known([CallId::new("c0")?]))
}

fn place_set() -> Result<PlaceSet, BuildError> {
    let options = PlaceSetOptions {
        place: PlaceOptions::default(),
        max_in_flight: PlaceSet::IN_FLIGHT,
        max_per_second: 100,
        ..PlaceSetOptions::default()
    };
    let mut set = PlaceSet::new(api()?, options, Monotonic::ORIGIN);
    for intent in ["a", "b"] {
        set.add(Intent::new(intent), call()?);
    }
    set.add(Intent::new("c"), correlated()?);
    Ok(set)
}

fn waiting() -> Result<WaitSet, BuildError> {
    let options = WaitSetOptions {
        max_in_flight: WaitSet::IN_FLIGHT,
        timeout: Duration::from_secs(30),
        ..WaitSetOptions::default()
    };
    let mut set = WaitSet::new(api()?, options, Monotonic::ORIGIN);
    for id in ["c0", "c1", "c2"] {
        set.add(&CallId::new(id)?, Monotonic::ORIGIN);
    }
    Ok(set)
}
