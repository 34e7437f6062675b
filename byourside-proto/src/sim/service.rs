//! The service as a whole.
use super::{
    ServiceOptions, SimulatedCall,
    account::Account,
    call::Uuid,
    clock::WallClock,
    order::Order,
    record::{Entry, List, Receipt, Record},
    refusal::{Refusal, json},
    router::{Resource, Route},
    script::{Plot, Script},
    store::Store,
    tally::{Placements, Tally},
};
use crate::{CallId, Monotonic, random, webhook::Deduplicator};
use alloc::{format, vec::Vec};
use core::fmt;
use http::{Request, Response, StatusCode};
use serde::Serialize;

/// How many refused orders are remembered, so that the next one like it is accepted.
const MAX_REFUSED: usize = 1024;

/// The simulated service.
///
/// Same seed, same options, same requests at the same times: same bytes. Time inside never goes backwards, whatever is
/// passed in. It is total: no request panics, and its memory is bounded by [`ServiceOptions::max_calls`].
///
/// ```
/// use byourside_proto::{Monotonic, sim::{Answer, Service}};
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
    store: Store,
    refused_once: Deduplicator,
    tally: Tally,
}

/// What the service does with a request.
#[derive(Clone, Debug)]
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
    /// use byourside_proto::sim::{Service, ServiceOptions};
    /// let service = Service::with_options(7, ServiceOptions { max_calls: 10, ..ServiceOptions::default() });
    /// assert_eq!(service.calls().count(), 0);
    /// ```
    #[must_use]
    pub fn with_options(seed: u64, options: ServiceOptions) -> Self {
        Self {
            seed,
            clock: Monotonic::ORIGIN,
            store: Store::new(options.max_calls),
            refused_once: Deduplicator::new(MAX_REFUSED),
            tally: Tally::default(),
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
    /// use byourside_proto::{Api, ApiKey, BaseUrl, Monotonic, Operation, PlaceCall};
    /// use byourside_proto::sim::{Placements, Service, ServiceOptions};
    ///
    /// let mut service = Service::with_options(7, ServiceOptions { count_placements: true, ..ServiceOptions::default() });
    /// let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
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
        let order = Order::read(body)?;
        let plot = self.judge(account, &order);
        if self.options.count_placements {
            self.tally.count(order.to.as_str(), &order.objective, plot.is_ok());
        }
        let (plot, lost) = plot?;
        let mut seed = self.seed ^ self.store.placed().wrapping_mul(0xd6e8_feb8_6659_fd93);
        let call = SimulatedCall::new(random::next(&mut seed), account, order, plot, self.clock);
        let receipt = answer(StatusCode::ACCEPTED, &Receipt::of(&call, self.clock));
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
        if self.store.make_room(self.clock) {
            Ok(plot)
        } else {
            Err(Refusal::OverMinuteCap)
        }
    }

    fn get(&self, account: Account, id: Uuid) -> Result<Response<Vec<u8>>, Refusal> {
        self.store
            .get(id)
            .filter(|call| call.account == account && call.readable_at <= self.clock)
            .map(|call| answer(StatusCode::OK, &Record::of(call, self.wall(), self.clock)))
            .ok_or(Refusal::NotFound)
    }

    fn list(&self, account: Account, limit: usize) -> Response<Vec<u8>> {
        let recent = self.store.recent(account).take(limit);
        let calls = recent.map(|call| Entry::of(call, self.wall(), self.clock)).collect();
        answer(StatusCode::OK, &List { calls })
    }

    fn wall(&self) -> WallClock {
        WallClock::new(self.options.epoch)
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

fn answer(status: StatusCode, body: &impl Serialize) -> Response<Vec<u8>> {
    // Only strings, numbers and maps of them: serialising cannot fail.
    json(status, serde_json::to_vec(body).unwrap_or_default())
}
