//! The outcome of one request on the network.
use super::{Faults, substitute};
use crate::{
    Answer, Dirt, Fault, Service, Site, Target,
    destination::duration_between,
    dirt::{self, ActiveFaults, target},
    random,
};
use byourside_proto::{Monotonic, TransportFailure};
use http::{Request, Response};
use std::{fmt, time::Duration};

/// The latency of a message, one way, where faults come from `Dirt`.
pub(crate) const LATENCY: Duration = Duration::from_millis(50);

/// Draws a [`NetworkOutcome`] for each request.
///
/// For a transport of one's own to a [`Service`], over a real connection or in virtual time.
///
/// ```
/// use byourside_sim::{FaultPlan, Faults, Rate, Received, Service};
/// use byourside_proto::Monotonic;
///
/// let mut service = Service::new(7);
/// let mut plan = FaultPlan::new(Faults { request_lost: Rate::ALWAYS, ..Faults::default() });
/// let request = http::Request::get("/v1/agent/calls").body("")?;
///
/// let outcome = plan.draw();
/// let arrives = Monotonic::ORIGIN.after(outcome.there());
/// let received = outcome.apply(&mut service, arrives, &request);
/// assert!(matches!(received, Received::Closed));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FaultPlan {
    faults: Faults,
    seed: u64,
    dirt: Option<Box<Dirt>>,
    /// How many requests there were, by target.
    counts: [u32; Target::COUNT],
}

/// The outcome of one request: the fault that hits it, if any, and the latency there and back.
#[derive(Clone, Debug)]
#[must_use = "apply it to the request"]
pub struct NetworkOutcome {
    there: Duration,
    back: Duration,
    fault: Option<NetworkFault>,
    silent: bool,
    max_retry_after: Duration,
    max_staleness: Duration,
    /// Decides the details of the fault, such as the status of an error.
    seed: u64,
    /// Faults from a `Dirt`, which replace all of the above but the latency.
    active: Option<ActiveFaults>,
}

/// What a client receives.
#[derive(Clone)]
pub enum Received {
    /// A response.
    Response(Response<Vec<u8>>),
    /// The connection closes without an answer.
    Closed,
    /// Nothing, ever. The client's own timeout ends the attempt.
    Silence,
    /// No connection can be made. A server that has already accepted a connection can only close it, and then the
    /// client does not know that the request never arrived.
    NoConnection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NetworkFault {
    NoConnection,
    RequestLost,
    AnswerLost,
    ErrorBefore,
    ErrorAfter,
    RateLimited,
    HtmlBefore,
    HtmlAfter,
    Truncated,
    Stale,
}

impl FaultPlan {
    /// A plan that draws from these faults.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            seed: faults.seed,
            faults,
            dirt: None,
            counts: [0; Target::COUNT],
        }
    }

    /// A plan that injects these faults into the requests of one program, whose number is 0. The latency is 50 ms.
    ///
    /// Of [`FaultGroup::Time`](crate::FaultGroup::Time) only [`Fault::PlacedLate`] is injected, and nothing that
    /// targets a start, a poll or an event: those need a [`Simulation`](crate::Simulation) or a
    /// [`Case`](crate::check::Case).
    #[must_use]
    pub fn of_dirt(dirt: Dirt) -> Self {
        Self {
            dirt: Some(Box::new(dirt)),
            ..Self::new(Faults::default())
        }
    }

    /// The outcome of this request, which is sent at `now`.
    pub(crate) fn outcome_of<B>(&mut self, now: Monotonic, request: &Request<B>) -> NetworkOutcome {
        let Some(dirt) = &mut self.dirt else {
            return self.draw();
        };
        let target = target(request);
        let nth = &mut self.counts[target as usize];
        *nth += 1;
        let active = dirt.at(now, Site::new(0, target, *nth));
        let late = active.within(Fault::PlacedLate, 1, 3600).map(Duration::from_secs);
        let slow = active.within(Fault::Slow, 0, 20_000).map(Duration::from_millis);
        NetworkOutcome {
            there: LATENCY.saturating_add(late.unwrap_or_default()),
            back: slow.unwrap_or(LATENCY),
            active: Some(active),
            ..self.draw()
        }
    }

    /// Draws the outcome of the next request.
    pub fn draw(&mut self) -> NetworkOutcome {
        // One random number for each outcome, so that how many numbers one request uses does not change the next.
        let mut seed = random::next(&mut self.seed);
        let faults = &self.faults;
        let html = if random::below(&mut seed, 2) == 0 {
            NetworkFault::HtmlBefore
        } else {
            NetworkFault::HtmlAfter
        };
        let chances = [
            (faults.no_connection, NetworkFault::NoConnection),
            (faults.request_lost, NetworkFault::RequestLost),
            (faults.answer_lost, NetworkFault::AnswerLost),
            (faults.error_before, NetworkFault::ErrorBefore),
            (faults.error_after, NetworkFault::ErrorAfter),
            (faults.rate_limited, NetworkFault::RateLimited),
            (faults.html, html),
            (faults.truncated, NetworkFault::Truncated),
            (faults.stale, NetworkFault::Stale),
        ];
        let fault = chances
            .into_iter()
            .find_map(|(rate, fault)| rate.hits(&mut seed).then_some(fault));
        NetworkOutcome {
            there: duration_between(&mut seed, faults.min_latency, faults.max_latency),
            back: duration_between(&mut seed, faults.min_latency, faults.max_latency),
            fault,
            silent: faults.silent.hits(&mut seed),
            max_retry_after: faults.max_retry_after,
            max_staleness: faults.max_staleness,
            seed,
            active: None,
        }
    }

    /// Draws the latency of a message that belongs to no request, such as a delivery.
    pub(crate) fn latency(&mut self) -> Duration {
        let mut seed = random::next(&mut self.seed);
        duration_between(&mut seed, self.faults.min_latency, self.faults.max_latency)
    }
}

