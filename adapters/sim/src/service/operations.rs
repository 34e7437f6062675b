//! The three operations of the API.
use super::{Answer, Service};
use crate::{
    SimulatedCall,
    account::Account,
    call::Uuid,
    destination::{Destination, Scenario},
    order::Order,
    random,
    record::{List, PlaceAnswer, RECORD_CAPACITY, written},
    refusal::{Refusal, json},
};
use http::{Response, StatusCode};

impl Service {
    pub(super) fn place(&mut self, account: Account, body: &[u8]) -> Result<Answer, Refusal> {
        if body.len() > self.options.max_body {
            return Err(Refusal::BodyTooLong);
        }
        let order = Order::read(body, self.options.deliveries.plain_http_to_loopback)?;
        let scenario = self.decide(account, &order);
        if self.options.count_placements {
            self.placement_counts
                .count(order.to.as_str(), &order.objective, scenario.is_ok());
        }
        let (scenario, lost) = scenario?;
        let mut seed = self.seed ^ self.store.placed().wrapping_mul(0xd6e8_feb8_6659_fd93);
        let call = SimulatedCall::new(random::next(&mut seed), account, order, scenario, self.clock);
        let receipt = json(
            StatusCode::ACCEPTED,
            written(&PlaceAnswer::of(&call, self.clock), RECORD_CAPACITY),
        );
        let number = self.store.placed();
        if call.webhook_url.is_some() {
            self.deliveries.schedule(number, &call);
        }
        self.store.insert(call);
        Ok(if lost { Answer::Lost } else { Answer::Response(receipt) })
    }

    /// The course of the call, and whether the answer to the POST is lost.
    fn decide(&mut self, account: Account, order: &Order) -> Result<(Scenario, bool), Refusal> {
        let scenario = match Destination::of(&order.to) {
            Destination::Call(scenario) => (scenario, false),
            Destination::AnswerLost => (Scenario::Completed, true),
            Destination::PlacementFailed => return Err(Refusal::PlacementFailed),
            Destination::RateLimited => return Err(Refusal::RateLimited),
            Destination::OverMinuteCap => return Err(Refusal::OverMinuteCap),
            Destination::StoreError => return Err(Refusal::StoreError),
            Destination::RateLimitedOnce => {
                let order = account.fingerprint([order.to.as_str(), &order.objective]);
                if self.refused_once.first_time(&format!("{order:x}")) {
                    return Err(Refusal::RateLimited);
                }
                (Scenario::Completed, false)
            }
        };
        self.make_room().then_some(scenario).ok_or(Refusal::OverMinuteCap)
    }

    /// Forgets the call that ended first if the store is full, and returns whether there is room for another call.
    fn make_room(&mut self) -> bool {
        if self.store.is_full()
            && let Some(number) = self.store.first_ended(self.clock)
        {
            self.store.forget(number);
            self.deliveries.forget(number);
        }
        !self.store.is_full()
    }

    pub(super) fn get(&self, account: Account, id: Uuid) -> Result<Response<Vec<u8>>, Refusal> {
        self.store
            .get(id)
            .filter(|call| call.account == account && call.readable_at <= self.clock)
            .map(|call| self.record_of(call))
            .ok_or(Refusal::NotFound)
    }

    pub(super) fn list(&self, account: Account, limit: usize) -> Response<Vec<u8>> {
        let mut list = List::new();
        for call in self.store.recent(account).take(limit) {
            list.add(call, self.wall_of(call), self.as_of(call));
        }
        json(StatusCode::OK, list.end())
    }
}
