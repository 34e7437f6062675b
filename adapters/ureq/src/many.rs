//! Many calls at once, on a few threads.
use byourside_proto::{
    Action, CallId, TransportFailure,
    client::blocking::{Client, Transport},
    machine::{
        MachineSet,
        place::Placement,
        place_set::{Intent, PlaceSet},
        wait::{FinishedCall, WaitError},
        wait_set::{WaitSet, WaitSetOptions},
    },
};
use http::Request;
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

/// Waits for many calls at once, with few requests: see [`WaitSet`]. `on_result` is told of each as it ends, on the
/// calling thread.
///
/// At most this many `threads`, at least one, are started; each has one request out at a time.
///
/// ```
/// use byourside_ureq::{Client, PlaceCall, wait_many, machine::wait_set::WaitSetOptions};
///
/// # let service = byourside_local_service::LocalService::builder().speed(100.0).start()?;
/// # let client = Client::with_options(service.api()?, Default::default())?;
/// let mut ids = Vec::new();
/// for number in ["+14155550123", "+14155550101"] {
///     ids.extend(client.place_call(&PlaceCall::new(number, "Confirm the appointment.")?)?.call_id());
/// }
/// let mut ended = 0;
/// wait_many(&client, &ids, WaitSetOptions::default(), 4, |id, result| {
///     println!("{}: {:?}", id.as_str(), result.map(|ended| ended.call.status()));
///     ended += 1;
/// });
/// assert_eq!(ended, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn wait_many<T: Transport + Send + Sync>(
    client: &Client<T>,
    ids: &[CallId],
    mut options: WaitSetOptions,
    threads: usize,
    mut on_result: impl FnMut(CallId, Result<FinishedCall, WaitError>),
) {
    let now = client.now();
    options.seed ^= client.transport().seed();
    let mut set = WaitSet::new(client.api(), options, now);
    for id in ids {
        set.add(id, now);
    }
    run_set(client, &mut set, threads, |(id, result)| on_result(id, result));
}

/// Places many calls at once, each at most once: see [`PlaceSet`]. `record` is told of each that is about to be placed,
/// before its request is sent; where it fails, the request is not sent, and tried again as if there had been no
/// connection. `on_result` is told of each outcome, on the calling thread.
///
/// ```
/// use byourside_ureq::{Client, PlaceCall, place_many, machine::place_set::{Intent, PlaceSet, PlaceSetOptions}};
/// use std::sync::Mutex;
///
/// # let service = byourside_local_service::LocalService::start()?;
/// # let client = Client::with_options(service.api()?, Default::default())?;
/// let mut set = PlaceSet::new(client.api(), PlaceSetOptions::default(), client.now());
/// set.add(Intent::new("order-17"), PlaceCall::new("+14155550123", "Confirm the appointment.")?);
///
/// // Where it is certain to be found after a crash.
/// let journal = Mutex::new(Vec::new());
/// let record = |intent: &Intent| journal.lock().map(|mut journal| journal.push(intent.clone()));
/// place_many(&client, &mut set, 4, record, |intent, placement| {
///     println!("{}: {placement:?}", intent.as_str());
/// });
/// assert_eq!(*journal.lock().unwrap(), [Intent::new("order-17")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn place_many<T: Transport + Send + Sync, E>(
    client: &Client<T>,
    set: &mut PlaceSet,
    threads: usize,
    record: impl Fn(&Intent) -> Result<(), E> + Sync,
    mut on_result: impl FnMut(Intent, Placement),
) {
    let before = |request: &Request<Vec<u8>>| match Intent::of(request).map(&record) {
        Some(Err(_)) => Err(TransportFailure::not_sent(
            "that it is about to be placed was not recorded",
        )),
        Some(Ok(())) | None => Ok(()),
    };
    run(client, set, threads, before, |(intent, placement)| {
        on_result(intent, placement)
    });
}

/// Drives a set of one's own, such as one that was restored, until it has nothing left to do. For a [`PlaceSet`] that is
/// to outlive the process, use [`place_many`]: here nothing is written down before it is sent.
///
/// ```
/// use byourside_ureq::{CallId, Client, run_set, machine::wait_set::{WaitSet, WaitSetOptions}};
///
/// # let service = byourside_local_service::LocalService::start()?;
/// # let client = Client::with_options(service.api()?, Default::default())?;
/// let mut options = WaitSetOptions::default();
/// options.not_found_grace = std::time::Duration::ZERO;
/// let mut set = WaitSet::new(client.api(), options, client.now());
/// set.add(&CallId::new("no-such-call")?, client.now());
/// run_set(&client, &mut set, 1, |(_id, result)| assert_eq!(result.unwrap_err().code(), "not_found"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run_set<T: Transport + Send + Sync, M: MachineSet<Item: Send> + Send>(
    client: &Client<T>,
    set: &mut M,
    threads: usize,
    on_result: impl FnMut(M::Item),
) {
    run(client, set, threads, |_request| Ok(()), on_result);
}

fn run<T: Transport + Send + Sync, M: MachineSet<Item: Send> + Send>(
    client: &Client<T>,
    set: &mut M,
    threads: usize,
    before: impl Fn(&Request<Vec<u8>>) -> Result<(), TransportFailure> + Sync,
    on_result: impl FnMut(M::Item),
) {
    let shared = Shared {
        set: Mutex::new(set),
        changed: Condvar::new(),
    };
    let (results, taken) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let results = results.clone();
            scope.spawn(|| shared.work(client, &before, results));
        }
        drop(results);
        taken.into_iter().for_each(on_result);
    });
}

/// A set that several threads drive: whoever holds it asks what to do.
struct Shared<'a, M> {
    set: Mutex<&'a mut M>,
    /// An answer came, so what a sleeper was told is out of date.
    changed: Condvar,
}

impl<'a, M: MachineSet> Shared<'a, M> {
    fn work<T: Transport>(
        &self,
        client: &Client<T>,
        before: impl Fn(&Request<Vec<u8>>) -> Result<(), TransportFailure>,
        results: mpsc::Sender<M::Item>,
    ) {
        let mut set = self.lock();
        loop {
            let action = set.poll(client.now());
            while let Some(result) = set.take_result() {
                // Whoever no longer listens has panicked.
                let _ = results.send(result);
            }
            set = match action {
                Action::Send(request, slot) => {
                    drop(set);
                    let until = client.now().after(slot.timeout());
                    let sent = before(&request).and_then(|()| {
                        // Past its time it is unknown to the set, and may be looked for: it must not leave after that.
                        let left = until.since(client.now());
                        if left.is_zero() {
                            return Err(TransportFailure::not_sent("it took too long to be recorded"));
                        }
                        client.transport().send(request, left)
                    });
                    let mut set = self.lock();
                    set.handle(client.now(), slot.reply(sent));
                    self.changed.notify_all();
                    set
                }
                Action::Sleep(duration) => {
                    let woken = self.changed.wait_timeout(set, duration);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                Action::Done(()) => {
                    self.changed.notify_all();
                    return;
                }
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, &'a mut M> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
