//! Placing many calls, none of them twice.
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

/// Places any number of calls, each at most once, with a bound on how many are begun and on the rate.
///
/// Each call has an [`Intent`], the caller's name of it, and ends with a [`Placement`] of its own. One 429 pauses all of
/// them: the limit is the account's.
///
/// # Before a request is sent
/// What must survive a crash is that a call *may* have been placed. So write it down when [`poll`](Machine::poll) has
/// given out the request and before it is sent, either way:
/// - the whole set, with [`snapshot`](Self::snapshot): what was out is restored as *unknown*, and never sent again;
/// - or, cheaper, one line of your own that says "about to be placed" of [`Intent::of`] the request. After a crash, add
///   only the intents without such a line; one with a line and no outcome is *unknown*, and for a
///   [`Reconciler`](crate::machine::reconcile::Reconciler).
///
/// If it cannot be written down, answer the slot with [`not_sent`](crate::machine::TransportFailure::not_sent).
///
/// The service lists the 100 most recent calls only. A call that is unknown can be found among them while fewer than
/// that were placed after it, so reconcile before more are added.
///
/// As a [`Machine`] it is done while no call is to be placed, and goes on when another is added. Like
/// [`WaitSet`](crate::machine::wait_set::WaitSet) it may have several requests out; a driver that sends one at a time is as right.
///
/// ```
/// use byourside_proto::{Action, Api, Machine, Monotonic, PlaceCall, machine::place_set::{Intent, PlaceSet, PlaceSetOptions}};
///
/// let api = Api::with_key("bys_ak_example")?;
/// let mut now = Monotonic::ORIGIN;
/// let mut set = PlaceSet::new(api, PlaceSetOptions::default(), now);
/// for (row, number) in ["+14155550123", "+14155550124"].into_iter().enumerate() {
///     set.add(Intent::new(&row.to_string()), PlaceCall::new(number, "Confirm the appointment.")?);
/// }
/// let mut written_down = Vec::new();
/// loop {
///     match set.poll(now) {
///         Action::Send(request, slot) => {
///             written_down.extend(Intent::of(&request).cloned());
///             set.handle(now, slot.reply_ref(&http::Response::new(r#"{"callId": "c1", "status": "queued"}"#)));
///         }
///         Action::Sleep(duration) => now = now.after(duration),
///         Action::Done(()) => break,
///     }
/// }
/// assert_eq!(written_down.len(), 2);
/// assert!(set.take_result().is_some_and(|(intent, placement)| intent.as_str() == "0" && placement.into_result().is_ok()));
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceSet {
    pub(super) api: Api,
    pub(super) options: PlaceSetOptions,
    pub(super) clock: Monotonic,
    /// All that were ever added: no name is taken twice.
    pub(super) intents: BTreeSet<Intent>,
    pub(super) waiting: VecDeque<(Intent, PlaceCall)>,
    pub(super) begun: Vec<Begun>,
    pub(super) results: VecDeque<(Intent, Placement)>,
    /// No request before this: the pace, or what the service asked for.
    pub(super) gate: Monotonic,
    /// 429 answers in a row.
    pub(super) rate_limited: u32,
    pub(super) requests: u64,
    pub(super) seed: u64,
}

/// A call that is out, or rests before another try. It has no outcome yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Begun {
    pub(super) intent: Intent,
    pub(super) placer: Placer,
}

impl PlaceSet {
    /// An empty set.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, machine::place_set::{PlaceSet, PlaceSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// assert!(PlaceSet::new(api, PlaceSetOptions::default(), Monotonic::ORIGIN).is_empty());
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
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