impl NetworkOutcome {
    /// How long the request takes to reach the service.
    #[must_use]
    pub fn there(&self) -> Duration {
        self.there
    }

    /// How long the answer takes to reach the client.
    #[must_use]
    pub fn back(&self) -> Duration {
        self.back
    }

    /// Passes a request that arrives at `now` to the service, unless a fault prevents that, and returns what the client
    /// receives.
    pub fn apply<B: AsRef<[u8]>>(self, service: &mut Service, now: Monotonic, request: &Request<B>) -> Received {
        if let Some(active) = &self.active {
            return apply_active(service, now, request, active);
        }
        let mut seed = self.seed;
        let wall = service.wall();
        match self.fault {
            None => self.received(service.handle(now, request)),
            Some(NetworkFault::NoConnection) => Received::NoConnection,
            Some(NetworkFault::RequestLost) => self.received(Answer::Lost),
            Some(NetworkFault::ErrorBefore) => Received::Response(substitute::error(&mut seed)),
            Some(NetworkFault::HtmlBefore) => Received::Response(substitute::page(&mut seed)),
            Some(NetworkFault::RateLimited) => {
                Received::Response(substitute::rate_limited(&mut seed, self.max_retry_after, wall, now))
            }
            Some(NetworkFault::AnswerLost) => {
                service.handle(now, request);
                self.received(Answer::Lost)
            }
            Some(NetworkFault::ErrorAfter) => {
                service.handle(now, request);
                Received::Response(substitute::error(&mut seed))
            }
            Some(NetworkFault::HtmlAfter) => {
                service.handle(now, request);
                Received::Response(substitute::page(&mut seed))
            }
            Some(NetworkFault::Truncated) => match service.handle(now, request) {
                Answer::Response(response) => Received::Response(substitute::cut(&mut seed, response)),
                Answer::Lost => self.received(Answer::Lost),
            },
            Some(NetworkFault::Stale) => {
                let lag = duration_between(&mut seed, Duration::ZERO, self.max_staleness);
                self.received(service.handle_behind(now, lag, request))
            }
        }
    }

    fn received(&self, answer: Answer) -> Received {
        match answer {
            Answer::Response(response) => Received::Response(response),
            Answer::Lost if self.silent => Received::Silence,
            Answer::Lost => Received::Closed,
        }
    }
}

/// Passes a request to the service under these faults, and returns what the client receives.
fn apply_active<B: AsRef<[u8]>>(
    service: &mut Service,
    now: Monotonic,
    request: &Request<B>,
    active: &ActiveFaults,
) -> Received {
    if active.has(Fault::NoConnection) {
        return Received::NoConnection;
    }
    if active.has(Fault::RequestLost) {
        return Received::Closed;
    }
    let mut owned = Request::new(request.body().as_ref().to_vec());
    owned.method_mut().clone_from(request.method());
    owned.uri_mut().clone_from(request.uri());
    owned.headers_mut().clone_from(request.headers());
    received(dirt::handle(service, now, &owned, active), active)
}

/// What a client receives of the service's answer, after the faults that lose it.
pub(crate) fn received(answer: Answer, active: &ActiveFaults) -> Received {
    match answer {
        _ if active.has(Fault::Silence) => Received::Silence,
        _ if active.has(Fault::AnswerLost) => Received::Closed,
        Answer::Response(response) => Received::Response(response),
        Answer::Lost => Received::Closed,
    }
}

impl Received {
    /// The result that a client's transport returns. Silence becomes a timeout, so wait for the attempt timeout first.
    ///
    /// # Errors
    /// [`TransportFailure`] if no answer came. It says whether the request may have been sent.
    ///
    /// ```
    /// use byourside_proto::machine::Sent;
    /// use byourside_sim::Received;
    /// let sent = |received: Received| received.into_result().unwrap_err().sent();
    /// assert_eq!(sent(Received::NoConnection), Sent::No);
    /// assert_eq!(sent(Received::Closed), Sent::Maybe);
    /// ```
    pub fn into_result(self) -> Result<Response<Vec<u8>>, TransportFailure> {
        match self {
            Self::Response(response) => Ok(response),
            Self::Closed => Err(TransportFailure::maybe_sent("connection closed")),
            Self::Silence => Err(TransportFailure::timed_out()),
            Self::NoConnection => Err(TransportFailure::not_sent("connection refused")),
        }
    }
}

/// Without the body, which holds phone numbers and what people said.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response(response) => write!(f, "Response({}, {} bytes)", response.status(), response.body().len()),
            Self::Closed => f.write_str("Closed"),
            Self::Silence => f.write_str("Silence"),
            Self::NoConnection => f.write_str("NoConnection"),
        }
    }
}
