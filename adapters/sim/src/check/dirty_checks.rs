//! Further checks of a program under dirty data.
mod error_text;

use super::{
    checks::Checks,
    intent::Intent,
    invariant::Invariant,
    restarts,
    stages::Stage,
    states::{self, State, StateCounts},
};
use crate::{
    Received, Target,
    dirt::{GroundTruth, target},
};
use byourside_proto::{
    Action, Api, Call, CallId, GetCall, ListCalls, Machine, Monotonic, Operation, PlaceCall,
    api::ApiError,
    machine::{Snapshot, place::Placer, reconcile::Reconciler, wait::CallWaiter},
};
use http::{HeaderMap, Request, StatusCode};
use std::{
    collections::{BTreeSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

/// Runs a piece of work, and returns the peak of allocated bytes meanwhile.
pub type Meter = fn(&mut dyn FnMut()) -> u64;

/// Answers shorter than this many bytes are not measured.
const MEASURE_FROM: usize = 64 * 1024;
/// How many times its size an answer may take in memory.
const MAX_MULTIPLE: u64 = 8;
/// How many requests for one call are allowed in a second.
const MAX_PER_SECOND: usize = 5;

/// The state of the further checks of one program.
pub(super) struct DirtyChecks {
    /// The machine's clock is ahead of the simulation's by this much, ...
    origin: Duration,
    /// ... minus the time for which it stood still.
    stood_still: Duration,
    meter: Option<Meter>,
    sends: VecDeque<Monotonic>,
    last_request: Option<LastRequest>,
    /// Status and headers of the last answer.
    answered: Option<(StatusCode, HeaderMap)>,
    /// Whether the wait has accepted a record from an answer.
    has_record: bool,
    /// Whether the answer that has just arrived is the record of this call.
    fresh_record: bool,
    /// Whether an answer or an event has told anything about the call.
    pub(super) has_learnt: bool,
    seen_bodies: BTreeSet<u64>,
    pub(super) state_counts: StateCounts,
    /// Whether the service's events contradict each other. The reported end is not checked then.
    pub(super) contradicted: bool,
    /// Whether the options have extreme values.
    pub(super) extreme: bool,
    /// Whether the driver polls only when `next_wake` says so.
    pub(super) lazy: bool,
}

enum LastRequest {
    Place(Box<PlaceCall>),
    Get(GetCall),
    List,
}

impl DirtyChecks {
    pub(super) fn new(origin: Duration, meter: Option<Meter>) -> Self {
        Self {
            origin,
            stood_still: Duration::ZERO,
            meter,
            sends: VecDeque::new(),
            last_request: None,
            answered: None,
            has_record: false,
            fresh_record: false,
            has_learnt: false,
            seen_bodies: BTreeSet::new(),
            state_counts: StateCounts::new(),
            contradicted: false,
            extreme: false,
            lazy: false,
        }
    }

    /// The time of the machine's clock.
    pub(super) fn machine_time(&self, now: Monotonic) -> Monotonic {
        Monotonic::new(now.since_origin().saturating_sub(self.stood_still)).after(self.origin)
    }

    pub(super) fn suspended(&mut self, duration: Duration) {
        self.stood_still += duration;
    }

    pub(super) fn sent(
        &mut self,
        checks: &mut Checks,
        now: Monotonic,
        (call, waits): (&PlaceCall, bool),
        request: &Request<Vec<u8>>,
    ) {
        if !waits {
            self.sends.clear();
        }
        self.sends.push_back(now);
        while self
            .sends
            .front()
            .is_some_and(|first| now.since(*first) >= Duration::from_secs(1))
        {
            self.sends.pop_front();
        }
        if !self.extreme && self.sends.len() > MAX_PER_SECOND {
            checks.breaks(
                Invariant::Hurry,
                format!("it sends {} requests within a second", self.sends.len()),
            );
        }
        self.note_request(call, request);
    }

    /// Records the request, to compare the answer with. In a set the last request counts.
    pub(super) fn note_request(&mut self, call: &PlaceCall, request: &Request<Vec<u8>>) {
        self.last_request = match target(request) {
            Target::Post => Some(LastRequest::Place(Box::new(call.clone()))),
            Target::List => Some(LastRequest::List),
            _ => {
                let id = request
                    .uri()
                    .path()
                    .rsplit('/')
                    .next()
                    .and_then(|id| CallId::new(id).ok());
                id.map(|id| LastRequest::Get(GetCall(id)))
            }
        };
    }

    /// Compares what an answer really says with what the core reads from it.
    pub(super) fn observed(&mut self, checks: &mut Checks, call: &PlaceCall, received: &Received) {
        self.fresh_record = false;
        let Received::Response(response) = received else {
            self.answered = None;
            return;
        };
        self.answered = Some((response.status(), response.headers().clone()));
        let (status, headers, body) = (response.status(), response.headers(), response.body());
        self.measure(checks, status, headers, body);
        let Some(truth) = response.extensions().get::<GroundTruth>() else {
            return;
        };
        match truth.target {
            Some(Target::Post) => {
                if let Some(id) = &truth.id {
                    compare(
                        checks,
                        &call.parse(status, headers, body).map(|call| vec![call]),
                        Some(id),
                        truth,
                    );
                }
            }
            Some(Target::Get) => {
                let Ok(any) = CallId::new("any") else { return };
                let read = GetCall(any).parse(status, headers, body);
                self.fresh_record = read.is_ok() && truth.id.is_some() && !self.extreme;
                self.has_learnt |= read.is_ok();
                let known = read.as_ref().ok().and_then(Call::status);
                compare(checks, &read.map(|call| vec![call]), truth.id.as_ref(), truth);
                if truth.status.is_some() && known != truth.status {
                    checks.breaks(Invariant::Read, "the status of a record is not read");
                }
            }
            Some(Target::List) => {
                let read = ListCalls::new(100).parse(status, headers, body);
                let count = read.as_ref().map_or(0, Vec::len);
                compare(checks, &read, None, truth);
                if truth.entries.is_some_and(|entries| count < entries) {
                    checks.breaks(Invariant::Read, "one bad entry costs a list the others");
                }
            }
            _ => {}
        }
    }

    /// The id of the record in an answer, if the core can read it.
    pub(super) fn record_read(&mut self, received: &Received) -> Option<CallId> {
        let Received::Response(response) = received else {
            return None;
        };
        let id = response.extensions().get::<GroundTruth>()?.id.clone()?;
        let read = GetCall(id.clone()).parse(response.status(), response.headers(), response.body());
        read.is_ok_and(|call| call.status().is_some()).then_some(id)
    }

    fn measure(&self, checks: &mut Checks, status: StatusCode, headers: &HeaderMap, body: &[u8]) {
        let (Some(meter), Some(last_request)) = (self.meter, &self.last_request) else {
            return;
        };
        if body.len() < MEASURE_FROM {
            return;
        }
        let held = meter(&mut || match last_request {
            LastRequest::Place(call) => drop(call.parse(status, headers, body)),
            LastRequest::Get(get) => drop(get.parse(status, headers, body)),
            LastRequest::List => drop(ListCalls::new(100).parse(status, headers, body)),
        });
        let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        if held > size.saturating_mul(MAX_MULTIPLE) {
            checks.breaks(
                Invariant::Memory,
                format!("an answer costs {} times its size in memory", held / size.max(1)),
            );
        }
    }

    /// Checks a machine that has just received a reply or an event.
    pub(super) fn inspect(&self, checks: &mut Checks, intent: &Intent, stage: &Stage, now: Monotonic) {
        let to = &intent.to;
        let at = self.machine_time(now);
        let says = |stage: &Stage| !matches!(stage.clone().poll(at), Action::Sleep(_));
        if self.lazy && stage.next_wake().is_none_or(|wake| wake > at) && says(stage) {
            checks.breaks(
                Invariant::NextWake,
                "poll has something to say, and next_wake says otherwise",
            );
        }
        let Some(snapshot) = stage.snapshot(at) else { return };
        let text = serde_json::to_string(&snapshot).unwrap_or_default();
        if !self.has_learnt && matches!(stage, Stage::Waiting(_)) && text.contains(&to[1..]) {
            checks.breaks(
                Invariant::Secret,
                "a wait that has read no record has a number written down",
            );
        }
        match restarts::round_trip(&snapshot) {
            Ok(read) => {
                if !restores(&intent.api, read, stage, at) {
                    checks.breaks(Invariant::Restored, "what was accepted cannot be restored");
                }
            }
            Err((invariant, what)) => checks.breaks(invariant, what),
        }
    }

    /// Counts a state of a machine.
    pub(super) fn count_state(&mut self, state: State) {
        states::note(&mut self.state_counts, state);
    }

    /// The wait has accepted the answer that has just arrived.
    pub(super) fn accepted(&mut self) {
        self.has_record |= self.fresh_record;
    }

    /// Whether the wait has a record.
    pub(super) fn has_record(&self) -> bool {
        self.has_record
    }

    /// Whether this body was delivered before; remembers it.
    pub(super) fn seen_before(&mut self, body: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        self.contradicted |= body.windows(6).any(|window| window == b"storm-");
        !self.seen_bodies.insert(hasher.finish())
    }
}

fn compare(checks: &mut Checks, read: &Result<Vec<Call>, ApiError>, id: Option<&CallId>, truth: &GroundTruth) {
    match read {
        Err(_) => checks.breaks(Invariant::Read, "an answer that arrived whole is not read"),
        Ok(calls) => {
            if let Some(id) = id
                && calls.first().and_then(Call::call_id).as_ref() != Some(id)
            {
                checks.breaks(Invariant::Read, "the id of a record is not read");
            }
            let Some(call) = calls.first().filter(|_| !truth.kept.is_empty()) else {
                return;
            };
            let again = serde_json::to_string(call).unwrap_or_default();
            if let Some(lost) = truth.kept.iter().find(|kept| !again.contains(**kept)) {
                checks.breaks(Invariant::Bytes, format!("{lost} is written back as something else"));
            }
        }
    }
}

fn restores(api: &Api, snapshot: Snapshot, stage: &Stage, now: Monotonic) -> bool {
    let api = api.clone();
    match stage {
        Stage::Placing(_) => Placer::restore(api, snapshot, now).is_ok(),
        Stage::Reconciling(_) => Reconciler::restore(api, snapshot, now).is_ok(),
        Stage::Waiting(_) => CallWaiter::restore(api, snapshot, now).is_ok(),
        Stage::Scheduled(_) | Stage::Stopped(_) => true,
    }
}
