//! The simulated service on tokio's clock.
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
/// Its futures wait, as those of a real client do: tasks that share it overtake each other, and a future can be dropped
/// midway. Under `#[tokio::test(start_paused = true)]` tokio's clock jumps to the next timer whenever every task waits,
/// so hours take no time, and the same program, seeds and options give the same course. Without `start_paused` it takes
/// as long as a real service. Times are rounded up to whole milliseconds, as those of all tokio timers are.
///
/// It is a [`Transport`] for the plain [`Client`](byourside_proto::client::Client), and a tower
/// [`Service`](tower_service::Service) for a program that has a stack of its own. Clones share one service, one clock
/// and one network, whose [`Faults`] decide what becomes of each request. Webhooks are delivered to the receiver given
/// to [`deliver_to`](Self::deliver_to).
///
/// Dropping a future abandons the answer, not the request: it arrives even so, unless the faults lose it.
///
/// A `tokio::select!` without `biased;` polls its branches in an order that no seed here decides: a program that drops
/// futures in one may go another way the next time.
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
///     // The program gives up while its request is on the way, and a phone rings all the same.
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
    /// Told whenever the service may have something else to deliver, or earlier.
    changed: Notify,
}

struct State {
    service: Service,
    plan: FaultPlan,
    seed: u64,
    /// The task that hands out deliveries.
    deliveries: Option<AbortHandle>,
}

impl TokioService {
    /// Serves this service, behind a network with these faults. The origin of its time is now.
    ///
    /// Make it inside the runtime: tokio's clock is paused only there.
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

    /// Serves this service, where requests are struck by these faults: "the third GET gets a 503".
    #[must_use]
    pub fn with_dirt(service: Service, dirt: Dirt) -> Self {
        let served = Self::new(service, Faults::default());
        served.state().plan = FaultPlan::of_dirt(dirt);
        served
    }

    /// A copy of the service as it is now, to see inside.
    #[must_use]
    pub fn service(&self) -> Service {
        self.state().service.clone()
    }

    /// From here on the network has these faults; what is on its way keeps its outcome.
    pub fn set_faults(&self, faults: Faults) {
        self.state().plan = FaultPlan::new(faults);
    }

    /// The time since this was made, by tokio's clock.
    #[must_use]
    pub fn now(&self) -> Monotonic {
        Monotonic::new(self.0.origin.elapsed())
    }

    /// The time on the service's wall clock: what a receiver of deliveries passes to
    /// [`Verifier::verify_request`](byourside_proto::webhook::Verifier::verify_request) in place of the system's.
    #[must_use]
    pub fn unix_now(&self) -> UnixTime {
        self.state().service.wall().unix(self.now())
    }

    /// Sends one request in a task of its own, so that it arrives whether or not the future is dropped.
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

    /// Lets the service do something that may change what is to be delivered, and when.
    fn act<T>(&self, act: impl FnOnce(&mut Service, Monotonic) -> T) -> T {
        let now = self.now();
        let result = act(&mut self.state().service, now);
        self.0.changed.notify_one();
        result
    }

    /// A panic that poisoned the lock has been reported already.
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

/// Always ready. An error is a [`TransportFailure`], which says whether the request can have left; silence is a future
/// that is never ready, for the timeout of the caller to end.
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
