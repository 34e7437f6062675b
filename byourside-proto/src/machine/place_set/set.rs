//! The machine that places many calls.
use super::{intent::Intent, options::PlaceSetOptions};
use crate::{
    api::{self, Api, PlaceCall},
    machine::{
        Action, Machine, MachineSet, Reply,
        place::{Placement, Placer},
        random,
        reply::Answer,
    },
    types::{Call, Monotonic},
};
use alloc::{
    collections::{BTreeSet, VecDeque},
    vec::Vec,
};
use core::time::Duration;

/// Places any number of calls, each at most once, with a bound on the calls that have begun and on the request rate.
///
/// Each call has an [`Intent`], the caller's name for it, and ends with a [`Placement`] of its own. A 429 pauses the
/// whole set, because the rate limit is the account's. As a [`MachineSet`] it is done while no call is left to place,
/// and goes on when another one is added.
///
/// # Before a request is sent
/// After a crash, you must know which calls *may* have been placed. So store that after [`poll`](Machine::poll) has
/// returned a request, and before you send it, in one of two ways:
/// - Store the whole set, with [`snapshot`](Self::snapshot). A request that was in flight is restored as *unknown*, and
///   never sent again.
/// - Or store only the intent of the request, with [`Intent::of`], which is cheaper. After a crash, add only the
///   intents that you have not stored. An intent that is stored without an outcome is *unknown*: give it to a
///   [`Reconciler`](crate::machine::reconcile::Reconciler).
///
/// If storing fails, do not send the request: reply with [`not_sent`](crate::machine::TransportFailure::not_sent).
///
/// The service lists the 100 most recent calls only, so an *unknown* call can be found as long as fewer than 100 calls
/// were placed after it. Reconcile before you add more calls.
///
/// ```
/// use byourside_proto::{Action, Api, Machine, Monotonic, PlaceCall};
/// use byourside_proto::machine::place_set::{Intent, PlaceSet, PlaceSetOptions};
///
/// let api = Api::with_key("bys_ak_example")?;
/// let mut now = Monotonic::ORIGIN;
/// let mut set = PlaceSet::new(api, PlaceSetOptions::default(), now);
/// for (row, number) in [("row-1", "+14155550123"), ("row-2", "+14155550124")] {
///     set.add(Intent::new(row), PlaceCall::new(number, "Confirm the appointment.")?);
/// }
/// let mut stored = Vec::new();
/// loop {
///     match set.poll(now) {
///         Action::Send(request, slot) => {
///             stored.extend(Intent::of(&request).cloned());
///             set.handle(now, slot.reply_ref(&http::Response::new(r#"{"callId": "c1", "status": "queued"}"#)));
///         }
///         Action::Sleep(duration) => now = now.after(duration),
///         Action::Done(()) => break,
///     }
/// }
/// assert_eq!(stored, [Intent::new("row-1"), Intent::new("row-2")]);
/// let (intent, placement) = set.take_result().unwrap();
/// assert!(intent.as_str() == "row-1" && placement.into_result().is_ok());
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceSet {
    pub(super) api: Api,
    pub(super) options: PlaceSetOptions,
    pub(super) clock: Monotonic,
    /// All intents that were ever added, so that no name is accepted twice.
    pub(super) intents: BTreeSet<Intent>,
    pub(super) waiting: VecDeque<(Intent, PlaceCall)>,
    pub(super) begun: Vec<Begun>,
    pub(super) results: VecDeque<(Intent, Placement)>,
    /// No request is sent before this, because of the request rate or of a 429.
    pub(super) gate: Monotonic,
    /// 429 answers in a row.
    pub(super) rate_limited: u32,
    pub(super) requests: u64,
    pub(super) seed: u64,
}

/// A call that has begun and has no outcome yet: its request is in flight, or it waits for a retry.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Begun {
    pub(super) intent: Intent,
    pub(super) placer: Placer,
}

impl PlaceSet {
    /// Creates an empty set.
    #[must_use]
    pub fn new(api: Api, options: PlaceSetOptions, now: Monotonic) -> Self {
        Self {
            api,
            options,
            clock: now,
            intents: BTreeSet::new(),
            waiting: VecDeque::new(),
            begun: Vec::new(),
            results: VecDeque::new(),
            gate: now,
            rate_limited: 0,
            requests: 0,
            seed: options.seed,
        }
    }

    /// Adds a call after those that are waiting. Returns false, and adds nothing, if the intent was ever added before,
    /// whatever its outcome. To place such a call again, give it a new name.
    pub fn add(&mut self, intent: Intent, call: PlaceCall) -> bool {
        let new = self.intents.insert(intent.clone());
        if new {
            self.waiting.push_back((intent, call));
        }
        new
    }

    /// Removes a call that has not begun. Returns whether there was one; it has no result.
    pub fn remove(&mut self, intent: &Intent) -> bool {
        let at = self.waiting.iter().position(|(waiting, _)| waiting == intent);
        at.and_then(|at| self.waiting.remove(at)).is_some()
    }

