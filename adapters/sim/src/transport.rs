//! What carries the requests of one program.
use super::{Dirt, FaultPlan, Faults, NetworkOutcome, Received, Service, schedule::Schedule};
use crate::random;
use byourside_proto::{Monotonic, TransportFailure, client};
use http::{Request, Response};
use std::{cell::RefCell, fmt, time::Duration};

/// A plain [client](byourside_proto::client)'s way to a simulated service, and its clock, which jumps: for a test of a program that
/// uses a client, of either kind.
///
/// A request takes its time, as [`Faults`] say, and a sleep takes all of it at once, so that hours of waiting are over
/// in no time. What comes later than the request's timeout is not received, and the service acts on it even so. The
/// same program, seeds and options give the same course.
///
/// One thing happens at a time: of two futures that sleep together, the second one's sleep begins at the end of the
/// first one's. Programs that run side by side, and deliveries, are for a [`Simulation`](super::Simulation) or, as are
/// futures that are dropped midway, for a `TokioService`, which the feature `tokio` brings.
///
/// ```
/// use byourside_proto::client::{ClientOptions, blocking::Client};
/// use byourside_sim::{SimTransport, Profile, Service};
/// use byourside_proto::{Api, PlaceCall, Status};
///
/// let api = Api::with_key("bys_ak_example")?;
/// let call = PlaceCall::new("+14155550101", "Ask for the opening hours.")?;
/// for seed in 0..10 {
///     let line = SimTransport::new(Service::new(seed), Profile::Harsh.faults(seed));
///     let client = Client::with_transport(api.clone(), ClientOptions::default(), line);
///     // The program that is tested, and what must hold of it.
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
    /// Requests that are still on their way, and no longer waited for.
    late: Schedule<(Request<Vec<u8>>, NetworkOutcome)>,
    seed: u64,
}

impl SimTransport {
    /// A line to this service with these faults, at the origin of time.
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

    /// A line to this service whose requests are struck by these faults: "the third GET gets a 503".
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

    /// A copy of the service as it is now, to see inside.
    ///
    /// ```
    /// use byourside_sim::{Faults, SimTransport, Service};
    /// let line = SimTransport::new(Service::new(7), Faults::default());
    /// assert_eq!(line.service().calls().count(), 0);
    /// ```
    #[must_use]
    pub fn service(&self) -> Service {
        self.0.borrow().service.clone()
    }

    /// From here on there are these faults; what is on its way keeps its outcome.
    ///
    /// ```
    /// use byourside_proto::client::{ClientOptions, blocking::Client};
    /// use byourside_sim::{Faults, SimTransport, Rate, Service};
    /// use byourside_proto::{Api, PlaceCall};
    ///
    /// let api = Api::with_key("bys_ak_example")?;
    /// let broken = Faults { request_lost: Rate::ALWAYS, ..Faults::default() };
    /// let line = SimTransport::new(Service::new(7), broken);
    /// let client = Client::with_transport(api, ClientOptions::default(), line);
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

/// Its futures never wait: poll one once, and it is done.
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
