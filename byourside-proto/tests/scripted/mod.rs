//! Clients over a transport in memory that gives scripted answers. Its clock moves only when a client sleeps or an
//! attempt times out.
use byourside_proto::{
    Api, BuildError, Monotonic, TransportFailure,
    client::{self, ClientOptions},
};
use http::{Request, Response};
use std::{collections::VecDeque, future::Future, pin::pin, sync::Mutex, task, time::Duration};

#[derive(Debug, Default)]
pub struct Scripted(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<(u16, String)>,
    requests: Vec<Request<Vec<u8>>>,
    now: Monotonic,
    seeds: u64,
}

/// A client that gets these answers in turn, and then attempt timeouts. Status 0 stands for a lost connection.
pub fn asynchronous<const N: usize>(answers: [(u16, &str); N]) -> client::Client<Scripted> {
    client::Client::with_transport(api(), ClientOptions::default(), Scripted::new(answers))
}

/// Like [`asynchronous`], for the blocking client.
pub fn blocking<const N: usize>(answers: [(u16, &str); N]) -> client::blocking::Client<Scripted> {
    client::blocking::Client::with_transport(api(), ClientOptions::default(), Scripted::new(answers))
}

/// Runs a future that is ready at its first poll, like those of a client over this transport.
pub fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut task::Context::from_waker(task::Waker::noop())) {
        task::Poll::Ready(output) => output,
        task::Poll::Pending => panic!("the future is pending"),
    }
}

fn api() -> Api {
    Api::with_key("bys_ak_example").unwrap()
}

impl Scripted {
    fn new<const N: usize>(answers: [(u16, &str); N]) -> Self {
        let answers = answers.map(|(status, body)| (status, body.to_owned())).into();
        Self(Mutex::new(State {
            answers,
            ..State::default()
        }))
    }

    /// The method and path of each request that was sent.
    pub fn requests(&self) -> Vec<String> {
        let line = |request: &Request<_>| format!("{} {}", request.method(), request.uri().path());
        self.0.lock().unwrap().requests.iter().map(line).collect()
    }

    fn answer(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let mut state = self.0.lock().unwrap();
        state.requests.push(request);
        match state.answers.pop_front() {
            Some((0, reason)) => Err(TransportFailure::maybe_sent(reason)),
            Some((status, body)) => Ok(Response::builder().status(status).body(body.into_bytes()).unwrap()),
            None => {
                state.now = state.now.after(timeout);
                Err(TransportFailure::timed_out())
            }
        }
    }

    fn pass(&self, duration: Duration) {
        let mut state = self.0.lock().unwrap();
        state.now = state.now.after(duration);
    }

    fn time(&self) -> Monotonic {
        self.0.lock().unwrap().now
    }

    fn next_seed(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        state.seeds += 1;
        state.seeds
    }

    fn environment(name: &str) -> Option<String> {
        (name == "BYOURSIDE_API_KEY").then(|| "bys_ak_example".to_owned())
    }
}

impl client::Transport for Scripted {
    async fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        self.answer(request, timeout)
    }

    async fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }

    fn now(&self) -> Monotonic {
        self.time()
    }

    fn seed(&self) -> u64 {
        self.next_seed()
    }
}

impl client::Connect for Scripted {
    fn connect(_options: &ClientOptions) -> Result<Self, BuildError> {
        Ok(Self::default())
    }

    fn var(name: &str) -> Option<String> {
        Self::environment(name)
    }
}

impl client::blocking::Transport for Scripted {
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        self.answer(request, timeout)
    }

    fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }

    fn now(&self) -> Monotonic {
        self.time()
    }

    fn seed(&self) -> u64 {
        self.next_seed()
    }
}

impl client::blocking::Connect for Scripted {
    fn connect(_options: &ClientOptions) -> Result<Self, BuildError> {
        Ok(Self::default())
    }

    fn var(name: &str) -> Option<String> {
        Self::environment(name)
    }
}
