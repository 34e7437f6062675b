//! Creates the machines of both clients from their options.
use super::options::ClientOptions;
use crate::{
    api::{Api, PlaceCall},
    machine::{
        place::Placer,
        read::{ReadOperation, Reader},
        reconcile::Reconciler,
        wait::{CallWaiter, WaitOptions},
    },
    types::{CallId, Monotonic},
};

/// The base URL, the API key and the options of a client. Each machine gets a jitter seed of its own, `seed`.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) api: Api,
    pub(super) options: ClientOptions,
}

impl Setup {
    pub(super) fn placer(&self, call: &PlaceCall, seed: u64, now: Monotonic) -> Placer {
        let mut options = self.options.place;
        options.seed ^= seed;
        Placer::new(self.api.clone(), call.clone(), options, now)
    }

    pub(super) fn reader<O: ReadOperation>(&self, operation: O, seed: u64, now: Monotonic) -> Reader<O> {
        let mut options = self.options.read;
        options.seed ^= seed;
        Reader::new(self.api.clone(), operation, options, now)
    }

    pub(super) fn reconciler(&self, call: &PlaceCall, seed: u64, now: Monotonic) -> Reconciler {
        let mut options = self.options.reconcile;
        options.seed ^= seed;
        Reconciler::new(self.api.clone(), call.clone(), options, now)
    }

    pub(super) fn waiter(&self, id: &CallId, mut options: WaitOptions, seed: u64, now: Monotonic) -> CallWaiter {
        options.seed ^= seed;
        CallWaiter::new(self.api.clone(), id.clone(), options, now)
    }
}

/// How many events that are ready a wait takes before it polls. Without a limit, a source that is always ready would
/// keep the wait from polling.
pub(super) const MAX_EVENTS_PER_POLL: usize = 64;
