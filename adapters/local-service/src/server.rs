//! The state that connections and deliveries share: the simulated service and its clock.
use crate::{Delivery, Exchange, connection, courier};
use byourside_proto::{Monotonic, UnixTime, webhook::Signer};
use byourside_sim::{DeliveryOutcome, DeliveryTicket, FaultPlan, Faults, Received, Service, ServiceOptions};
use http::Request;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    net::TcpListener,
    sync::{Notify, Semaphore},
    time,
};

/// How many connections are open at a time. Further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 256;
/// The pause after the system failed to accept a connection.
const FULL: Duration = Duration::from_millis(50);

/// The state that all connections and deliveries share.
#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

struct Inner {
    began: Instant,
    speed: f64,
    epoch: UnixTime,
    max_body: usize,
    signer: Signer,
    changed: Notify,
    state: Mutex<State>,
}

struct State {
    service: Service,
    plan: FaultPlan,
    callbacks: Callbacks,
}

/// The callbacks of the caller.
pub(crate) struct Callbacks {
    pub(crate) on_request: Box<dyn FnMut(&Exchange) + Send>,
    pub(crate) on_delivery: Box<dyn FnMut(&Delivery) + Send>,
}

impl Server {
    pub(crate) fn new(seed: u64, options: ServiceOptions, faults: Faults, speed: f64, callbacks: Callbacks) -> Self {
        Self(Arc::new(Inner {
            began: Instant::now(),
            speed,
            epoch: options.epoch,
            max_body: options.max_body,
            signer: Signer::new(options.deliveries.secret.clone()),
            changed: Notify::new(),
            state: Mutex::new(State {
                service: Service::with_options(seed, options),
                plan: FaultPlan::new(faults),
                callbacks,
            }),
        }))
    }

    pub(crate) async fn accept(self, listener: TcpListener) {
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        // The semaphore is never closed.
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

    /// Handles a request with the latency and the faults that the plan draws, and reports it to the callback.
    pub(crate) async fn handle(&self, request: &Request<Vec<u8>>) -> Received {
        let outcome = self.state().plan.draw();
        let back = outcome.back();
        self.pass(outcome.there()).await;
        let received = {
            let now = self.now();
            let mut state = self.state();
            let received = outcome.apply(&mut state.service, now, request);
            self.0.changed.notify_one();
            (state.callbacks.on_request)(&Exchange::of(request, &received));
            received
        };
        self.pass(back).await;
        received
    }

    /// Sleeps for a virtual duration.
    async fn pass(&self, virtually: Duration) {
        if !virtually.is_zero() {
            time::sleep(self.really(virtually)).await;
        }
    }

    /// A delivery that is due, or the real time until the next one; `None` if nothing is scheduled.
    pub(crate) fn due(&self) -> Result<(Request<Vec<u8>>, DeliveryTicket), Option<Duration>> {
        let now = self.now();
        let mut state = self.state();
        let (mut request, ticket) = loop {
            match state.service.poll_attempt(now) {
                Some((Some(request), ticket)) => break (request, ticket),
                Some((None, ticket)) => {
                    (state.callbacks.on_delivery)(&Delivery::of(&ticket, DeliveryOutcome::Lost));
                }
                None => {
                    let wake = state.service.next_wake();
                    return Err(wake.map(|wake| self.really(wake.since(now))));
                }
            }
        };
        let passed = now.since(Monotonic::ORIGIN).as_secs().try_into().unwrap_or(i64::MAX);
        let service_time = UnixTime::new(self.0.epoch.seconds().saturating_add(passed));
        courier::sign_for_real(&mut request, &self.0.signer, service_time);
        Ok((request, ticket))
    }

    /// Reports the outcome of a delivery to the service and to the callback.
    pub(crate) fn delivered(&self, ticket: DeliveryTicket, outcome: DeliveryOutcome) {
        let now = self.now();
        let delivery = Delivery::of(&ticket, outcome);
        let mut state = self.state();
        state.service.delivered(now, ticket, outcome);
        self.0.changed.notify_one();
        (state.callbacks.on_delivery)(&delivery);
    }

    /// Returns when the time of the next delivery may have changed.
    pub(crate) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// The longest body that the service reads, in bytes.
    pub(crate) fn max_body(&self) -> usize {
        self.0.max_body
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A callback that panicked leaves the state consistent.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Monotonic {
        let virtually = self.0.began.elapsed().as_secs_f64() * self.0.speed;
        Monotonic::new(Duration::try_from_secs_f64(virtually).unwrap_or(Duration::MAX))
    }

    /// The real time of a virtual duration, plus a millisecond, so that the duration has passed after it.
    fn really(&self, virtually: Duration) -> Duration {
        let seconds = virtually.as_secs_f64() / self.0.speed;
        Duration::try_from_secs_f64(seconds).map_or(Duration::MAX, |real| real.saturating_add(Duration::from_millis(1)))
    }
}
