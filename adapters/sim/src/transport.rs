//! A simulated transport for one program.
use super::{Dirt, FaultPlan, Faults, NetworkOutcome, Received, Service, schedule::Schedule};
use crate::random;
use byourside_proto::{Monotonic, TransportFailure, client};
use http::{Request, Response};
use std::{cell::RefCell, fmt, time::Duration};

/// A transport from one [`client`], blocking or asynchronous, to a simulated service, with a
/// virtual clock.
///
/// A request takes the latency that [`Faults`] give. A sleep advances the clock at once. An answer that would arrive
/// after the attempt timeout is not received, although the service acts on the request. The same program, seeds and
/// options give the same run.
///
/// One thing happens at a time: if two futures sleep concurrently, the second sleep starts when the first one ends. For
/// programs that run side by side, and for webhooks, use a [`Simulation`](super::Simulation) or a `TokioService`
/// (feature `tokio`); for futures that are dropped midway, a `TokioService`.
///
/// ```
/// use byourside_proto::client::{ClientOptions, blocking::Client};
/// use byourside_sim::{SimTransport, Profile, Service};
/// use byourside_proto::{Api, PlaceCall, Status};
///
/// let api = Api::with_key("bys_ak_example")?;
/// let call = PlaceCall::new("+14155550101", "Ask for the opening hours.")?;
/// for seed in 0..10 {
///     let transport = SimTransport::new(Service::new(seed), Profile::Harsh.faults(seed));
///     let client = Client::with_transport(api.clone(), ClientOptions::default(), transport);
///     // The program under test, and what must hold for it.
///     let ended = client.place_and_wait(&call);
///     let rang = client.transport().service().placed();
///     match ended {
///         Ok(ended) => assert!(ended.call.status() == Some(Status::NoAnswer) && rang == 1),
///         Err(_) => assert!(rang <= 1),
///     }
/// }
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
pub struct SimTransport(RefCell<State>);

struct State {
    service: Service,
    plan: FaultPlan,
    now: Monotonic,
    /// Requests that arrive after their attempt timeout.
    late: Schedule<(Request<Vec<u8>>, NetworkOutcome)>,
    seed: u64,
}

impl SimTransport {
    /// A transport to this service with these faults. Its clock starts at [`Monotonic::ORIGIN`].
    #[must_use]
    pub fn new(service: Service, faults: Faults) -> Self {
        Self(RefCell::new(State {
            service,
            plan: FaultPlan::new(faults),
            now: Monotonic::ORIGIN,
            late: Schedule::new(),
            seed: faults.seed,
        }))
    }

    /// A transport to this service into which these faults are injected: "the third GET gets a 503".
    ///
    /// ```
    /// use byourside_proto::client::{ClientOptions, blocking::Client};
    /// use byourside_proto::{Api, PlaceCall, Status};
    /// use byourside_sim::{Dirt, Fault, Service, SimTransport, Site};
    ///
    /// let dirt = Dirt::scripted().with(Site::get(0, 3), Fault::ProxyBefore, 503);
    /// let transport = SimTransport::with_dirt(Service::new(7), dirt);
    /// let api = Api::with_key("bys_ak_example")?;
    /// let client = Client::with_transport(api, ClientOptions::default(), transport);
    /// let ended = client.place_and_wait(&PlaceCall::new("+14155550101", "Ask.")?)?;
    /// assert_eq!((ended.call.status(), ended.counts.refused), (Some(Status::NoAnswer), 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_dirt(service: Service, dirt: Dirt) -> Self {
        let transport = Self::new(service, Faults::default());
        transport.0.borrow_mut().plan = FaultPlan::of_dirt(dirt);
        transport
    }

    /// A copy of the service as it is now, to inspect.
    #[must_use]
    pub fn service(&self) -> Service {
        self.0.borrow().service.clone()
    }

    /// Replaces the faults for later requests. A request in flight keeps its outcome.
    ///
    /// ```
    /// use byourside_proto::client::{ClientOptions, blocking::Client};
    /// use byourside_sim::{Faults, SimTransport, Rate, Service};
    /// use byourside_proto::{Api, PlaceCall};
    ///
    /// let api = Api::with_key("bys_ak_example")?;
    /// let broken = Faults { request_lost: Rate::ALWAYS, ..Faults::default() };
    /// let transport = SimTransport::new(Service::new(7), broken);
    /// let client = Client::with_transport(api, ClientOptions::default(), transport);
    /// let call = PlaceCall::new("+14155550123", "Ask.")?;
    /// assert!(client.place_call(&call).is_err());
    ///
    /// client.transport().set_faults(Faults::default());
    /// assert!(client.place_call(&call).is_ok());
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn set_faults(&self, faults: Faults) {
        self.0.borrow_mut().plan = FaultPlan::new(faults);
    }
}

impl State {
    fn send(&mut self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        let outcome = self.plan.outcome_of(self.now, &request);
        let (gives_up, arrives) = (self.now.after(timeout), self.now.after(outcome.there()));
        if arrives > gives_up {
            self.late.push(arrives, (request, outcome));
            return self.wait_in_vain(gives_up);
        }
        self.pass_until(arrives);
        let back = arrives.after(outcome.back());
        match outcome.apply(&mut self.service, arrives, &request) {
            Received::Silence => self.wait_in_vain(gives_up),
            _ if back > gives_up => self.wait_in_vain(gives_up),
            received => {
                self.pass_until(back);
                received.into_result()
            }
        }
    }

    fn wait_in_vain(&mut self, until: Monotonic) -> Result<Response<Vec<u8>>, TransportFailure> {
        self.pass_until(until);
        Err(TransportFailure::timed_out())
    }

    fn pass_until(&mut self, until: Monotonic) {
        while let Some((arrives, (request, outcome))) = self.late.pop(until) {
            let _unheard = outcome.apply(&mut self.service, arrives, &request);
        }
        self.now = self.now.max(until);
    }

    fn pass(&mut self, duration: Duration) {
        self.pass_until(self.now.after(duration));
    }
}

impl client::blocking::Transport for SimTransport {
    fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        self.0.borrow_mut().send(request, timeout)
    }

    fn sleep(&self, duration: Duration) {
        self.0.borrow_mut().pass(duration);
    }

    fn now(&self) -> Monotonic {
        self.0.borrow().now
    }

    fn seed(&self) -> u64 {
        random::next(&mut self.0.borrow_mut().seed)
    }
}

/// The futures never wait: each is ready when it is first polled.
impl client::Transport for SimTransport {
    async fn send(&self, request: Request<Vec<u8>>, timeout: Duration) -> Result<Response<Vec<u8>>, TransportFailure> {
        self.0.borrow_mut().send(request, timeout)
    }

    async fn sleep(&self, duration: Duration) {
        self.0.borrow_mut().pass(duration);
    }

    fn now(&self) -> Monotonic {
        client::blocking::Transport::now(self)
    }

    fn seed(&self) -> u64 {
        client::blocking::Transport::seed(self)
    }
}

impl fmt::Debug for SimTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.borrow();
        f.debug_struct("SimTransport")
            .field("now", &state.now)
            .field("service", &state.service)
            .finish_non_exhaustive()
    }
}
