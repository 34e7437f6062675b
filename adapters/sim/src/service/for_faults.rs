//! What faults need from the service beyond its HTTP operations.
use super::{Answer, Service, post};
use crate::{
    DeliveryTicket, SimulatedCall,
    account::Account,
    call::Uuid,
    destination::{End, Scenario},
    dirt::{ActiveFaults, Background, Fault, asked_for},
    order::Order,
    random,
};
use byourside_proto::{CallId, Monotonic};
use http::Request;
use serde_json::Value;
use std::time::Duration;

impl Service {
    /// As [`handle`](Self::handle), but shows calls as they were this long ago.
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

    /// Places a call that no program under test asked for, with the number, objective and account of this request and
    /// without its webhook.
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
        let mut call = SimulatedCall::new(random::next(&mut seed), account, order, Scenario::Completed, self.clock);
        call.background = Some(kind);
        if kind == Background::Yesterday {
            call.answered_at = Some(self.clock);
            call.end = Some((self.clock, End::Completed));
        }
        self.background += 1;
        self.store.insert(call);
    }

    /// Applies the faults of a POST to the call that it placed, and returns the call's id.
    pub(crate) fn corrupt_newest(&mut self, active: &ActiveFaults) -> Option<CallId> {
        let newest = self.store.newest()?;
        let reused = self
            .store
            .recent(newest.account)
            .find(|call| call.id != newest.id && call.background.is_none())
            .map(|call| call.id)
            .filter(|_| active.has(Fault::IdReused));
        self.shares_ids |= reused.is_some();
        let early = active.has(Fault::EventEarly);
        let now = self.clock;
        self.store.change_newest(|call| {
            call.echo = active.clone();
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

    /// Whether two calls may have the same id.
    pub(crate) fn shares_ids(&self) -> bool {
        self.shares_ids
    }

    /// The most recent other call of the same account.
    pub(crate) fn newest_other_call(&self, call: &SimulatedCall) -> Option<&SimulatedCall> {
        self.store.recent(call.account).find(|other| other.id != call.id)
    }

    /// The call of a list entry or an event. Where two calls share an id, number and objective tell them apart.
    pub(crate) fn call_of_entry(&self, entry: &Value) -> Option<&SimulatedCall> {
        let id = Uuid::parse(entry["callId"].as_str()?)?;
        let is_it = |call: &&SimulatedCall| {
            call.id == id && entry["to"] == call.to.as_str() && entry["objective"] == *call.objective
        };
        let shared = self.shares_ids.then(|| self.store.all().find(is_it)).flatten();
        shared.or_else(|| self.store.get(id))
    }

    /// The call of a delivery, if it is kept.
    pub(crate) fn call_of_ticket(&self, ticket: &DeliveryTicket) -> Option<&SimulatedCall> {
        self.store.numbered(ticket.key.0)
    }

    /// The phone number of the call whose record a request asks for; for a list, of the most recent call.
    pub(crate) fn number_for_request(&self, request: &Request<Vec<u8>>) -> Option<String> {
        let account = Account::of(request.headers()).ok()?;
        let asked = asked_for(request).and_then(|id| self.call(&id));
        let call = asked.or_else(|| self.store.recent(account).next())?;
        (call.account == account).then(|| call.to.as_str().to_owned())
    }

    /// A delivery of this body, freshly signed, to the URL of `like`.
    pub(crate) fn signed_like(&self, like: &Request<Vec<u8>>, body: Vec<u8>) -> Request<Vec<u8>> {
        let signature = self.signer.sign(self.wall().unix(self.clock), &body);
        post(like.uri().clone(), &signature, body)
    }
}
