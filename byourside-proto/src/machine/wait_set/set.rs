//! Waiting for many calls at once.
use super::{
    calls::Calls,
    in_flight::{InFlight, RequestKind},
    listing::Listing,
    options::WaitSetOptions,
};
use crate::{
    api::{Api, GetCall, ListCalls, Operation},
    machine::{
        Action, Error, Machine, MachineSet, Reply, ReplySlot, TransportFailure,
        engine::MIN_PAUSE,
        random,
        reply::Answer,
        wait::{FinishedCall, WaitError},
    },
    types::{CallId, Monotonic, millis},
};
use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

/// Waits for any number of calls, with few requests.
///
/// One timer queue, a bound on requests in pending and per second, one pause for all when the service says so. Up to 100
/// calls are looked at with one list; a call that the list does not show is read by itself, and one that has ended is
/// fetched once. Calls join with [`add`](Self::add) and leave at any time; results come from
/// [`take_result`](Self::take_result) as they come in.
///
/// Events need not come, and need not be announced: where [`on_event`](Self::on_event) shows that they do, a call is read
/// by itself only each [`interval_with_events`](WaitSetOptions::interval_with_events), in case one is lost.
///
/// As a [`Machine`] it is done while no call is waiting, and goes on when another joins. Unlike the other machines it
/// may have several requests out, and a sleep may be followed by another where it ended with one of them given up, or with a deadline. A
/// driver that sends one at a time is as right, only slower.
///
/// ```
/// use byourside_proto::{Action, Api, CallId, Machine, Monotonic, machine::wait_set::{WaitSet, WaitSetOptions}};
///
/// let api = Api::with_key("bys_ak_example")?;
/// let mut now = Monotonic::ORIGIN;
/// let mut set = WaitSet::new(api, WaitSetOptions::default(), now);
/// for id in ["c1", "c2", "c3"] {
///     set.add(&CallId::new(id)?, now);
/// }
/// let list = r#"{"calls": [{"id": "c3", "status": "failed"}, {"id": "c2", "status": "failed"}, {"id": "c1", "status": "failed"}]}"#;
/// loop {
///     match set.poll(now) {
///         Action::Send(request, slot) => {
///             let body = if request.uri().query().is_some() { list } else { r#"{"id": "?", "status": "failed"}"# };
///             set.handle(now, slot.reply_ref(&http::Response::new(body)));
///         }
///         Action::Sleep(duration) => now = now.after(duration),
///         Action::Done(()) => break,
///     }
/// }
/// let ended: Vec<_> = std::iter::from_fn(|| set.take_result()).map(|(id, ended)| (id, ended.is_ok())).collect();
/// assert_eq!(ended.len(), 3);
/// assert_eq!(set.requests(), 4, "one list, and one GET for each that ended");
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WaitSet {
    pub(super) api: Api,
    pub(super) options: WaitSetOptions,
    pub(super) clock: Monotonic,
    pub(super) calls: Calls,
    pub(super) in_flight: InFlight,
    pub(super) listing: Listing,
    /// Calls that have ended and whose record is still to be fetched, by slot.
    pub(super) ended: BTreeMap<u32, FinishedCall>,
    pub(super) results: VecDeque<(CallId, Result<FinishedCall, WaitError>)>,
    /// Until then events are presumed to come for calls of which none is due yet.
    pub(super) events_until: Monotonic,
    /// No request before this: the pace, or what the service asked for.
    pub(super) gate: Monotonic,
    /// The service asked to be left alone until then, which may be past the deadlines of calls.
    pub(super) retry_after_until: Monotonic,
    /// 429 answers in a row.
    pub(super) rate_limited: u32,
    pub(super) requests: u64,
    pub(super) seed: u64,
}

/// How long the answer to a GET around its call's deadline is still waited for.
const GRACE: Duration = Duration::from_secs(1);

