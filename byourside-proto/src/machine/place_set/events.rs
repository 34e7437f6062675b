//! What webhook events change in a set that places calls.
use super::{intent::Intent, set::PlaceSet};
use crate::{api::PlaceCall, machine::place::Placement, types::Monotonic, webhook::Event};

impl PlaceSet {
    /// Takes a verified webhook event and the correlation token of its delivery, and returns whether it proves that a
    /// call of this set was placed. See [`Placer::on_event`](crate::machine::place::Placer::on_event), which shows how.
    ///
    /// An event with the correlation token of a call that has no outcome yet is the proof, even if the call has not
    /// begun here: then another process placed it.
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
        let has_token = |(_, call): &(Intent, PlaceCall)| call.correlation_token() == Some(token);
        let Some((intent, _)) = self
            .waiting
            .iter()
            .position(has_token)
            .and_then(|at| self.waiting.remove(at))
        else {
            return false;
        };
        self.results.push_back((intent, Placement::Placed(record)));
        true
    }
}
