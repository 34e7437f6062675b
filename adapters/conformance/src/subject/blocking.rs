//! `Blocking`: a blocking transport under test.
use super::{Offer, Session, Setup, Subject};
use byourside_proto::{
    Machine, Monotonic, TransportFailure,
    client::blocking::Transport,
    drive_blocking,
    machine::{
        place::{Placement, Placer},
        wait::{CallWaiter, FinishedCall, WaitError},
    },
};
use http::{Request, Response};
use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// A blocking adapter under test.
pub struct Blocking<F> {
    name: String,
    threads: usize,
    connect: F,
}

impl<T: Transport + Sync + 'static, F: Fn(&Setup) -> T + Send + Sync> Blocking<F> {
    /// Creates a subject with this name. `connect` creates a transport. Checks with many waits use 100 threads.
    ///
    /// ```
    /// use byourside_conformance::{Blocking, Setup, Subject};
    /// use byourside_ureq::{ClientOptions, UreqTransport};
    ///
    /// let connect = |setup: &Setup| {
    ///     UreqTransport::with_roots(&ClientOptions::default(), &setup.roots).expect("valid roots")
    /// };
    /// let mine = Blocking::new("mine", connect).threads(8);
    /// assert_eq!((mine.name(), mine.waits_at_once()), ("mine", 8));
    /// ```
    pub fn new(name: impl Into<String>, connect: F) -> Self {
        Self {
            name: name.into(),
            threads: 100,
            connect,
        }
    }

    /// Sets how many threads checks with many waits use, at least one. Default 100.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }
}

impl<T: Transport + Sync + 'static, F: Fn(&Setup) -> T + Send + Sync> Subject for Blocking<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn has(&self, _offer: Offer) -> bool {
        false
    }

    fn waits_at_once(&self) -> usize {
        self.threads
    }

    fn open(&self, setup: &Setup) -> Box<dyn Session + '_> {
        Box::new(BlockingSession {
            threads: self.threads,
            transport: (self.connect)(setup),
        })
    }
}

impl<F> fmt::Debug for Blocking<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Blocking").field(&self.name).finish()
    }
}

struct BlockingSession<T> {
    threads: usize,
    transport: T,
}

impl<T: Transport> BlockingSession<T> {
    fn run<M: Machine>(&self, mut machine: M) -> M::Output {
        let transport = &self.transport;
        drive_blocking(
            &mut machine,
            |request, timeout| transport.send(request, timeout),
            |pause| transport.sleep(pause),
            || transport.now(),
        )
    }
}

impl<T: Transport + Sync> Session for BlockingSession<T> {
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        self.transport.send(request, timeout)
    }

    fn wait(&self, waiters: Vec<CallWaiter>) -> Vec<Result<FinishedCall, WaitError>> {
        let next = AtomicUsize::new(0);
        let ends = Mutex::new(Vec::with_capacity(waiters.len()));
        std::thread::scope(|scope| {
            for _ in 0..self.threads.min(waiters.len()) {
                scope.spawn(|| {
                    while let Some((nth, waiter)) = {
                        let nth = next.fetch_add(1, Ordering::Relaxed);
                        waiters.get(nth).map(|waiter| (nth, waiter))
                    } {
                        let end = self.run(waiter.clone());
                        ends.lock().unwrap_or_else(PoisonError::into_inner).push((nth, end));
                    }
                });
            }
        });
        let mut ends = ends.into_inner().unwrap_or_else(PoisonError::into_inner);
        ends.sort_by_key(|(nth, _)| *nth);
        ends.into_iter().map(|(_, end)| end).collect()
    }

    fn place(&self, placer: Placer) -> Placement {
        self.run(placer)
    }

    /// Blocking code cannot be dropped midway, so this is not offered, and runs to the end.
    fn cancel(&self, waiter: &mut CallWaiter, _patience: Duration) -> Option<Result<FinishedCall, WaitError>> {
        Some(self.run(waiter))
    }

    fn now(&self) -> Monotonic {
        self.transport.now()
    }
}