    /// One more call to place, after those that are there. Says whether the intent is new: one that was here before,
    /// whatever became of it, is not placed again. To do that, give it another name.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, PlaceCall, machine::place_set::{Intent, PlaceSet, PlaceSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let mut set = PlaceSet::new(api, PlaceSetOptions::default(), Monotonic::ORIGIN);
    /// let call = PlaceCall::new("+14155550123", "Ask.")?;
    /// assert!(set.add(Intent::new("order-17"), call.clone()));
    /// assert!(!set.add(Intent::new("order-17"), call));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn add(&mut self, intent: Intent, call: PlaceCall) -> bool {
        let new = self.intents.insert(intent.clone());
        if new {
            self.waiting.push_back((intent, call));
        }
        new
    }

    /// Takes out a call that has not begun. Says whether it was one: no result of it will come.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, PlaceCall, machine::place_set::{Intent, PlaceSet, PlaceSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let mut set = PlaceSet::new(api, PlaceSetOptions::default(), Monotonic::ORIGIN);
    /// set.add(Intent::new("order-17"), PlaceCall::new("+14155550123", "Ask.")?);
    /// assert!(set.remove(&Intent::new("order-17")) && set.is_empty());
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn remove(&mut self, intent: &Intent) -> bool {
        let at = self.waiting.iter().position(|(waiting, _)| waiting == intent);
        at.and_then(|at| self.waiting.remove(at)).is_some()
    }

    /// The next outcome that has come, each intent's once.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, machine::place_set::{PlaceSet, PlaceSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let mut set = PlaceSet::new(api, PlaceSetOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(set.take_result(), None);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn take_result(&mut self) -> Option<(Intent, Placement)> {
        self.results.pop_front()
    }

    /// How many calls have no outcome yet.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, PlaceCall, machine::place_set::{Intent, PlaceSet, PlaceSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let mut set = PlaceSet::new(api, PlaceSetOptions::default(), Monotonic::ORIGIN);
    /// set.add(Intent::new("order-17"), PlaceCall::new("+14155550123", "Ask.")?);
    /// assert_eq!(set.len(), 1);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len() + self.begun.len()
    }

    /// Whether every call has its outcome.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, machine::place_set::{PlaceSet, PlaceSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// assert!(PlaceSet::new(api, PlaceSetOptions::default(), Monotonic::ORIGIN).is_empty());
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many requests it has made so far.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, machine::place_set::{PlaceSet, PlaceSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// assert_eq!(PlaceSet::new(api, PlaceSetOptions::default(), Monotonic::ORIGIN).requests(), 0);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests
    }

    pub(super) fn advance(&mut self, now: Monotonic) -> Monotonic {
        self.clock = self.clock.max(now);
        self.clock
    }

    /// Polls one that is due: its request, unless that was its end.
    fn turn(&mut self, now: Monotonic, at: usize) -> Option<Action<()>> {
        let begun = &mut self.begun[at];
        match begun.placer.poll(now) {
            Action::Send(mut request, slot) => {
                request.extensions_mut().insert(begun.intent.clone());
                self.requests += 1;
                let pace = Duration::from_secs(1) / self.options.max_per_second.clamp(1, 100);
                self.gate = self.gate.max(now.after(pace));
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

    /// Takes its outcome, if it has one.
    pub(super) fn collect(&mut self, now: Monotonic, at: usize) {
        if self.begun[at].placer.next_wake().is_none() {
            // At its end it has nothing to send.
            let _ended = self.turn(now, at);
        }
    }

    fn begin(&mut self, now: Monotonic) -> Option<usize> {
        let (intent, call) = self.waiting.pop_front()?;
        let mut options = self.options.place;
        options.seed ^= random::next(&mut self.seed);
        let placer = Placer::new(self.api.clone(), call, options, now);
        self.begun.push(Begun { intent, placer });
        Some(self.begun.len() - 1)
    }

    /// A 429 pauses every request: the limit is the account's, not one call's.
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
            Some(asked) => asked.min(place.max_retry_after),
            None => place.backoff.pause(self.rate_limited, &mut self.seed),
        };
        self.gate = self.gate.max(now.after(pause));
    }

    fn has_room(&self) -> bool {
        self.begun.len() < self.options.max_in_flight.max(1)
    }
}

impl Begun {
    /// When it is to be polled: one that is out at the end of its attempt, one that rests not before the gate opens.
    fn due(&self, gate: Monotonic) -> Option<Monotonic> {
        let wake = self.placer.next_wake()?;
        Some(if self.placer.is_out() { wake } else { wake.max(gate) })
    }
}

impl Machine for PlaceSet {
    type Output = ();

    fn poll(&mut self, now: Monotonic) -> Action<()> {
        let now = self.advance(now);
        // Each turn but the last takes the outcome of one whose time is up.
        loop {
            let due = |(at, begun): (usize, &Begun)| Some((begun.due(self.gate)?, at));
            let next = self.begun.iter().enumerate().filter_map(due).min();
            let at = match (self.next_wake(), next) {
                (None, _) => return Action::Done(()),
                (Some(wake), _) if wake > now => return Action::Sleep(wake.since(now)),
                (Some(_), Some((due, at))) if due <= now => Some(at),
                (Some(_), _) => self.begin(now),
            };
            if let Some(send) = at.and_then(|at| self.turn(now, at)) {
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
