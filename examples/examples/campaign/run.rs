//! Runs the campaign: places calls, waits for them, and reconciles those whose outcome is unknown, all concurrently.
use crate::{args::Args, journal::Journal, progress::Progress};
use byourside_proto::{
    CallId, PlaceCall,
    machine::{
        place::Placement,
        place_set::{Intent, PlaceSet, PlaceSetOptions},
        reconcile::Reconciliation,
        wait::{FinishedCall, WaitError, WaitFailure},
        wait_set::WaitSetOptions,
    },
};
use byourside_tokio::Client;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    error::Error,
    fs::{self, File},
    io::Write,
    rc::Rc,
    time::Duration,
};

/// How many calls may begin while the outcome of one is unknown. The list shows the hundred most recent calls, and must
/// still show that one; the rest is a margin for calls of other programs.
const WINDOW: u64 = 80;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub async fn run(client: &Client, journal: Rc<Journal>, calls: &[PlaceCall], args: &Args) -> Result<()> {
    let mut notes = Notes::begin(&journal, args)?;
    let options = PlaceSetOptions {
        max_in_flight: args.in_flight,
        max_per_second: args.rate,
        ..PlaceSetOptions::default()
    };
    let set = PlaceSet::new(client.api(), options, client.now());
    let recorder = journal.clone();
    let mut placing = client.place_many(set, move |intent: Intent| {
        let recorded = row_of(&intent)
            .ok_or("no row".into())
            .and_then(|row| recorder.about_to_place(row));
        async move { recorded }
    });
    let options = WaitSetOptions {
        timeout: args.timeout,
        list_interval: Duration::from_millis(500),
        ..WaitSetOptions::default()
    };
    let mut waiting = client.wait_many(&[], options);
    let mut reconciling = FuturesUnordered::new();
    let look_for = |row: usize| {
        let known = journal.known_before(row);
        async move { (row, client.reconcile(&calls[row], known).await) }
    };

    let (mut fresh, mut row_of_call) = (VecDeque::new(), HashMap::new());
    for (at, row) in journal.rows().into_iter().enumerate() {
        match (row.result, row.id, row.begun) {
            (Some(_), _, _) => {}
            (None, Some(id), _) => {
                waiting.set_mut().add(&id, client.now());
                row_of_call.insert(id, at);
            }
            // The process ended before the outcome was known.
            (None, None, Some(_)) => reconciling.push(look_for(at)),
            (None, None, None) => fresh.push_back(at),
        }
    }
    let mut tries = 0;
    let mut tick = tokio::time::interval(Duration::from_millis(500));
    loop {
        while placing.set().len() < args.in_flight
            && journal.since_oldest_open() + u64::try_from(placing.set().len())? < WINDOW
            && let Some(row) = fresh.pop_front()
        {
            tries += 1;
            placing
                .set_mut()
                .add(Intent::new(&format!("{row}.{tries}")), calls[row].clone());
        }
        if journal.is_over() {
            break;
        }
        let placed = tokio::select! {
            Some((intent, placement)) = placing.next() => match (row_of(&intent), placement) {
                (None, _) => None,
                (Some(row), Placement::Placed(call)) => call.call_id().map(|id| (row, id)),
                (Some(row), Placement::NotPlaced(reason)) => {
                    notes.result(row, "not_placed", json!({"code": reason.code()}), true)?;
                    None
                }
                (Some(row), Placement::Unknown(_)) => {
                    reconciling.push(look_for(row));
                    None
                }
            },
            Some((row, found)) = reconciling.next() => match found {
                Reconciliation::Found(call) => call.call_id().map(|id| (row, id)),
                Reconciliation::Absent => {
                    journal.is_absent(row)?;
                    fresh.push_front(row);
                    None
                }
                Reconciliation::Ambiguous { candidates, .. } => {
                    let ids: Vec<_> = candidates.iter().filter_map(|call| call.id()).collect();
                    notes.result(row, "unknown", json!({"candidates": ids}), true)?;
                    None
                }
            },
            Some((id, ended)) = waiting.next() => {
                if let Some(row) = row_of_call.get(&id).copied() {
                    let again = notes.ended(row, &id, ended)?;
                    if again {
                        waiting.set_mut().add(&id, client.now());
                    }
                }
                None
            }
            _ = tick.tick() => {
                notes.progress.show(placing.set().requests() + waiting.set().requests());
                None
            }
        };
        if let Some((row, id)) = placed {
            journal.is_placed(row, &id)?;
            notes.progress.placed += 1;
            waiting.set_mut().add(&id, client.now());
            row_of_call.insert(id, row);
        }
    }
    notes.progress.end()?;
    Ok(())
}

/// The name of an intent: the row, and how many intents were tried before, so that each name is new.
fn row_of(intent: &Intent) -> Option<usize> {
    intent.as_str().split_once('.')?.0.parse().ok()
}

/// Writes results, to the database first and then to the file.
struct Notes {
    journal: Rc<Journal>,
    file: File,
    progress: Progress,
}

impl Notes {
    /// Writes the file anew from the database, since the last line may be incomplete if the process ended while
    /// writing.
    fn begin(journal: &Rc<Journal>, args: &Args) -> Result<Self> {
        let rows = journal.rows();
        let mut progress = Progress::new(rows.len());
        let next = args.results.with_extension("next");
        let mut file = File::create(&next)?;
        for row in &rows {
            progress.placed += usize::from(row.id.is_some());
            if let Some(result) = &row.result {
                writeln!(file, "{result}")?;
                progress.done += 1;
                progress.failed += usize::from(result["outcome"] != "ended");
            }
        }
        fs::rename(&next, &args.results)?;
        let journal = journal.clone();
        Ok(Self {
            journal,
            file,
            progress,
        })
    }

    fn result(&mut self, row: usize, outcome: &str, more: Value, failed: bool) -> Result<()> {
        let mut result = json!({"row": row, "outcome": outcome});
        if let (Value::Object(result), Value::Object(more)) = (&mut result, more) {
            result.extend(more);
        }
        self.journal.has_ended(row, &result)?;
        writeln!(self.file, "{result}")?;
        self.progress.done += 1;
        self.progress.failed += usize::from(failed);
        Ok(())
    }

    /// Records the end of a wait, and returns whether to wait again.
    fn ended(&mut self, row: usize, id: &CallId, ended: std::result::Result<FinishedCall, WaitError>) -> Result<bool> {
        match ended {
            Ok(ended) => {
                let call = ended.call;
                let status = call.status().map(|status| status.as_str().to_owned());
                let told = json!({"id": id, "status": status, "summary": call.summary(), "extracted": call.extracted_as::<Value>()?});
                self.result(row, "ended", told, false)?;
            }
            // The service does not answer, but the call still ends.
            Err(WaitError {
                failure: WaitFailure::GaveUp(_),
                ..
            }) => return Ok(true),
            Err(error) => self.result(row, "not_ended", json!({"id": id, "code": error.code()}), true)?,
        }
        Ok(false)
    }
}
