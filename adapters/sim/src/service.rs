//! The service as a whole.
use super::{
    DeliveryOutcome, DeliveryTicket, ServiceOptions, SimulatedCall,
    account::Account,
    call::Uuid,
    clock::WallClock,
    delivering::{self, Due, Queue},
    dirt::{Background, Fault, Struck, asked_for},
    order::Order,
    record::{List, ROOM, Receipt, Record, written},
    refusal::{Refusal, json},
    router::{Resource, Route},
    script::{End, Plot, Script},
    store::Store,
    tally::{Placements, Tally},
};
use crate::random;
use byourside_proto::{
    CallId, Monotonic, UnixTime,
    webhook::{Deduplicator, SIGNATURE_HEADER, Signer},
};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use serde_json::Value;
use std::{fmt, time::Duration};

/// How many refused orders are remembered, so that the next one like it is accepted.
const MAX_REFUSED: usize = 1024;

/// The simulated service.
///
/// Same seed, same options, same requests at the same times: same bytes. Time inside never goes backwards, whatever is
/// passed in. It is total: no request panics, and its memory is bounded by [`ServiceOptions::max_calls`].
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
    /// How far what is told of calls lies in the past.
    lag: Duration,
    store: Store,
    refused_once: Deduplicator,
    tally: Tally,
    /// How many calls nobody who is watched asked for.
    background: u64,
    shares_ids: bool,
    deliveries: Queue,
    signer: Signer,
}

/// What the service does with a request.
#[derive(Clone)]
pub enum Answer {
    /// It answers.
    Response(Response<Vec<u8>>),
    /// It acted, and its answer is lost: the connection closes without one.
    Lost,
}