impl WaitSet {
    /// An empty set.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, machine::wait_set::{WaitSet, WaitSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// assert!(WaitSet::new(api, WaitSetOptions::default(), Monotonic::ORIGIN).is_empty());
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn new(api: Api, mut options: WaitSetOptions, now: Monotonic) -> Self {
        options.interval = options.interval.max(MIN_PAUSE);
        Self {
            api,
            options,
            clock: now,
            calls: Calls::default(),
            in_flight: InFlight::default(),
            listing: Listing::new(options.list_interval.max(MIN_PAUSE), now),
            ended: BTreeMap::new(),
            results: VecDeque::new(),
            events_until: now,
            gate: now,
            retry_after_until: now,
            rate_limited: 0,
            requests: 0,
            seed: options.seed,
        }
    }

    /// A call joins; its timeout begins at `now`. Says whether it is new: no if it is waited for already, or the set
    /// holds 16,777,216 calls.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait_set::{WaitSet, WaitSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let mut set = WaitSet::new(api, WaitSetOptions::default(), Monotonic::ORIGIN);
    /// let id = CallId::new("c1")?;
    /// assert!(set.add(&id, Monotonic::ORIGIN));
    /// assert!(!set.add(&id, Monotonic::ORIGIN));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn add(&mut self, id: &CallId, now: Monotonic) -> bool {
        let now = self.advance(now);
        let deadline = millis(now.after(self.options.timeout));
        // Where there is a list, it comes first; what it does not show is read an interval later, spread over another.
        let pause = if self.calls.len() + 1 < self.options.list_from {
            0
        } else {
            let interval = millis(Monotonic::new(self.options.interval));
            interval.saturating_add(random::below(&mut self.seed, interval))
        };
        let due = millis(now).saturating_add(pause).min(deadline);
        let grace = millis(now.after(self.options.not_found_grace));
        let added = self.calls.add(id.as_str(), grace, deadline, due).is_some();
        if added {
            self.listing.joined();
        }
        added
    }

    /// A call leaves: no result of it will come. Says whether it was here.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait_set::{WaitSet, WaitSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let mut set = WaitSet::new(api, WaitSetOptions::default(), Monotonic::ORIGIN);
    /// set.add(&CallId::new("c1")?, Monotonic::ORIGIN);
    /// assert!(set.remove("c1") && set.is_empty());
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn remove(&mut self, id: &str) -> bool {
        let Some(slot) = self.calls.find(id) else {
            return false;
        };
        self.ended.remove(&slot);
        self.calls.remove(slot).is_some()
    }

    /// The next result that has come in, each call's once.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, machine::wait_set::{WaitSet, WaitSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let mut set = WaitSet::new(api, WaitSetOptions::default(), Monotonic::ORIGIN);
    /// assert_eq!(set.take_result(), None);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn take_result(&mut self) -> Option<(CallId, Result<FinishedCall, WaitError>)> {
        self.results.pop_front()
    }

    /// How many calls are waited for.
    ///
    /// ```
    /// # use byourside_proto::{Api, CallId, Monotonic, machine::wait_set::{WaitSet, WaitSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// let mut set = WaitSet::new(api, WaitSetOptions::default(), Monotonic::ORIGIN);
    /// set.add(&CallId::new("c1")?, Monotonic::ORIGIN);
    /// assert_eq!(set.len(), 1);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether no call is waited for.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, machine::wait_set::{WaitSet, WaitSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// assert!(WaitSet::new(api, WaitSetOptions::default(), Monotonic::ORIGIN).is_empty());
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls.len() == 0
    }

    /// How many requests it has made so far.
    ///
    /// ```
    /// # use byourside_proto::{Api, Monotonic, machine::wait_set::{WaitSet, WaitSetOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// assert_eq!(WaitSet::new(api, WaitSetOptions::default(), Monotonic::ORIGIN).requests(), 0);
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

    fn list_is_wanted(&self) -> bool {
        let enough = self.calls.len() >= self.options.list_from || (self.listing.shows && !self.is_empty());
        enough && !self.listing.out
    }

    /// When the next request is due, the gate aside.
    fn next_request(&self) -> Option<Monotonic> {
        let list = self.list_is_wanted().then_some(self.listing.due);
        let get = self.calls.peek().map(|(due, _)| moment(due));
        list.into_iter().chain(get).min()
    }

    fn send(&mut self, now: Monotonic) -> Option<Action<()>> {
        let mut until = now.after(self.options.attempt_timeout.max(MIN_PAUSE));
        let get_is_due = self.calls.peek().is_some_and(|(due, _)| due <= millis(now));
        let gives_way = get_is_due && self.listing.gives_way(now);
        let (request, kind) = if self.list_is_wanted() && self.listing.due <= now && !gives_way {
            self.listing.sent(now);
            (ListCalls::new(100).request(&self.api), RequestKind::List)
        } else {
            let (slot, waiting) = self.calls.wake()?;
            waiting.counts.polls = waiting.counts.polls.saturating_add(1);
            let deadline = moment(waiting.deadline);
            until = until.min(deadline.max(now.after(GRACE)));
            let get = GetCall(waiting.id.to_call_id());
            (get.request(&self.api), RequestKind::Get(slot, waiting.generation))
        };
        self.requests += 1;
        self.gate = self
            .gate
            .max(now.after(Duration::from_secs(1) / self.options.max_per_second.max(1)));
        let ticket = self.in_flight.start(until, kind);
        Some(Action::Send(request, ReplySlot::new(ticket, until.since(now))))
    }

    /// While nothing may be sent, deadlines are kept without a last GET.
    fn keep_deadlines(&mut self, now: Monotonic) {
        while let Some((_, slot)) = self.calls.first_deadline().filter(|(at, _)| *at <= millis(now)) {
            self.run_out(slot);
        }
    }

    fn land(&mut self, now: Monotonic, kind: RequestKind, answer: Answer) {
        match kind {
            RequestKind::List => match read(&ListCalls::new(100), answer) {
                Ok(calls) => self.listed(now, &calls),
                Err(error) => self.list_failed(now, &error),
            },
            RequestKind::Get(slot, generation) => {
                let Some(waiting) = self
                    .calls
                    .get_mut(slot)
                    .filter(|waiting| waiting.generation == generation)
                else {
                    return;
                };
                waiting.in_flight = false;
                match read(&GetCall(waiting.id.to_call_id()), answer) {
                    Ok(call) => self.read(now, slot, call),
                    Err(error) => self.failed(now, slot, error),
                }
            }
        }
    }
}

