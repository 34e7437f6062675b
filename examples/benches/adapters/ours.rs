//! The adapters as their users use them, and their transports alone.
use super::{
    bare::{self, threads},
    contest::{Contestant, cpu, resident},
};
use byourside_proto::{
    Api, ApiKey, BaseUrl, CallId, GetCall, Operation,
    client::{Client, ClientOptions, Transport},
    machine::wait::WaitOptions,
};
use futures_util::future::join_all;
use std::{pin::Pin, thread, time::Duration};
use tokio::runtime::Runtime;

pub fn contestants(url: &str) -> Vec<Box<dyn Contestant>> {
    let api = Api::new(
        BaseUrl::new(url).expect("loopback"),
        ApiKey::new("bys_ak_bench").expect("a key"),
    );
    let options = ClientOptions::default();
    let mut contestants = Vec::<Box<dyn Contestant>>::new();
    for doing in [Doing::Sending, Doing::Reading] {
        match Runtime::new() {
            Ok(runtime) => contestants.push(Box::new(Asynchronous {
                names: ["byourside-tokio, sending alone", "byourside-tokio"],
                bases: bare::HYPER,
                goal: 0.95,
                doing,
                client: byourside_tokio::Client::with_options(api.clone(), options).expect("a client"),
                block_on: move |future: Work| runtime.block_on(future),
                spawn: |future: Work| {
                    let task = tokio::spawn(future);
                    Box::pin(async { task.await.expect("a task that does not panic") }) as Work
                },
            })),
            Err(error) => eprintln!("no tokio runtime: {error}"),
        }
        contestants.push(Box::new(Blocking {
            doing,
            client: byourside_ureq::Client::with_options(api.clone(), options).expect("a client"),
        }));
        contestants.push(Box::new(Asynchronous {
            names: ["byourside-async-std, sending alone", "byourside-async-std"],
            bases: bare::ASYNC_STD,
            goal: 0.9,
            doing,
            client: byourside_async_std::Client::with_options(api.clone(), options).expect("a client"),
            block_on: |future: Work| async_std::task::block_on(future),
            spawn: |future: Work| {
                let task = async_std::task::spawn(future);
                Box::pin(task) as Work
            },
        }));
    }
    contestants
}

/// The part of an adapter that is measured.
#[derive(Clone, Copy, PartialEq)]
enum Doing {
    /// The transport: a request and its answer.
    Sending,
    /// The client: the record is read.
    Reading,
}

impl Doing {
    /// The baselines: the bare library, and the same work.
    fn bases(self, [bare, decoded]: [&'static str; 2]) -> [&'static str; 2] {
        match self {
            Self::Sending => [bare, bare],
            Self::Reading => [bare, decoded],
        }
    }
}

/// The attempt timeout, as a client's default.
const TIMEOUT: Duration = Duration::from_secs(15);

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A wait that sends one GET and then none for an hour.
fn pending() -> WaitOptions {
    let hour = Duration::from_secs(3600);
    WaitOptions {
        timeout: 2 * hour,
        interval: hour,
        max_interval: hour,
        ..WaitOptions::default()
    }
}

fn id() -> CallId {
    CallId::new("c1").expect("an id")
}

struct Blocking {
    doing: Doing,
    client: byourside_ureq::Client,
}

impl Contestant for Blocking {
    fn name(&self) -> &str {
        match self.doing {
            Doing::Sending => "byourside-ureq, sending alone",
            Doing::Reading => "byourside-ureq",
        }
    }

    fn bases(&self) -> [&str; 2] {
        self.doing.bases(bare::UREQ)
    }

    fn goal(&self) -> Option<f64> {
        Some(0.95)
    }

