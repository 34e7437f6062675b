//! A program that places a list of calls and waits for them as a set.
mod machine;
mod observing;

use super::{
    checks::Checks,
    dirty_checks::{DirtyChecks, Meter},
    intent::{Intent, RowIntent},
    invariant::Invariant,
    stages::Limits,
    states::State,
    trace::{Note, Trace},
};
use byourside_proto::{
    Api, CallId, Monotonic, Status,
    machine::{
        place::Placement,
        place_set::{Intent as Name, PlaceSet, PlaceSetOptions},
        wait::{FinishedCall, WaitError, WaitFailure},
        wait_set::{WaitSet, WaitSetOptions},
    },
    webhook::{Deduplicator, Verifier},
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

const SEEN_EVENTS: usize = 4096;

/// A row of the list, and its state.
pub(super) struct Row {
    pub(super) intent: RowIntent,
    pub(super) id: Option<CallId>,
    pub(super) outcome: Option<RowOutcome>,
    has_record: bool,
}

/// The outcome of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RowOutcome {
    NotPlaced,
    Unknown,
    Ended(Status),
    TimedOut,
    Refused,
}

/// The program.
pub(super) struct CallList {
    pub(super) history: Box<ListHistory>,
    stage: Stage,
}

/// Everything about a list except its machine.
pub(super) struct ListHistory {
    pub(super) number: u64,
    pub(super) rows: BTreeMap<String, Row>,
    pub(super) checks: Checks,
    pub(super) trace: Trace,
    pub(super) dirty_checks: DirtyChecks,
    api: Api,
    begins: Monotonic,
    pub(super) place: PlaceSetOptions,
    pub(super) wait: WaitSetOptions,
    /// Whether its snapshots are restored with extreme numbers.
    pub(super) extreme_snapshot: bool,
    sends: VecDeque<Monotonic>,
    /// For each record: the start of the current second of requests, and their count.
    asked: BTreeMap<String, (Monotonic, u32)>,
    /// Whether any answer has arrived.
    answered: bool,
    was_away: bool,
    /// The row whose POST was just sent.
    pub(super) posting: Option<String>,
    /// When the last 429 arrived.
    limited: Option<Monotonic>,
    replies: u32,
    seen: Deduplicator,
    verifier: Verifier,
}

enum Stage {
    Scheduled,
    Placing(Box<PlaceSet>),
    Waiting(Box<WaitSet>),
}

impl CallList {
    pub(super) fn new(
        intent: &Intent,
        rows: BTreeMap<String, RowIntent>,
        sets: (PlaceSetOptions, WaitSetOptions),
        verifier: Verifier,
        (origin, meter): (Duration, Option<Meter>),
        extreme_snapshot: bool,
    ) -> Self {
        let limits = Limits {
            last_request: None,
            ends_by: intent.begins,
            grace: Duration::ZERO,
            max_retry_after: Duration::MAX,
        };
        let row = |(name, intent)| {
            let row = Row {
                intent,
                id: None,
                outcome: None,
                has_record: false,
            };
            (name, row)
        };
        let history = ListHistory {
            number: intent.number,
            rows: rows.into_iter().map(row).collect(),
            checks: Checks::new(limits),
            trace: Trace::default(),
            dirty_checks: DirtyChecks::new(origin, meter),
            api: intent.api.clone(),
            begins: intent.begins,
            place: sets.0,
            wait: sets.1,
            extreme_snapshot,
            sends: VecDeque::new(),
            asked: BTreeMap::new(),
            answered: false,
            replies: 0,
            was_away: false,
            posting: None,
            limited: None,
            seen: Deduplicator::new(SEEN_EVENTS),
            verifier,
        };
        Self {
            history: Box::new(history),
            stage: Stage::Scheduled,
        }
    }

    /// Whether the list has a deadline. A set that places has none.
    pub(super) fn has_deadline(&self) -> bool {
        matches!(self.stage, Stage::Waiting(_))
    }

