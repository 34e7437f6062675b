//! `Asynchronous`: an asynchronous transport under test.
use super::{Offer, Session, Setup, Subject};
use byourside_proto::{
    Machine, Monotonic, TransportFailure,
    client::Transport,
    drive,
    machine::{
        place::{Placement, Placer},
        wait::{CallWaiter, FinishedCall, WaitError},
    },
};
use futures_util::future::{Either, join_all, select};
use http::{Request, Response};
use std::{
    fmt,
    pin::{Pin, pin},
    time::Duration,
};

/// An asynchronous adapter under test.
pub struct Asynchronous<F, R> {
    name: String,
    http2: bool,
    connect: F,
    block_on: R,
}

impl<T, F, R> Asynchronous<F, R>
where
    T: Transport + 'static,
    F: Fn(&Setup) -> T + Send + Sync,
    R: Fn(Pin<Box<dyn Future<Output = ()> + '_>>) + Send + Sync,
{
    /// Creates a subject with this name. `connect` creates a transport, on the runtime. `block_on` runs a future to its
    /// end; it is called from many threads at once.
    ///
    /// ```
    /// use byourside_async_std::{AsyncStdTransport, ClientOptions};
    /// use byourside_conformance::{Asynchronous, Setup, Subject};
    ///
    /// let connect = |setup: &Setup| {
    ///     AsyncStdTransport::with_roots(&ClientOptions::default(), &setup.roots).expect("valid roots")
    /// };
    /// let mine = Asynchronous::new("mine", connect, |future| async_std::task::block_on(future));
    /// assert_eq!(mine.name(), "mine");
    /// ```
    pub fn new(name: impl Into<String>, connect: F, block_on: R) -> Self {
        Self {
            name: name.into(),
            http2: false,
            connect,
            block_on,
        }
    }

    /// Declares that the adapter uses HTTP/2 if the server offers it.
    #[must_use]
    pub fn http2(mut self) -> Self {
        self.http2 = true;
        self
    }
}

impl<T, F, R> Subject for Asynchronous<F, R>
where
    T: Transport + 'static,
    F: Fn(&Setup) -> T + Send + Sync,
    R: Fn(Pin<Box<dyn Future<Output = ()> + '_>>) + Send + Sync,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn has(&self, offer: Offer) -> bool {
        match offer {
            Offer::Http2 => self.http2,
            Offer::Cancel => true,
        }
    }

    fn open(&self, setup: &Setup) -> Box<dyn Session + '_> {
        Box::new(AsyncSession {
            transport: run_to_end(&self.block_on, async { (self.connect)(setup) }),
            block_on: &self.block_on,
        })
    }
}

impl<F, R> fmt::Debug for Asynchronous<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Asynchronous").field(&self.name).finish()
    }
}

struct AsyncSession<'a, T, R> {
    transport: T,
    block_on: &'a R,
}

/// Runs a future with any output on a `block_on` for futures without one.
fn run_to_end<R: Fn(Pin<Box<dyn Future<Output = ()> + '_>>), O>(block_on: &R, future: impl Future<Output = O>) -> O {
    let mut output = None;
    block_on(Box::pin(async { output = Some(future.await) }));
    output.expect("`block_on` returns when the future is done")
}

impl<T: Transport, R: Fn(Pin<Box<dyn Future<Output = ()> + '_>>)> AsyncSession<'_, T, R> {
    async fn run<M: Machine>(&self, mut machine: M) -> M::Output {
        let transport = &self.transport;
        drive(
            &mut machine,
            |request, timeout| transport.send(request, timeout),
            |pause| transport.sleep(pause),
            || transport.now(),
        )
        .await
    }
}

impl<T: Transport, R: Fn(Pin<Box<dyn Future<Output = ()> + '_>>)> Session for AsyncSession<'_, T, R> {
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        run_to_end(self.block_on, self.transport.send(request, timeout))
    }

    fn wait(&self, waiters: Vec<CallWaiter>) -> Vec<Result<FinishedCall, WaitError>> {
        let waits = waiters.into_iter().map(|waiter| self.run(waiter));
        run_to_end(self.block_on, join_all(waits))
    }

    fn place(&self, placer: Placer) -> Placement {
        run_to_end(self.block_on, self.run(placer))
    }

    fn cancel(&self, waiter: &mut CallWaiter, patience: Duration) -> Option<Result<FinishedCall, WaitError>> {
        let first = async {
            match select(pin!(self.run(waiter)), pin!(self.transport.sleep(patience))).await {
                Either::Left((end, _)) => Some(end),
                Either::Right(((), _)) => None,
            }
        };
        run_to_end(self.block_on, first)
    }

    fn now(&self) -> Monotonic {
        self.transport.now()
    }
}
