//! The adapters, as their users use them.
use super::{
    bare::threads,
    contest::{Contestant, cpu, resident},
};
use byourside_proto::{
    Api, ApiKey, BaseUrl, CallId, WaitOptions,
    client::{Client, ClientOptions, Transport},
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
    let mut contestants: Vec<Box<dyn Contestant>> = vec![
        Box::new(Blocking(
            byourside_ureq::Client::with_options(api.clone(), options).expect("a client"),
        )),
        Box::new(Asynchronous {
            name: "byourside-async-std",
            base: "bare hyper, async-std",
            client: byourside_async_std::Client::with_options(api.clone(), options).expect("a client"),
            block_on: |future: Work| async_std::task::block_on(future),
            spawn: |future: Work| {
                let task = async_std::task::spawn(future);
                Box::pin(task) as Work
            },
        }),
    ];
    match Runtime::new() {
        Ok(runtime) => contestants.insert(
            0,
            Box::new(Asynchronous {
                name: "byourside-tokio",
                base: "bare hyper, pooled",
                client: byourside_tokio::Client::with_options(api, options).expect("a client"),
                block_on: move |future: Work| runtime.block_on(future),
                spawn: |future: Work| {
                    let task = tokio::spawn(future);
                    Box::pin(async { task.await.expect("a task that does not panic") }) as Work
                },
            }),
        ),
        Err(error) => eprintln!("no tokio runtime: {error}"),
    }
    contestants
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Asks once, and then not for an hour.
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

struct Blocking(byourside_ureq::Client);

impl Contestant for Blocking {
    fn name(&self) -> &str {
        "byourside-ureq"
    }

    fn base(&self) -> &str {
        "bare ureq"
    }

    fn round(&mut self, at_once: usize, requests: usize) -> Duration {
        let id = id();
        cpu(|| {
            threads(at_once, || {
                for _ in 0..requests / at_once {
                    self.0.get_call(&id).expect("a record");
                }
            });
        })
    }

    fn memory(&mut self) -> Option<(usize, usize)> {
        const WAITS: usize = 200;
        let before = resident();
        for _ in 0..WAITS {
            let client = self.0.clone();
            thread::spawn(move || client.wait_for_call_with(&id(), pending(), |_status| {}));
        }
        thread::sleep(Duration::from_secs(2));
        Some((WAITS, resident().saturating_sub(before) / WAITS))
    }
}

struct Asynchronous<T, R, S> {
    name: &'static str,
    base: &'static str,
    client: Client<T>,
    block_on: R,
    spawn: S,
}

/// A transport whose client can be given to a task.
trait Spawned: Transport + Send + Sync + Sized + 'static {
    fn some(client: Client<Self>, requests: usize) -> Work;
    fn pending(client: Client<Self>) -> Work;
}

macro_rules! spawned {
    ($($transport:ty),+) => {$(
        impl Spawned for $transport {
            fn some(client: Client<Self>, requests: usize) -> Work {
                Box::pin(async move {
                    let id = id();
                    for _ in 0..requests {
                        client.get_call(&id).await.expect("a record");
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
        self.name
    }

    fn base(&self) -> &str {
        self.base
    }

    fn round(&mut self, at_once: usize, requests: usize) -> Duration {
        let work = (0..at_once).map(|_| T::some(self.client.clone(), requests / at_once));
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

    /// Few at once, so that it is waits that are counted and not connections.
    fn memory(&mut self) -> Option<(usize, usize)> {
        const WAITS: usize = 10_000;
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
