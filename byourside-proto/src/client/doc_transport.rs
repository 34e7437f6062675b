// The transport of the clients' examples: it answers as the service does, from nothing.
use byourside_proto::{BuildError, Monotonic, TransportFailure, client};
use core::{future::Future, pin::pin, task, time::Duration};
use http::{Method, Request, Response};

struct Scripted;

impl client::blocking::Transport for Scripted {
    fn send(&self, request: Request<Vec<u8>>, _timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let body = match (request.method(), request.uri().query()) {
            (&Method::POST, _) => r#"{"callId": "c1", "status": "queued"}"#,
            (_, Some(_)) => r#"{"calls": [{"callId": "c1", "status": "completed"}]}"#,
            (_, None) => r#"{"id": "c1", "status": "completed", "summary": "Confirmed."}"#,
        };
        Ok(Response::new(body.into()))
    }

    fn sleep(&self, _duration: Duration) {}

    fn now(&self) -> Monotonic {
        Monotonic::ORIGIN
    }

    fn seed(&self) -> u64 {
        7
    }
}

impl client::blocking::Connect for Scripted {
    fn connect(_options: &client::ClientOptions) -> Result<Self, BuildError> {
        Ok(Self)
    }

    fn var(name: &str) -> Option<String> {
        (name == "BYOURSIDE_API_KEY").then(|| "bys_ak_example".into())
    }
}

impl client::Transport for Scripted {
    async fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        client::blocking::Transport::send(self, request, timeout)
    }

    async fn sleep(&self, _duration: Duration) {}

    fn now(&self) -> Monotonic {
        Monotonic::ORIGIN
    }

    fn seed(&self) -> u64 {
        7
    }
}

impl client::Connect for Scripted {
    fn connect(_options: &client::ClientOptions) -> Result<Self, BuildError> {
        Ok(Self)
    }

    fn var(name: &str) -> Option<String> {
        <Self as client::blocking::Connect>::var(name)
    }
}

/// Nothing here ever waits, so one poll is enough.
#[allow(dead_code, reason = "the examples of the blocking client do without")]
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut task::Context::from_waker(task::Waker::noop())) {
        task::Poll::Ready(output) => output,
        task::Poll::Pending => panic!("it waits"),
    }
}