    fn round(&mut self, at_once: usize, requests: usize) -> Duration {
        use byourside_proto::client::blocking::Transport;
        let (id, api) = (id(), self.client.api());
        let some = || {
            for _ in 0..requests / at_once {
                match self.doing {
                    Doing::Sending => {
                        let request = GetCall(id.clone()).request(&api);
                        let answer = self.client.transport().send(request, TIMEOUT).expect("an answer");
                        assert!(answer.body().len() > 500);
                    }
                    Doing::Reading => {
                        self.client.get_call(&id).expect("a record");
                    }
                }
            }
        };
        cpu(|| threads(at_once, some))
    }

    fn memory(&mut self) -> Option<(usize, usize)> {
        const WAITS: usize = 200;
        if self.doing != Doing::Reading {
            return None;
        }
        let before = resident();
        for _ in 0..WAITS {
            let client = self.client.clone();
            thread::spawn(move || client.wait_for_call_with(&id(), pending(), |_status| {}));
        }
        thread::sleep(Duration::from_secs(2));
        Some((WAITS, resident().saturating_sub(before) / WAITS))
    }
}

struct Asynchronous<T, R, S> {
    names: [&'static str; 2],
    bases: [&'static str; 2],
    goal: f64,
    doing: Doing,
    client: Client<T>,
    block_on: R,
    spawn: S,
}

/// A transport whose client can be moved into a task.
trait Spawned: Transport + Send + Sync + Sized + 'static {
    fn some(client: Client<Self>, doing: Doing, requests: usize) -> Work;
    fn pending(client: Client<Self>) -> Work;
}

macro_rules! spawned {
    ($($transport:ty),+) => {$(
        impl Spawned for $transport {
            fn some(client: Client<Self>, doing: Doing, requests: usize) -> Work {
                Box::pin(async move {
                    let (id, api) = (id(), client.api());
                    for _ in 0..requests {
                        match doing {
                            Doing::Sending => {
                                let request = GetCall(id.clone()).request(&api);
                                let answer = client.transport().send(request, TIMEOUT).await.expect("an answer");
                                assert!(answer.body().len() > 500);
                            }
                            Doing::Reading => {
                                client.get_call(&id).await.expect("a record");
                            }
                        }
                    }
                })
            }

            fn pending(client: Client<Self>) -> Work {
                Box::pin(async move {
                    let _ = client.wait_for_call_with(&id(), pending(), |_status| {}).await;
                })
            }
        }
    )+};
}

spawned!(byourside_tokio::HyperTransport, byourside_async_std::AsyncStdTransport);

impl<T: Spawned, R: Fn(Work), S: Fn(Work) -> Work + Copy + Send + 'static> Contestant for Asynchronous<T, R, S> {
    fn name(&self) -> &str {
        self.names[usize::from(self.doing == Doing::Reading)]
    }

    fn bases(&self) -> [&str; 2] {
        self.doing.bases(self.bases)
    }

    fn goal(&self) -> Option<f64> {
        Some(self.goal)
    }

    fn round(&mut self, at_once: usize, requests: usize) -> Duration {
        let work = (0..at_once).map(|_| T::some(self.client.clone(), self.doing, requests / at_once));
        let work = work.collect::<Vec<_>>();
        let spawn = self.spawn;
        cpu(|| {
            (self.block_on)(Box::pin(async move {
                if at_once == 1 {
                    join_all(work).await;
                } else {
                    join_all(work.into_iter().map(spawn).collect::<Vec<_>>()).await;
                }
            }));
        })
    }

    /// Few concurrent requests, so that the memory of waits is measured and not that of connections.
    fn memory(&mut self) -> Option<(usize, usize)> {
        const WAITS: usize = 10_000;
        if self.doing != Doing::Reading {
            return None;
        }
        let (client, spawn) = (self.client.clone(), self.spawn);
        let before = resident();
        for _ in 0..WAITS / 50 {
            let client = client.clone();
            (self.block_on)(Box::pin(async move {
                for _ in 0..50 {
                    drop(spawn(T::pending(client.clone())));
                }
            }));
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(Duration::from_secs(1));
        Some((WAITS, resident().saturating_sub(before) / WAITS))
    }
}
