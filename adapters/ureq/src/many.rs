//! Many calls at once on a few threads: `wait_many`, `place_many` and `run_set`.
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

/// Waits for many calls at once, with few requests: see [`WaitSet`]. Returns when all have a result. `on_result` is
/// called with each result, on the calling thread.
///
/// It starts `threads` threads, at least one. Each has one request in flight at a time.
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

/// Places many calls at once, each at most once: see [`PlaceSet`]. Returns when all have an outcome. `on_result` is
/// called with each outcome, on the calling thread.
///
/// `record` is called with each [`Intent`] before its request is sent, and must make it durable: after a crash, an
/// intent that was recorded and has no outcome is *unknown*. If `record` fails, the request is not sent; that counts as
/// a failed connection, and is retried. If `record` takes longer than the attempt timeout, the request is not sent
/// either, and its outcome is *unknown*.
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
/// // In a program: a file, written through to the disk.
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
    let before_send = |request: &Request<Vec<u8>>| match Intent::of(request).map(&record) {
        Some(Err(_)) => Err(TransportFailure::not_sent("recording the intent failed")),
        Some(Ok(())) | None => Ok(()),
    };
    run(client, set, threads, before_send, |(intent, placement)| {
        on_result(intent, placement)
    });
}

/// Drives a set of your own, for example one that was restored from a snapshot, until it has nothing left to do.
///
/// Nothing is recorded before it is sent: for a [`PlaceSet`] that must survive a crash, use [`place_many`].
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
    before_send: impl Fn(&Request<Vec<u8>>) -> Result<(), TransportFailure> + Sync,
    on_result: impl FnMut(M::Item),
) {
    let shared = SharedSet {
        set: Mutex::new(set),
        changed: Condvar::new(),
    };
    let (results, received) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let results = results.clone();
            scope.spawn(|| shared.work(client, &before_send, results));
        }
        drop(results);
        received.into_iter().for_each(on_result);
    });
}

/// A set that several threads drive. The thread that holds the lock polls it.
struct SharedSet<'a, M> {
    set: Mutex<&'a mut M>,
    /// Notified after a reply: the sleep of the other threads may be out of date.
    changed: Condvar,
}

impl<'a, M: MachineSet> SharedSet<'a, M> {
    fn work<T: Transport>(
        &self,
        client: &Client<T>,
        before_send: impl Fn(&Request<Vec<u8>>) -> Result<(), TransportFailure>,
        results: mpsc::Sender<M::Item>,
    ) {
        let mut set = self.lock();
        loop {
            let action = set.poll(client.now());
            while let Some(result) = set.take_result() {
                // Sending fails only if the receiving thread has panicked.
                let _ = results.send(result);
            }
            set = match action {
                Action::Send(request, slot) => {
                    drop(set);
                    let deadline = client.now().after(slot.timeout());
                    let sent = before_send(&request).and_then(|()| {
                        // After the attempt timeout the set reports *unknown*, and the call may be looked for: nothing
                        // may be sent then.
                        let time_left = deadline.since(client.now());
                        if time_left.is_zero() {
                            return Err(TransportFailure::not_sent("recording the intent took too long"));
                        }
                        client.transport().send(request, time_left)
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
