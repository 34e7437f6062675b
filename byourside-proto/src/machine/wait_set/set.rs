//! The machine that waits for many calls.
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

/// Waits for many calls at once, with few requests.
///
/// Calls join with [`add`](Self::add) and leave with [`remove`](Self::remove) at any time. Results come from
/// [`take_result`](Self::take_result). The [module](super) shows what happens to a call in between. As a [`MachineSet`]
/// it is done while it has no call to wait for, and goes on when another one is added.
///
/// Webhook events are optional. As soon as [`on_event`](Self::on_event) shows that they arrive, a call gets a GET of
/// its own only every [`interval_with_events`](WaitSetOptions::interval_with_events), in case an event is lost.
///
/// ```
/// use byourside_proto::{Action, Api, CallId, Machine, Monotonic, machine::wait_set::{WaitSet, WaitSetOptions}};
///
/// let api = Api::with_key("bys_ak_example")?;
/// let mut now = Monotonic::ORIGIN;
/// let mut set = WaitSet::new(api, WaitSetOptions::default(), now);
/// for id in ["c1", "c2"] {
///     set.add(&CallId::new(id)?, now);
/// }
/// let list = r#"{"calls": [{"id": "c2", "status": "failed"}, {"id": "c1", "status": "declined"}]}"#;
/// loop {
///     match set.poll(now) {
///         Action::Send(request, slot) => {
///             let is_list = request.uri().query().is_some();
///             let body = if is_list { list } else { r#"{"status": "failed"}"# };
///             set.handle(now, slot.reply_ref(&http::Response::new(body)));
///         }
///         Action::Sleep(duration) => now = now.after(duration),
///         Action::Done(()) => break,
///     }
/// }
/// assert_eq!(std::iter::from_fn(|| set.take_result()).count(), 2);
/// assert_eq!(set.requests(), 3, "one list, and one GET for each call that has ended");
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
    /// Until then, events are expected to come for calls that had none yet.
    pub(super) events_until: Monotonic,
    /// No request is sent before this, because of the request rate or of a 429.
    pub(super) gate: Monotonic,
    /// When the pause after a 429 is over, which can be past the deadlines of calls.
    pub(super) retry_after_until: Monotonic,
    /// 429 answers in a row.
    pub(super) rate_limited: u32,
    pub(super) requests: u64,
    pub(super) seed: u64,
}

/// How long past the deadline of its call the answer to a GET is waited for.
const GRACE: Duration = Duration::from_secs(1);

impl WaitSet {
    /// Creates an empty set.
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

    /// Adds a call, whose timeout begins at `now`. Returns false, and adds nothing, if the set already waits for it, or
    /// if the set holds 16,777,216 calls.
    pub fn add(&mut self, id: &CallId, now: Monotonic) -> bool {
        let now = self.advance(now);
        let deadline = millis(now.after(self.options.timeout));
        // The list comes first. A call that it does not show is read one interval later, spread over another interval.
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
            self.listing.call_added();
        }
        added
    }

    /// Stops waiting for a call, without a result. Returns whether the set was waiting for it.
    pub fn remove(&mut self, id: &str) -> bool {
        let Some(slot) = self.calls.find(id) else {
            return false;
        };
        self.ended.remove(&slot);
        self.calls.remove(slot).is_some()
    }

    /// Takes the next result, in the order in which results came in. Each call that is not removed has one.
    pub fn take_result(&mut self) -> Option<(CallId, Result<FinishedCall, WaitError>)> {
        self.results.pop_front()
    }

    /// The number of calls that the set still waits for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether the set waits for no call.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls.len() == 0
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

    fn list_is_wanted(&self) -> bool {
        let enough = self.calls.len() >= self.options.list_from || (self.listing.shows && !self.is_empty());
        enough && !self.listing.in_flight
    }

    /// When the next request is due, regardless of the gate.
    fn next_request(&self) -> Option<Monotonic> {
        let list = self.list_is_wanted().then_some(self.listing.due);
        let get = self.calls.peek().map(|(due, _)| at_millis(due));
        list.into_iter().chain(get).min()
    }

    /// Sends the list, or the GET that is due next.
    fn send(&mut self, now: Monotonic) -> Option<Action<()>> {
        let mut until = now.after(self.options.attempt_timeout.max(MIN_PAUSE));
        let get_is_due = self.calls.peek().is_some_and(|(due, _)| due <= millis(now));
        let gives_way = get_is_due && self.listing.gives_way(now);
        let (request, kind) = if self.list_is_wanted() && self.listing.due <= now && !gives_way {
            self.listing.sent(now);
            (ListCalls::new(100).request(&self.api), RequestKind::List)
        } else {
            let (slot, waiting) = self.calls.start_earliest()?;
            waiting.counts.polls = waiting.counts.polls.saturating_add(1);
            let deadline = at_millis(waiting.deadline);
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

    /// Ends waits whose deadline has passed, without a last GET, because no request may be sent.
    fn end_overdue(&mut self, now: Monotonic) {
        while let Some((_, slot)) = self.calls.first_deadline().filter(|(at, _)| *at <= millis(now)) {
            self.end_at_deadline(slot);
        }
    }

    /// Takes the answer to a request that was in flight.
    fn complete(&mut self, now: Monotonic, kind: RequestKind, answer: Answer) {
        match kind {
            RequestKind::List => match parse(&ListCalls::new(100), answer) {
                Ok(calls) => self.on_list(now, &calls),
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
                match parse(&GetCall(waiting.id.to_call_id()), answer) {
                    Ok(call) => self.on_record(now, slot, call),
                    Err(error) => self.failed(now, slot, error),
                }
            }
        }
    }
}

pub(super) fn at_millis(millis: u64) -> Monotonic {
    Monotonic::new(Duration::from_millis(millis))
}

fn parse<O: Operation>(operation: &O, answer: Answer) -> Result<O::Answer, Error> {
    match answer {
        Answer::Response(status, headers, body) => Ok(operation.parse(status, &headers, &body)?),
        Answer::Failed(failure) => Err(Error::Transport(failure)),
    }
}

impl Machine for WaitSet {
    type Output = ();

    fn poll(&mut self, now: Monotonic) -> Action<()> {
        let now = self.advance(now);
        // Each round but the last times out a request in flight, or ends overdue waits.
        loop {
            match self.next_wake() {
                None => return Action::Done(()),
                Some(at) if at > now => return Action::Sleep(at.since(now)),
                Some(_) => match self.in_flight.expire(now) {
                    Some(kind) => self.complete(now, kind, Answer::Failed(TransportFailure::timed_out())),
                    None if now < self.retry_after_until => self.end_overdue(now),
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
            self.complete(now, kind, reply.answer);
        }
    }

    fn next_wake(&self) -> Option<Monotonic> {
        if self.is_empty() {
            return None;
        }
        let room = self.in_flight.len() < self.options.max_in_flight.max(1);
        let request = self.next_request().filter(|_| room).map(|due| due.max(self.gate));
        let paused = self.clock < self.retry_after_until;
        let deadline = paused.then(|| self.calls.first_deadline()).flatten();
        let deadline = deadline
            .map(|(at, _)| at_millis(at))
            .filter(|at| *at < self.retry_after_until);
        request
            .into_iter()
            .chain(deadline)
            .chain(self.in_flight.next_timeout())
            .min()
    }
}

impl MachineSet for WaitSet {
    type Item = (CallId, Result<FinishedCall, WaitError>);

    fn take_result(&mut self) -> Option<Self::Item> {
        self.take_result()
    }
}
