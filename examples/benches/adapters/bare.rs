//! The HTTP libraries below the adapters, used directly, without timeouts or distinct errors: the same-work baselines.
//! Each is measured once without decoding answers and once with, as a client does.
use super::contest::{Contestant, cpu};
use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde_json::{Map, Value};
use smol_hyper::rt::FuturesIo;
use std::{thread, time::Duration};
use tokio::runtime::Runtime;

const PATH: &str = "/v1/agent/calls/c1";

pub fn contestants(url: &str) -> Vec<Box<dyn Contestant>> {
    let mut contestants = Vec::<Box<dyn Contestant>>::new();
    for decoded in [false, true] {
        match Runtime::new() {
            Ok(runtime) => contestants.push(Box::new(Hyper::new(url, decoded, runtime))),
            Err(error) => eprintln!("no tokio runtime: {error}"),
        }
        contestants.push(Box::new(Ureq::new(url, decoded)));
        contestants.push(Box::new(AsyncStd::new(url, decoded)));
    }
    contestants
}

/// The names of a pair: without and with decoding.
type Names = [&'static str; 2];
pub const HYPER: Names = ["bare hyper, pooled", "bare hyper, pooled; decoded"];
pub const UREQ: Names = ["bare ureq", "bare ureq; decoded"];
pub const ASYNC_STD: Names = ["bare hyper, async-std", "bare hyper, async-std; decoded"];

/// What to do with an answer.
fn read(body: &[u8], decoded: bool) {
    assert!(body.len() > 500);
    if decoded {
        let record: Map<String, Value> = serde_json::from_slice(body).expect("a record");
        assert!(record.contains_key("status"));
    }
}

/// The same request that the adapters send, header for header.
fn get<B>(url: &str, body: B) -> Request<B> {
    let value = HeaderValue::from_static;
    Request::get(format!("{url}{PATH}"))
        .header(header::AUTHORIZATION, value("Bearer bys_ak_bench"))
        .header(header::USER_AGENT, value("byourside-bare/0.1.0"))
        .header(header::ACCEPT, value("application/json"))
        .body(body)
        .expect("the parts are good")
}

struct Hyper {
    url: String,
    decoded: bool,
    runtime: Runtime,
    client: Client<HttpConnector, Empty<Bytes>>,
}

impl Hyper {
    fn new(url: &str, decoded: bool, runtime: Runtime) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(connector);
        let url = url.to_owned();
        Self {
            url,
            decoded,
            runtime,
            client,
        }
    }
}

impl Contestant for Hyper {
    fn name(&self) -> &str {
        HYPER[usize::from(self.decoded)]
    }

    fn bases(&self) -> [&str; 2] {
        [HYPER[0], self.name()]
    }

    fn round(&mut self, at_once: usize, requests: usize) -> Duration {
        let decoded = self.decoded;
        let some = |url: String, client: Client<_, _>| async move {
            for _ in 0..requests / at_once {
                let response = client
                    .request(get(&url, Empty::<Bytes>::new()))
                    .await
                    .expect("an answer");
                let body = response.into_body().collect().await.expect("a body").to_bytes();
                read(&body, decoded);
            }
        };
        cpu(|| {
            self.runtime.block_on(async {
                let tasks = (0..at_once).map(|_| some(self.url.clone(), self.client.clone()));
                if at_once == 1 {
                    join_all(tasks).await;
                } else {
                    join_all(tasks.map(tokio::spawn)).await;
                }
            });
        })
    }
}

struct Ureq {
    url: String,
    decoded: bool,
    agent: ureq::Agent,
}

impl Ureq {
    fn new(url: &str, decoded: bool) -> Self {
        // The default of three idle connections would make it reconnect if more requests are concurrent.
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_idle_connections(100)
            .max_idle_connections_per_host(100);
        let url = url.to_owned();
        Self {
            url,
            decoded,
            agent: config.build().into(),
        }
    }
}

impl Contestant for Ureq {
    fn name(&self) -> &str {
        UREQ[usize::from(self.decoded)]
    }

    fn bases(&self) -> [&str; 2] {
        [UREQ[0], self.name()]
    }

    fn round(&mut self, at_once: usize, requests: usize) -> Duration {
        let some = || {
            for _ in 0..requests / at_once {
                let mut response = self.agent.run(get(&self.url, ())).expect("an answer");
                read(&response.body_mut().read_to_vec().expect("a body"), self.decoded);
            }
        };
        cpu(|| threads(at_once, some))
    }
}

/// Runs on this thread, or on this many others.
pub fn threads(at_once: usize, some: impl Fn() + Sync) {
    if at_once == 1 {
        return some();
    }
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(&some);
        }
    });
}

/// hyper on async-std's sockets through smol-hyper, with one connection for each concurrent request.
struct AsyncStd {
    authority: String,
    url: String,
    decoded: bool,
    kept: Vec<SendRequest<Empty<Bytes>>>,
}

impl AsyncStd {
    fn new(url: &str, decoded: bool) -> Self {
        Self {
            authority: url.trim_start_matches("http://").to_owned(),
            url: url.to_owned(),
            decoded,
            kept: Vec::new(),
        }
    }

    async fn connect(&self) -> SendRequest<Empty<Bytes>> {
        let socket = async_std::net::TcpStream::connect(&self.authority)
            .await
            .expect("a connection");
        socket.set_nodelay(true).expect("a socket");
        let (sender, connection) = handshake(FuturesIo::new(socket)).await.expect("a handshake");
        async_std::task::spawn(connection);
        sender
    }
}

impl Contestant for AsyncStd {
    fn name(&self) -> &str {
        ASYNC_STD[usize::from(self.decoded)]
    }

    fn bases(&self) -> [&str; 2] {
        [ASYNC_STD[0], self.name()]
    }

    fn round(&mut self, at_once: usize, requests: usize) -> Duration {
        let decoded = self.decoded;
        let some = |url: String, authority: String, mut sender: SendRequest<_>| async move {
            for _ in 0..requests / at_once {
                let mut request = get(&url, Empty::<Bytes>::new());
                let host = authority.parse().expect("a header");
                request.headers_mut().insert(header::HOST, host);
                *request.uri_mut() = PATH.parse().expect("a path");
                sender.ready().await.expect("a connection");
                let response = sender.send_request(request).await.expect("an answer");
                let body = response.into_body().collect().await.expect("a body").to_bytes();
                read(&body, decoded);
            }
            sender
        };
        cpu(|| {
            async_std::task::block_on(async {
                while self.kept.len() < at_once {
                    let sender = self.connect().await;
                    self.kept.push(sender);
                }
                let kept = self.kept.drain(..at_once).collect::<Vec<_>>();
                let tasks = kept
                    .into_iter()
                    .map(|sender| some(self.url.clone(), self.authority.clone(), sender));
                let kept = if at_once == 1 {
                    join_all(tasks).await
                } else {
                    join_all(tasks.map(async_std::task::spawn)).await
                };
                self.kept.extend(kept);
            });
        })
    }
}
