//! The simulated service.
mod for_faults;
mod operations;

use super::{
    DeliveryOutcome, DeliveryTicket, ServiceOptions, SimulatedCall,
    account::Account,
    call::Uuid,
    clock::WallClock,
    delivering::{self, DueDelivery, Queue},
    dirt::Background,
    placements::{PlacementCounts, Placements},
    record::{RECORD_CAPACITY, Record, written},
    refusal::json,
    router::{Resource, Route},
    store::Store,
};
use byourside_proto::{
    CallId, Monotonic, UnixTime,
    webhook::{Deduplicator, SIGNATURE_HEADER, Signer},
};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use std::{fmt, time::Duration};

/// How many POSTs to `+14155550115` are remembered, so that the same POST is accepted the next time.
const MAX_REFUSED: usize = 1024;

/// The simulated service: takes HTTP requests, returns HTTP responses, and does no I/O.
///
/// The same seed, options and requests at the same times give the same bytes. No request makes it panic, and
/// [`ServiceOptions::max_calls`] bounds its memory. Its clock never goes backwards: an earlier `now` counts as the
/// latest one that was passed in.
///
/// ```
/// use byourside_proto::Monotonic;
/// use byourside_sim::{Answer, Service};
///
/// let mut service = Service::new(7);
/// let request = http::Request::get("/v1/agent/calls").header("authorization", "Bearer bys_ak_example").body("")?;
/// let Answer::Response(response) = service.handle(Monotonic::ORIGIN, &request) else { panic!("an answer is lost") };
/// assert_eq!(response.body(), br#"{"calls":[]}"#);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone)]
pub struct Service {
    options: ServiceOptions,
    seed: u64,
    clock: Monotonic,
    /// How old the state is that answers show: a stale replica's lag.
    lag: Duration,
    store: Store,
    refused_once: Deduplicator,
    placement_counts: PlacementCounts,
    /// How many calls were placed in the background, not by a program under test.
    background: u64,
    shares_ids: bool,
    deliveries: Queue,
    signer: Signer,
}

/// The service's answer to a request.
#[derive(Clone)]
pub enum Answer {
    /// An HTTP response.
    Response(Response<Vec<u8>>),
    /// The service acted, and the connection closes without an answer.
    Lost,
}