    fn begin(&mut self, now: Monotonic) {
        let history = &mut self.history;
        let clock = history.dirty_checks.machine_time(now);
        let mut set = PlaceSet::new(history.api.clone(), history.place, clock);
        for (name, row) in &history.rows {
            set.add(Name::new(name), row.intent.call.clone());
        }
        history.trace.note(now, Note::Began("to place its rows"));
        self.stage = Stage::Placing(Box::new(set));
    }

    /// Collects the results of the set that places.
    fn collect_placements(&mut self) {
        let Stage::Placing(set) = &mut self.stage else { return };
        while let Some((name, placement)) = set.take_result() {
            self.history.dirty_checks.count_state(match &placement {
                Placement::Placed(_) => State::PlaceSetPlaced,
                Placement::NotPlaced(_) => State::PlaceSetNotPlaced,
                Placement::Unknown(_) => State::PlaceSetUnknown,
            });
            let Some(row) = self.history.rows.get_mut(name.as_str()) else {
                continue;
            };
            match placement {
                Placement::Placed(call) => row.id = call.call_id(),
                Placement::NotPlaced(_) => row.outcome = Some(RowOutcome::NotPlaced),
                Placement::Unknown(_) => row.outcome = Some(RowOutcome::Unknown),
            }
        }
    }

    fn wait(&mut self, now: Monotonic) {
        let history = &mut self.history;
        let clock = history.dirty_checks.machine_time(now);
        let mut set = WaitSet::new(history.api.clone(), history.wait, clock);
        for row in history.rows.values().filter(|row| row.outcome.is_none()) {
            if let Some(id) = &row.id {
                set.add(id, clock);
            }
        }
        history.sends.clear();
        history.trace.note(now, Note::Began("to wait for its rows"));
        history.checks.next_stage(Limits {
            last_request: None,
            ends_by: now
                .after(history.wait.plan(history.rows.len()).duration)
                .after(Duration::from_secs(1)),
            grace: Duration::ZERO,
            max_retry_after: Duration::MAX,
        });
        self.stage = Stage::Waiting(Box::new(set));
    }

    fn collect_ends(&mut self) {
        let Stage::Waiting(set) = &mut self.stage else { return };
        let mut ends: Vec<(CallId, Result<FinishedCall, WaitError>)> = Vec::new();
        while let Some(end) = set.take_result() {
            ends.push(end);
        }
        for (id, end) in ends {
            let history = &mut self.history;
            let Some(row) = history
                .rows
                .values_mut()
                .find(|row| row.id.as_ref() == Some(&id) && row.outcome.is_none())
            else {
                continue;
            };
            history.dirty_checks.count_state(match &end {
                Ok(_) => State::WaitSetEnded,
                Err(error) if matches!(error.failure, WaitFailure::TimedOut) => State::WaitSetTimedOut,
                Err(_) => State::WaitSetRefused,
            });
            match end {
                Ok(ended) => {
                    if ended.call.call_id().as_ref() != Some(&id) {
                        history.checks.breaks(
                            Invariant::OwnCall,
                            "a wait of a set ended with the record of another call",
                        );
                    }
                    row.outcome = ended.call.status().map(RowOutcome::Ended);
                }
                Err(error) => {
                    if error.last.is_none() && row.has_record {
                        let what = "a wait of a set has read a record, and ends without one";
                        history.checks.breaks(Invariant::LastKept, what);
                    }
                    row.outcome = Some(match error.failure {
                        WaitFailure::TimedOut => RowOutcome::TimedOut,
                        _ => RowOutcome::Refused,
                    });
                    if row.outcome == Some(RowOutcome::Refused) && history.wait == WaitSetOptions::default() {
                        let what = format!("a set's wait for a call that was placed was refused: {error}");
                        history.checks.breaks(Invariant::NotRefused, what);
                    }
                    history.dirty_checks.check_error_text(
                        &mut history.checks,
                        &row.intent.to,
                        &error.to_string(),
                        &format!("{error:?}"),
                    );
                }
            }
        }
    }
}