impl Service {
    /// A service whose every choice comes from this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_options(seed, ServiceOptions::default())
    }

    /// A service whose every choice comes from this seed, set up in this way.
    ///
    /// ```
    /// use byourside_sim::{Service, ServiceOptions};
    /// let service = Service::with_options(7, ServiceOptions { max_calls: 10, ..ServiceOptions::default() });
    /// assert_eq!(service.calls().count(), 0);
    /// ```
    #[must_use]
    pub fn with_options(seed: u64, options: ServiceOptions) -> Self {
        Self {
            seed,
            clock: Monotonic::ORIGIN,
            lag: Duration::ZERO,
            store: Store::new(options.max_calls),
            refused_once: Deduplicator::new(MAX_REFUSED),
            tally: Tally::default(),
            background: 0,
            shares_ids: false,
            deliveries: Queue::new(options.deliveries.clone()),
            signer: Signer::new(options.deliveries.secret.clone()),
            options,
        }
    }

    /// Takes a request at `now`. Of its URI, path and query count.
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

    /// As [`handle`](Self::handle), but that calls are told of as they stood this long ago.
    pub(crate) fn handle_behind<B: AsRef<[u8]>>(
        &mut self,
        now: Monotonic,
        lag: Duration,
        request: &Request<B>,
    ) -> Answer {
        self.lag = lag;
        let answer = self.handle(now, request);
        self.lag = Duration::ZERO;
        answer
    }

    /// Places a call that no program which is watched has asked for: with the number, the text and the account of this
    /// request, but without its webhook.
    pub(crate) fn place_in_background(&mut self, now: Monotonic, request: &Request<Vec<u8>>, kind: Background) {
        self.clock = self.clock.max(now);
        let Ok(account) = Account::of(request.headers()) else {
            return;
        };
        let Ok(mut order) = Order::read(request.body(), true) else {
            return;
        };
        order.webhook_url = None;
        let mut seed = self.seed ^ self.store.placed();
        let mut call = SimulatedCall::new(random::next(&mut seed), account, order, Plot::Completed, self.clock);
        call.background = Some(kind);
        if kind == Background::Yesterday {
            call.answered_at = Some(self.clock);
            call.end = Some((self.clock, End::Completed));
        }
        self.background += 1;
        self.store.insert(call);
    }

    /// Lets the faults strike the call that was placed last, and says which id it has then.
    pub(crate) fn soil_newest(&mut self, struck: &Struck) -> Option<CallId> {
        let newest = self.store.newest()?;
        let reused = self
            .store
            .recent(newest.account)
            .find(|call| call.id != newest.id && call.background.is_none())
            .map(|call| call.id)
            .filter(|_| struck.has(Fault::IdReused));
        self.shares_ids |= reused.is_some();
        let early = struck.has(Fault::EventEarly);
        let now = self.clock;
        self.store.change_newest(|call| {
            call.echo = struck.clone();
            call.id = reused.unwrap_or(call.id);
            if early && call.answered_at.is_some() {
                call.answered_at = Some(now);
            }
        });
        let newest = self.store.newest()?;
        if early && newest.webhook_url.is_some() {
            let number = self.store.placed() - 1;
            self.deliveries.forget(number);
            self.deliveries.schedule(number, newest);
        }
        Some(newest.id())
    }

    /// Whether two calls can have one id.
    pub(crate) fn shares_ids(&self) -> bool {
        self.shares_ids
    }

    /// Another call of the same account, the most recent one.
    pub(crate) fn another(&self, call: &SimulatedCall) -> Option<&SimulatedCall> {
        self.store.recent(call.account).find(|other| other.id != call.id)
    }

    /// The record of a call, whoever asks for it.
    pub(crate) fn record_of(&self, call: &SimulatedCall) -> Response<Vec<u8>> {
        let record = Record::of(call, self.wall_of(call), self.told_at(call));
        json(StatusCode::OK, written(&record, ROOM))
    }

    /// The call of an entry of a list, or of an event. An id alone does not say which it is where two calls share one.
    pub(crate) fn listed_as(&self, entry: &Value) -> Option<&SimulatedCall> {
        let id = Uuid::parse(entry["callId"].as_str()?)?;
        let is_it = |call: &&SimulatedCall| {
            call.id == id && entry["to"] == call.to.as_str() && entry["objective"] == *call.objective
        };
        let shared = self.shares_ids.then(|| self.store.all().find(is_it)).flatten();
        shared.or_else(|| self.store.get(id))
    }

    /// The call whose event this is, if it is kept.
    pub(crate) fn told_of(&self, ticket: &DeliveryTicket) -> Option<&SimulatedCall> {
        self.store.numbered(ticket.key.0)
    }

    /// The number of the call whose record a request asks for; for a list, of the most recent one.
    pub(crate) fn number_asked_for(&self, request: &Request<Vec<u8>>) -> Option<String> {
        let account = Account::of(request.headers()).ok()?;
        let asked = asked_for(request).and_then(|id| self.call(&id));
        let call = asked.or_else(|| self.store.recent(account).next())?;
        (call.account == account).then(|| call.to.as_str().to_owned())
    }

    /// This body, signed now, on its way to where `like` goes.
    pub(crate) fn signed_like(&self, like: &Request<Vec<u8>>, body: Vec<u8>) -> Request<Vec<u8>> {
        let signature = self.signer.sign(self.wall().unix(self.clock), &body);
        post(like.uri().clone(), &signature, body)
    }

    /// When [`poll_delivery`](Self::poll_delivery) has something to do; `None` while there is nothing to deliver.
    ///
    /// It changes with every request and every delivery, so ask again after each.
    #[must_use]
    pub fn next_wake(&self) -> Option<Monotonic> {
        self.deliveries.next_wake()
    }

    /// A delivery that is to be made by `now`, signed now; `None` if there is none. Ask until there is none.
    ///
    /// An answered call has two events, `call.in_progress` and a terminal one, any other the terminal one alone. What
    /// is not acknowledged is sent again, with the same body and so the same `eventId`, signed afresh, as
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

    /// As [`poll_delivery`](Self::poll_delivery), but that it tells of the attempts which are lost on the way as well, for a
    /// log: those without a request.
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

    /// Takes what came of a delivery.
    pub fn delivered(&mut self, now: Monotonic, ticket: DeliveryTicket, outcome: DeliveryOutcome) {
        self.clock = self.clock.max(now);
        self.deliveries.delivered(self.clock, &ticket, outcome);
    }

    /// How many calls were ever placed, forgotten ones included.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, Operation, PlaceCall};
    /// # use byourside_sim::Service;
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let mut service = Service::new(7);
    /// service.handle(Monotonic::ORIGIN, &PlaceCall::new("+14155550103", "Ask.")?.request(&api));
    /// assert_eq!(service.placed(), 1);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn placed(&self) -> u64 {
        self.store.placed() - self.background
    }

    /// Every call that is kept, in the order in which they were placed, whoever placed it.
    pub fn calls(&self) -> impl Iterator<Item = &SimulatedCall> {
        self.store.all()
    }

    /// One call, whoever placed it, if it is kept.
    #[must_use]
    pub fn call(&self, id: &CallId) -> Option<&SimulatedCall> {
        self.store.get(Uuid::parse(id.as_str())?)
    }

    /// How often a call to this number with this objective was asked for and placed, forgotten calls included. It is
    /// only known with [`ServiceOptions::count_placements`].
    ///
    /// ```
    /// use byourside_proto::{Api, Monotonic, Operation, PlaceCall};
    /// use byourside_sim::{Placements, Service, ServiceOptions};
    ///
    /// let mut service = Service::with_options(7, ServiceOptions { count_placements: true, ..ServiceOptions::default() });
    /// let api = Api::with_key("bys_ak_example")?;
    /// let request = PlaceCall::new("+14155550115", "Ask.")?.request(&api);
    /// service.handle(Monotonic::ORIGIN, &request);
    /// service.handle(Monotonic::ORIGIN, &request);
    /// assert_eq!(service.placements("+14155550115", "Ask."), Placements { posts: 2, calls: 1 });
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn placements(&self, to: &str, objective: &str) -> Placements {
        self.tally.of(to, objective)
    }

    fn place(&mut self, account: Account, body: &[u8]) -> Result<Answer, Refusal> {
        if body.len() > self.options.max_body {
            return Err(Refusal::BodyTooLong);
        }
        let order = Order::read(body, self.options.deliveries.plain_http_to_loopback)?;
        let plot = self.judge(account, &order);
        if self.options.count_placements {
            self.tally.count(order.to.as_str(), &order.objective, plot.is_ok());
        }
        let (plot, lost) = plot?;
        let mut seed = self.seed ^ self.store.placed().wrapping_mul(0xd6e8_feb8_6659_fd93);
        let call = SimulatedCall::new(random::next(&mut seed), account, order, plot, self.clock);
        let receipt = json(StatusCode::ACCEPTED, written(&Receipt::of(&call, self.clock), ROOM));
        let number = self.store.placed();
        if call.webhook_url.is_some() {
            self.deliveries.schedule(number, &call);
        }
        self.store.insert(call);
        Ok(if lost { Answer::Lost } else { Answer::Response(receipt) })
    }

    /// How the call will go, and whether the answer to placing it is lost.
    fn judge(&mut self, account: Account, order: &Order) -> Result<(Plot, bool), Refusal> {
        let plot = match Script::of(&order.to) {
            Script::Call(plot) => (plot, false),
            Script::AnswerLost => (Plot::Completed, true),
            Script::PlacementFailed => return Err(Refusal::PlacementFailed),
            Script::RateLimited => return Err(Refusal::RateLimited),
            Script::OverMinuteCap => return Err(Refusal::OverMinuteCap),
            Script::StoreError => return Err(Refusal::StoreError),
            Script::RateLimitedOnce => {
                let order = account.fingerprint([order.to.as_str(), &order.objective]);
                if self.refused_once.first_time(&format!("{order:x}")) {
                    return Err(Refusal::RateLimited);
                }
                (Plot::Completed, false)
            }
        };
        self.make_room().then_some(plot).ok_or(Refusal::OverMinuteCap)
    }

    /// Whether there is room for one more call, after the one that ended first is forgotten if need be.
    fn make_room(&mut self) -> bool {
        if self.store.is_full()
            && let Some(number) = self.store.first_ended(self.clock)
        {
            self.store.forget(number);
            self.deliveries.forget(number);
        }
        !self.store.is_full()
    }

    fn get(&self, account: Account, id: Uuid) -> Result<Response<Vec<u8>>, Refusal> {
        self.store
            .get(id)
            .filter(|call| call.account == account && call.readable_at <= self.clock)
            .map(|call| self.record_of(call))
            .ok_or(Refusal::NotFound)
    }

    fn list(&self, account: Account, limit: usize) -> Response<Vec<u8>> {
        let mut list = List::new();
        for call in self.store.recent(account).take(limit) {
            list.add(call, self.wall_of(call), self.told_at(call));
        }
        json(StatusCode::OK, list.end())
    }

    /// The moment of which a call is told.
    fn told_at(&self, call: &SimulatedCall) -> Monotonic {
        Monotonic::new(self.clock.since_origin().saturating_sub(self.lag)).max(call.placed_at)
    }

    fn attempt(&self, due: &Due) -> Option<(Option<Request<Vec<u8>>>, DeliveryTicket)> {
        let call = self.store.numbered(due.call)?;
        let url = call.webhook_url.clone()?;
        if due.lost {
            return Some((None, due.ticket(call)));
        }
        let body = delivering::body(call, due.moment, self.wall());
        let now = self.wall().unix(self.clock).seconds();
        let signature = self.signer.sign(UnixTime::new(now.saturating_add(due.skew)), &body);
        Some((Some(post(url, &signature, body)), due.ticket(call)))
    }

    /// By which a call is told of.
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

/// Without the body: it holds phone numbers and what people said.
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
