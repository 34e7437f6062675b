//! What a set learns from events.
use super::{intent::Intent, set::PlaceSet};
use crate::{api::PlaceCall, machine::place::Placement, types::Monotonic, webhook::Event};

impl PlaceSet {
    /// Takes a verified event and the token of its delivery, as [`Placer::on_event`](crate::machine::place::Placer::on_event) does.
    /// With the token of a call that has no outcome yet it proves that this one was placed, even if it has not begun:
    /// then another process began it.
    ///
    /// Returns whether it was such a proof.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, PlaceCall, machine::place_set::{Intent, PlaceSet, PlaceSetOptions}};
    /// # use byourside_proto::{UnixTime, webhook::{Signer, Verifier, WebhookSecret}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let now = Monotonic::ORIGIN;
    /// # let body = br#"{"event":"call.in_progress","callId":"c1"}"#;
    /// # let (secret, received) = (WebhookSecret::new("whsec_example")?, UnixTime::new(1_767_225_600));
    /// # let header = Signer::new(secret.clone()).sign(received, body);
    /// # let verifier = Verifier::new(secret);
    /// let mut set = PlaceSet::new(api, PlaceSetOptions::default(), now);
    /// let call = PlaceCall::new("+14155550123", "Ask.")?.webhook_url("https://hooks.example/bys")?;
    /// set.add(Intent::new("a"), call.correlation("order-17")?);
    /// let event = verifier.verify(&header, body, received)?.event()?;
    /// assert!(set.on_event(now, &event, Some("order-17")) && set.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_event(&mut self, now: Monotonic, event: &Event, token: Option<&str>) -> bool {
        let now = self.advance(now);
        let begun = &mut self.begun;
        if let Some(at) = begun
            .iter_mut()
            .position(|begun| begun.placer.on_event(now, event, token))
        {
            self.collect(now, at);
            return true;
        }
        let Some((token, record)) = token.zip(event.record()) else {
            return false;
        };
        let is_it = |(_, call): &(Intent, PlaceCall)| call.correlation_token() == Some(token);
        let Some((intent, _)) = self
            .waiting
            .iter()
            .position(is_it)
            .and_then(|at| self.waiting.remove(at))
        else {
            return false;
        };
        self.results.push_back((intent, Placement::Placed(record)));
        true
    }
}
