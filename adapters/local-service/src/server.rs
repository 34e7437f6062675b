//! The service between its clock and its connections.
use crate::{Exchange, connection};
use byourside_proto::{
    Monotonic,
    sim::{Answer, Service},
};
use http::Request;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, sync::Semaphore, time};

/// How many connections there are at a time. The next ones wait to be accepted.
const MAX_CONNECTIONS: usize = 256;
/// How long to let be when the system has no room for one more.
const FULL: Duration = Duration::from_millis(50);

pub(crate) type OnRequest = Box<dyn FnMut(&Exchange) + Send>;

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

struct Inner {
    began: Instant,
    speed: f64,
    max_body: usize,
    state: Mutex<State>,
}

struct State {
    service: Service,
    on_request: OnRequest,
}

impl Server {
    pub(crate) fn new(service: Service, max_body: usize, speed: f64, on_request: OnRequest) -> Self {
        Self(Arc::new(Inner {
            began: Instant::now(),
            speed,
            max_body,
            state: Mutex::new(State { service, on_request }),
        }))
    }

    pub(crate) async fn accept(self, listener: TcpListener) {
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        // It is never closed.
        while let Ok(place) = room.clone().acquire_owned().await {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let server = self.clone();
                    tokio::spawn(async move {
                        connection::serve(stream, server).await;
                        drop(place);
                    });
                }
                Err(_) => time::sleep(FULL).await,
            }
        }
    }

    /// Lets the service answer, and tells of it.
    pub(crate) fn handle(&self, request: &Request<Vec<u8>>) -> Answer {
        let now = self.now();
        // A callback that panicked leaves nothing half done.
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = state.service.handle(now, request);
        (state.on_request)(&Exchange::of(request, &answer));
        answer
    }

    /// The longest body that the service reads, in bytes.
    pub(crate) fn max_body(&self) -> usize {
        self.0.max_body
    }

    fn now(&self) -> Monotonic {
        let virtually = self.0.began.elapsed().as_secs_f64() * self.0.speed;
        Monotonic::new(Duration::try_from_secs_f64(virtually).unwrap_or(Duration::MAX))
    }
}