pub(super) fn moment(millis: u64) -> Monotonic {
    Monotonic::new(Duration::from_millis(millis))
}

fn read<O: Operation>(operation: &O, answer: Answer) -> Result<O::Answer, Error> {
    match answer {
        Answer::Response(status, headers, body) => Ok(operation.parse(status, &headers, &body)?),
        Answer::Failed(failure) => Err(Error::Transport(failure)),
    }
}

impl Machine for WaitSet {
    type Output = ();

    fn poll(&mut self, now: Monotonic) -> Action<()> {
        let now = self.advance(now);
        // Each turn but the last gives up one of the requests that are out, or leaves nothing that is due.
        loop {
            match self.next_wake() {
                None => return Action::Done(()),
                Some(at) if at > now => return Action::Sleep(at.since(now)),
                Some(_) => match self.in_flight.expire(now) {
                    Some(kind) => self.land(now, kind, Answer::Failed(TransportFailure::timed_out())),
                    None if now < self.retry_after_until => self.keep_deadlines(now),
                    None => {
                        if let Some(send) = self.send(now) {
                            return send;
                        }
                    }
                },
            }
        }
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        let now = self.advance(now);
        if let Some(kind) = self.in_flight.complete(&reply.ticket) {
            self.land(now, kind, reply.answer);
        }
    }

    fn next_wake(&self) -> Option<Monotonic> {
        if self.is_empty() {
            return None;
        }
        let room = self.in_flight.len() < self.options.max_in_flight.max(1);
        let request = self.next_request().filter(|_| room).map(|due| due.max(self.gate));
        let quiet = self.clock < self.retry_after_until;
        let deadline = quiet.then(|| self.calls.first_deadline()).flatten();
        let deadline = deadline
            .map(|(at, _)| moment(at))
            .filter(|at| *at < self.retry_after_until);
        request
            .into_iter()
            .chain(deadline)
            .chain(self.in_flight.first_end())
            .min()
    }
}

impl MachineSet for WaitSet {
    type Item = (CallId, Result<FinishedCall, WaitError>);

    fn take_result(&mut self) -> Option<Self::Item> {
        self.take_result()
    }
}