impl Service {
    /// A service with default options. The seed decides every random choice.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_options(seed, ServiceOptions::default())
    }

    /// A service with these options. The seed decides every random choice.
    #[must_use]
    pub fn with_options(seed: u64, options: ServiceOptions) -> Self {
        Self {
            seed,
            clock: Monotonic::ORIGIN,
            lag: Duration::ZERO,
            store: Store::new(options.max_calls),
            refused_once: Deduplicator::new(MAX_REFUSED),
            placement_counts: PlacementCounts::default(),
            background: 0,
            shares_ids: false,
            deliveries: Queue::new(options.deliveries.clone()),
            signer: Signer::new(options.deliveries.secret.clone()),
            options,
        }
    }

    /// Handles a request that arrives at `now`. Only the path and the query of its URI count.
    pub fn handle<B: AsRef<[u8]>>(&mut self, now: Monotonic, request: &Request<B>) -> Answer {
        self.clock = self.clock.max(now);
        let route = Resource::of(request.uri()).and_then(|resource| {
            let account = Account::of(request.headers())?;
            Ok((account, resource.route(request.method())?))
        });
        let answer = route.and_then(|(account, route)| match route {
            Route::Place => self.place(account, request.body().as_ref()),
            Route::List { limit } => Ok(Answer::Response(self.list(account, limit))),
            Route::Get(id) => self.get(account, id).map(Answer::Response),
        });
        answer.unwrap_or_else(|refusal| Answer::Response(refusal.response()))
    }

    /// The record of a call as a response, without checking the account.
    pub(crate) fn record_of(&self, call: &SimulatedCall) -> Response<Vec<u8>> {
        let record = Record::of(call, self.wall_of(call), self.as_of(call));
        json(StatusCode::OK, written(&record, RECORD_CAPACITY))
    }

    /// When [`poll_delivery`](Self::poll_delivery) has something to do; `None` if there is nothing to deliver.
    ///
    /// The time can change with every request and every delivery, so ask again after each.
    #[must_use]
    pub fn next_wake(&self) -> Option<Monotonic> {
        self.deliveries.next_wake()
    }

    /// The next webhook delivery that is due at `now`, freshly signed; `None` if there is none. Call it until it
    /// returns `None`, and report the outcome of each delivery with [`delivered`](Self::delivered).
    ///
    /// A call that is answered has two events, `call.in_progress` and a terminal one; any other call has the terminal
    /// one alone. An event that is not acknowledged is sent again with the same body, and so the same `eventId`, as
    /// [`DeliveryOptions`](super::DeliveryOptions) say.
    ///
    /// ```
    /// use byourside_proto::{Api, Operation, PlaceCall, Monotonic, UnixTime};
    /// use byourside_sim::{DeliveryOutcome, Service};
    /// use byourside_proto::webhook::{SIGNATURE_HEADER, Verifier, WebhookSecret};
    ///
    /// let mut service = Service::new(7);
    /// let api = Api::with_key("bys_ak_example")?;
    /// let call = PlaceCall::new("+14155550103", "Ask.")?.webhook_url("https://example.com/hook")?;
    /// service.handle(Monotonic::ORIGIN, &call.request(&api));
    ///
    /// let now = service.next_wake().ok_or("nothing to deliver")?;
    /// let (request, ticket) = service.poll_delivery(now).ok_or("nothing to deliver")?;
    /// assert_eq!(request.uri(), "https://example.com/hook");
    ///
    /// let verifier = Verifier::new(WebhookSecret::new("whsec_simulated")?);
    /// let received = UnixTime::new(1_767_225_600 + 10);
    /// let header = request.headers()[SIGNATURE_HEADER].to_str()?;
    /// let event = verifier.verify(header, request.body(), received)?.event()?;
    /// assert_eq!(event.kind().as_str(), "call.declined");
    ///
    /// service.delivered(now, ticket, DeliveryOutcome::Answered(http::StatusCode::OK));
    /// assert_eq!(service.next_wake(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_delivery(&mut self, now: Monotonic) -> Option<(Request<Vec<u8>>, DeliveryTicket)> {
        loop {
            if let (Some(request), ticket) = self.poll_attempt(now)? {
                return Some((request, ticket));
            }
        }
    }

    /// As [`poll_delivery`](Self::poll_delivery), but also returns the attempts that are lost on the way, without a
    /// request: for a log.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, Operation, PlaceCall};
    /// use byourside_sim::{DeliveryFaults, DeliveryOptions, Rate, Service, ServiceOptions};
    ///
    /// let faults = DeliveryFaults { lost: Rate::ALWAYS, ..DeliveryFaults::default() };
    /// let deliveries = DeliveryOptions { faults, ..DeliveryOptions::default() };
    /// let mut service = Service::with_options(7, ServiceOptions { deliveries, ..ServiceOptions::default() });
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let call = PlaceCall::new("+14155550103", "Ask.")?.webhook_url("https://example.com/hook")?;
    /// # service.handle(Monotonic::ORIGIN, &call.request(&api));
    /// let now = service.next_wake().ok_or("nothing to deliver")?;
    /// let (request, ticket) = service.poll_attempt(now).ok_or("nothing to deliver")?;
    /// assert!(request.is_none());
    /// assert_eq!((ticket.event(), ticket.attempt()), ("call.declined", 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_attempt(&mut self, now: Monotonic) -> Option<(Option<Request<Vec<u8>>>, DeliveryTicket)> {
        self.clock = self.clock.max(now);
        while let Some(due) = self.deliveries.poll(self.clock) {
            if let Some(attempt) = self.attempt(&due) {
                return Some(attempt);
            }
        }
        None
    }

    /// Records the outcome of a delivery.
    pub fn delivered(&mut self, now: Monotonic, ticket: DeliveryTicket, outcome: DeliveryOutcome) {
        self.clock = self.clock.max(now);
        self.deliveries.delivered(self.clock, &ticket, outcome);
    }

    /// How many calls were placed so far, including those that the service has forgotten. Each is a phone that rang.
    #[must_use]
    pub fn placed(&self) -> u64 {
        self.store.placed() - self.background
    }

    /// The calls that are kept, of all accounts, in the order in which they were placed.
    pub fn calls(&self) -> impl Iterator<Item = &SimulatedCall> {
        self.store.all()
    }

    /// The call with this id, of any account, if it is kept.
    #[must_use]
    pub fn call(&self, id: &CallId) -> Option<&SimulatedCall> {
        self.store.get(Uuid::parse(id.as_str())?)
    }

    /// How many POSTs asked for a call to this number with this objective, and how many calls were placed, including
    /// those that the service has forgotten. All zero unless [`ServiceOptions::count_placements`] is set.
    ///
    /// ```
    /// use byourside_proto::{Api, Monotonic, Operation, PlaceCall};
    /// use byourside_sim::{Placements, Service, ServiceOptions};
    ///
    /// let options = ServiceOptions { count_placements: true, ..ServiceOptions::default() };
    /// let mut service = Service::with_options(7, options);
    /// let api = Api::with_key("bys_ak_example")?;
    /// let request = PlaceCall::new("+14155550115", "Ask.")?.request(&api);
    /// service.handle(Monotonic::ORIGIN, &request);
    /// service.handle(Monotonic::ORIGIN, &request);
    /// assert_eq!(service.placements("+14155550115", "Ask."), Placements { posts: 2, calls: 1 });
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn placements(&self, to: &str, objective: &str) -> Placements {
        self.placement_counts.of(to, objective)
    }

    /// The time as of which a call is shown.
    fn as_of(&self, call: &SimulatedCall) -> Monotonic {
        Monotonic::new(self.clock.since_origin().saturating_sub(self.lag)).max(call.placed_at)
    }

    fn attempt(&self, due: &DueDelivery) -> Option<(Option<Request<Vec<u8>>>, DeliveryTicket)> {
        let call = self.store.numbered(due.call)?;
        let url = call.webhook_url.clone()?;
        if due.lost {
            return Some((None, due.ticket(call)));
        }
        let body = delivering::body(call, due.milestone, self.wall());
        let now = self.wall().unix(self.clock).seconds();
        let signature = self.signer.sign(UnixTime::new(now.saturating_add(due.skew)), &body);
        Some((Some(post(url, &signature, body)), due.ticket(call)))
    }

    /// The wall clock that dates a call: a day earlier for yesterday's call.
    fn wall_of(&self, call: &SimulatedCall) -> WallClock {
        match call.background {
            Some(Background::Yesterday) => self.wall().yesterday(),
            _ => self.wall(),
        }
    }

    pub(crate) fn wall(&self) -> WallClock {
        WallClock::new(self.options.epoch)
    }
}

/// Without the body, which holds phone numbers and what people said.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response(response) => write!(f, "Response({}, {} bytes)", response.status(), response.body().len()),
            Self::Lost => f.write_str("Lost"),
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("seed", &self.seed)
            .field("clock", &self.clock)
            .field("calls", &self.store.len())
            .finish_non_exhaustive()
    }
}

fn post(url: Uri, signature: &str, body: Vec<u8>) -> Request<Vec<u8>> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url;
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(signature) = HeaderValue::from_str(signature) {
        headers.insert(SIGNATURE_HEADER, signature);
    }
    request
}