    /// Takes the next outcome, in the order in which outcomes came in. Each intent has one.
    pub fn take_result(&mut self) -> Option<(Intent, Placement)> {
        self.results.pop_front()
    }

    /// The number of calls that have no outcome yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len() + self.begun.len()
    }

    /// Whether every call has its outcome.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of requests that the set has sent so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests
    }

    pub(super) fn advance(&mut self, now: Monotonic) -> Monotonic {
        self.clock = self.clock.max(now);
        self.clock
    }

    /// Polls the placer at `at`, which is due. Returns its request, or takes its outcome.
    fn poll_placer(&mut self, now: Monotonic, at: usize) -> Option<Action<()>> {
        let begun = &mut self.begun[at];
        match begun.placer.poll(now) {
            Action::Send(mut request, slot) => {
                request.extensions_mut().insert(begun.intent.clone());
                self.requests += 1;
                let spacing = Duration::from_secs(1) / self.options.max_per_second.clamp(1, 100);
                self.gate = self.gate.max(now.after(spacing));
                Some(Action::Send(request, slot))
            }
            Action::Sleep(_) => None,
            Action::Done(placement) => {
                let Begun { intent, .. } = self.begun.swap_remove(at);
                self.results.push_back((intent, placement));
                None
            }
        }
    }

    /// Takes the outcome of the placer at `at`, if it has ended.
    pub(super) fn collect(&mut self, now: Monotonic, at: usize) {
        if self.begun[at].placer.next_wake().is_none() {
            // A placer that has ended sends nothing.
            let _ended = self.poll_placer(now, at);
        }
    }

    /// Begins the next waiting call. Returns its index.
    fn begin(&mut self, now: Monotonic) -> Option<usize> {
        let (intent, call) = self.waiting.pop_front()?;
        let mut options = self.options.place;
        options.seed ^= random::next(&mut self.seed);
        let placer = Placer::new(self.api.clone(), call, options, now);
        self.begun.push(Begun { intent, placer });
        Some(self.begun.len() - 1)
    }

    /// Pauses the whole set after a 429: the rate limit is the account's.
    fn apply_rate_limit(&mut self, now: Monotonic, answer: &Answer) {
        let Answer::Response(status, headers, body) = answer else {
            return;
        };
        let refused = match api::read::<Call>(*status, headers, body) {
            Err(refused) if refused.status() == 429 => refused,
            Ok(_) | Err(_) => {
                self.rate_limited = 0;
                return;
            }
        };
        self.rate_limited = self.rate_limited.saturating_add(1);
        let place = &self.options.place;
        let pause = match refused.retry_after() {
            Some(retry_after) => retry_after.min(place.max_retry_after),
            None => place.backoff.pause(self.rate_limited, &mut self.seed),
        };
        self.gate = self.gate.max(now.after(pause));
    }

    fn has_room(&self) -> bool {
        self.begun.len() < self.options.max_in_flight.max(1)
    }
}

impl Begun {
    /// When the placer is to be polled: at the timeout of its request in flight, or else not before the gate opens.
    fn due(&self, gate: Monotonic) -> Option<Monotonic> {
        let wake = self.placer.next_wake()?;
        Some(if self.placer.is_in_flight() {
            wake
        } else {
            wake.max(gate)
        })
    }
}

impl Machine for PlaceSet {
    type Output = ();

    fn poll(&mut self, now: Monotonic) -> Action<()> {
        let now = self.advance(now);
        // Each round but the last takes the outcome of a placer whose request timed out.
        loop {
            let due = |(at, begun): (usize, &Begun)| Some((begun.due(self.gate)?, at));
            let next = self.begun.iter().enumerate().filter_map(due).min();
            let at = match (self.next_wake(), next) {
                (None, _) => return Action::Done(()),
                (Some(wake), _) if wake > now => return Action::Sleep(wake.since(now)),
                (Some(_), Some((due, at))) if due <= now => Some(at),
                (Some(_), _) => self.begin(now),
            };
            if let Some(send) = at.and_then(|at| self.poll_placer(now, at)) {
                return send;
            }
        }
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        let now = self.advance(now);
        let Some(at) = self.begun.iter().position(|begun| begun.placer.awaits(&reply)) else {
            return;
        };
        self.apply_rate_limit(now, &reply.answer);
        self.begun[at].placer.handle(now, reply);
        self.collect(now, at);
    }

    fn next_wake(&self) -> Option<Monotonic> {
        let begun = self.begun.iter().filter_map(|begun| begun.due(self.gate)).min();
        let fresh = (!self.waiting.is_empty() && self.has_room()).then_some(self.gate);
        begun.into_iter().chain(fresh).min()
    }
}

impl MachineSet for PlaceSet {
    type Item = (Intent, Placement);

    fn take_result(&mut self) -> Option<Self::Item> {
        self.take_result()
    }
}
