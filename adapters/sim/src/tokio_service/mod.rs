//! The simulated service on tokio's paused clock.
mod deliveries;
mod response_future;

pub use response_future::ResponseFuture;

use super::{Dirt, FaultPlan, Faults, Service};
use crate::random;
use byourside_proto::{Monotonic, TransportFailure, UnixTime, client::Transport};
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    sync::{Notify, oneshot},
    task::AbortHandle,
    time::{Instant, sleep, timeout},
};

/// A simulated service for asynchronous programs on tokio, with webhook deliveries.
///
/// Its futures wait, as those of a real client do: tasks overtake each other, and a future can be dropped midway. Under
/// `#[tokio::test(start_paused = true)]` tokio's clock jumps to the next timer whenever all tasks wait, so hours take
/// no time, and the same program, seeds and options give the same run. Without `start_paused` it takes as long as a
/// real service. Times are rounded up to whole milliseconds, as by every tokio timer.
///
/// It is a [`Transport`] for the plain [`Client`](byourside_proto::client::Client), and a tower
/// [`Service`](tower_service::Service) for a program with an HTTP stack of its own. Clones share one service, one clock
/// and one network with these [`Faults`]. Webhooks are delivered to the receiver given to
/// [`deliver_to`](Self::deliver_to).
///
/// Dropping a future abandons the answer, not the request, which still arrives unless a fault loses it.
///
/// A `tokio::select!` without `biased;` polls its branches in a random order that no seed here decides. A program that
/// drops futures in such a `select!` may take another path in the next run.
///
/// ```
/// use byourside_proto::client::{Client, ClientOptions};
/// use byourside_proto::{Api, PlaceCall};
/// use byourside_sim::{Faults, Service, TokioService};
/// use std::time::Duration;
///
/// // In a test: #[tokio::test(start_paused = true)]
/// #[tokio::main(flavor = "current_thread", start_paused = true)]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let second = Duration::from_secs(1);
///     let slow = Faults { min_latency: second, max_latency: second, ..Faults::default() };
///     let service = TokioService::new(Service::new(7), slow);
///     let api = Api::with_key("bys_ak_example")?;
///     let client = Client::with_transport(api, ClientOptions::default(), service.clone());
///
///     // The program gives up while its request is in flight, and a phone rings all the same.
///     let call = PlaceCall::new("+14155550123", "Ask for the opening hours.")?;
///     let placing = tokio::time::timeout(second / 2, client.place_call(&call));
///     assert!(placing.await.is_err());
///     assert_eq!(service.service().placed(), 0);
///
///     tokio::time::sleep(second).await;
///     assert_eq!(service.service().placed(), 1);
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct TokioService(Arc<Shared>);

struct Shared {
    /// The origin of the service's time.
    origin: Instant,
    state: Mutex<State>,
    /// Notified when the next delivery of the service may have changed.
    changed: Notify,
}

struct State {
    service: Service,
    plan: FaultPlan,
    seed: u64,
    /// The task that sends deliveries to the receiver.
    deliveries: Option<AbortHandle>,
}

impl TokioService {
    /// A transport to this service over a network with these faults. Its time starts now.
    ///
    /// Call this inside the runtime, since tokio's clock is paused only there.
    #[must_use]
    pub fn new(service: Service, faults: Faults) -> Self {
        let state = State {
            service,
            plan: FaultPlan::new(faults),
            seed: faults.seed,
            deliveries: None,
        };
        Self(Arc::new(Shared {
            origin: Instant::now(),
            state: Mutex::new(state),
            changed: Notify::new(),
        }))
    }

    /// A transport to this service into which these faults are injected: "the third GET gets a 503".
    #[must_use]
    pub fn with_dirt(service: Service, dirt: Dirt) -> Self {
        let served = Self::new(service, Faults::default());
        served.state().plan = FaultPlan::of_dirt(dirt);
        served
    }

    /// A copy of the service as it is now, to inspect.
    #[must_use]
    pub fn service(&self) -> Service {
        self.state().service.clone()
    }

    /// Replaces the faults for later requests. A request in flight keeps its outcome.
    pub fn set_faults(&self, faults: Faults) {
        self.state().plan = FaultPlan::new(faults);
    }

    /// The time since the transport was made, by tokio's clock.
    #[must_use]
    pub fn now(&self) -> Monotonic {
        Monotonic::new(self.0.origin.elapsed())
    }

    /// The time of the service's wall clock. A receiver passes it to
    /// [`Verifier::verify_request`](byourside_proto::webhook::Verifier::verify_request) instead of the system's time.
    #[must_use]
    pub fn unix_now(&self) -> UnixTime {
        self.state().service.wall().unix(self.now())
    }

    /// Sends a request in a task of its own, so that it arrives even if the future is dropped.
    fn send_request<B, Out>(&self, request: Request<B>) -> ResponseFuture<Out>
    where
        B: Body<Data: Send, Error: Send> + Send + 'static,
    {
        let now = self.now();
        let outcome = self.state().plan.outcome_of(now, &request);
        let (answer, receiver) = oneshot::channel();
        let shared = self.clone();
        tokio::spawn(async move {
            let (head, body) = request.into_parts();
            let Ok(body) = body.collect().await else { return };
            let request = Request::from_parts(head, body.to_bytes());
            sleep(outcome.there()).await;
            let back = outcome.back();
            let received = shared.act(|service, now| outcome.apply(service, now, &request));
            sleep(back).await;
            let _abandoned = answer.send(received);
        });
        ResponseFuture::new(receiver)
    }

    /// Lets the service act, and notifies the delivery task.
    fn act<T>(&self, act: impl FnOnce(&mut Service, Monotonic) -> T) -> T {
        let now = self.now();
        let result = act(&mut self.state().service, now);
        self.0.changed.notify_one();
        result
    }

    /// A poisoned lock is used: the panic that poisoned it has been reported.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// # Panics
/// Sending panics outside a tokio runtime with timers.
impl Transport for TokioService {
    async fn send(&self, request: Request<Vec<u8>>, limit: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let answer = self.send_request(request.map(Full::<Bytes>::from));
        let answer = timeout(limit, answer).await;
        answer.unwrap_or_else(|_elapsed| Err(TransportFailure::timed_out()))
    }

    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }

    fn now(&self) -> Monotonic {
        self.now()
    }

    fn seed(&self) -> u64 {
        random::next(&mut self.state().seed)
    }
}

/// Always ready. An error is a [`TransportFailure`], which says whether the request may have been sent. Silence is a
/// future that never completes, so the caller needs a timeout.
///
/// # Panics
/// Calling it panics outside a tokio runtime with timers.
impl<B> tower_service::Service<Request<B>> for TokioService
where
    B: Body<Data: Send, Error: Send> + Send + 'static,
{
    type Response = Response<Full<Bytes>>;
    type Error = TransportFailure;
    type Future = ResponseFuture<Full<Bytes>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), TransportFailure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.send_request(request)
    }
}

impl fmt::Debug for TokioService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokioService")
            .field("now", &self.now())
            .field("service", &self.state().service)
            .finish_non_exhaustive()
    }
}
