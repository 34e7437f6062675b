//! Two hundred calls between three programs: this one places calls and sends GETs, `api-server` loses and duplicates
//! webhook deliveries, and a receiver prints its events, which this program reads on standard input.
//!
//! `webhook-axum | webhooks-apart --service http://127.0.0.1:PORT --receiver http://127.0.0.1:PORT`; `.ci/webhooks`
//! starts all three. The exit code is 1 if a call's end is reported twice, not at all, or differently from the
//! service's record.
use byourside_examples::say;
use byourside_proto::{CallId, Status, webhook::EventKind};
use byourside_ureq::{Api, ApiKey, BaseUrl, Client, ClientOptions, PlaceCall};
use lexopt::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    io::stdin,
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

type Fault = Box<dyn Error + Send + Sync>;

/// The pause between two GETs of a call.
const INTERVAL: Duration = Duration::from_millis(500);
/// A call that has not ended by then counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time for the last retries of deliveries.
const AFTERWARDS: Duration = Duration::from_secs(3);
const DESTINATIONS: [&str; 5] = [
    "+14155550123",
    "+14155550101",
    "+14155550102",
    "+14155550103",
    "+14155550104",
];

fn main() -> Result<ExitCode, Fault> {
    let (mut service, mut receiver, mut calls) = (None, None, 200);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("service") => service = Some(arguments.value()?.string()?),
            Long("receiver") => receiver = Some(arguments.value()?.string()?),
            Long("calls") => calls = arguments.value()?.parse()?,
            _ => return Err(argument.unexpected().into()),
        }
    }
    let (service, receiver) = service.zip(receiver).ok_or("--service and --receiver are required")?;
    let api = Api::new(BaseUrl::new(&service)?, ApiKey::new("bys_ak_example")?);
    let client = Client::with_options(api, ClientOptions::default())?;

    let ends = Arc::new(Ends::default());
    let heard = ends.clone();
    thread::spawn(move || {
        for line in stdin().lines().map_while(Result::ok) {
            if let Some((id, status)) = end_in(&line) {
                heard.heard(id, status);
            }
        }
    });
    let placed: Vec<CallId> = thread::scope(|scope| {
        let wait = |at| place_and_learn(&client, &ends, &receiver, at);
        let waits: Vec<_> = (0..calls).map(|at| scope.spawn(move || wait(at))).collect();
        let waits = waits.into_iter().map(|wait| wait.join());
        waits
            .map(|placed| placed.unwrap_or_else(|_| Err("a wait panicked".into())))
            .collect::<Result<_, Fault>>()
    })?;
    thread::sleep(AFTERWARDS);

    let ends = ends.lock();
    let wrong = wrong(&client, &placed, &ends)?;
    let by_event = ends.first.values().filter(|known| known.by_event).count();
    say(format_args!("calls placed              {:>5}", placed.len()))?;
    say(format_args!("ends known by an event    {by_event:>5}"))?;
    say(format_args!(
        "ends known by asking      {:>5}",
        ends.first.len() - by_event
    ))?;
    say(format_args!("calls whose event came    {:>5}", ends.events.len()))?;
    wrong.iter().try_for_each(|wrong| say(format_args!("WRONG: {wrong}")))?;
    Ok(ExitCode::from(u8::from(!wrong.is_empty())))
}

/// What is known about the ends of the calls.
#[derive(Default)]
struct Ends(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// By call: the status that was first reported for its end.
    first: BTreeMap<String, End>,
    /// By call: each status that the receiver printed.
    events: BTreeMap<String, Vec<Status>>,
}

struct End {
    status: Status,
    by_event: bool,
}

impl Ends {
    fn heard(&self, id: &str, status: Status) {
        let mut known = self.lock();
        known.events.entry(id.to_owned()).or_default().push(status.clone());
        let end = End { status, by_event: true };
        known.first.entry(id.to_owned()).or_insert(end);
    }

    fn asked(&self, id: &CallId, status: Status) {
        let end = End {
            status,
            by_event: false,
        };
        self.lock().first.entry(id.as_str().to_owned()).or_insert(end);
    }

    fn is_known(&self, id: &CallId) -> bool {
        self.lock().first.contains_key(id.as_str())
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The call and its terminal status, if a receiver's line tells of an end: `call.completed call ID event ID`.
fn end_in(line: &str) -> Option<(&str, Status)> {
    let (kind, rest) = line.split_once(" call ")?;
    let status = EventKind::from(kind).status().filter(Status::is_terminal)?;
    Some((rest.split_once(" event ")?.0, status))
}

fn place_and_learn(client: &Client, ends: &Ends, receiver: &str, at: usize) -> Result<CallId, Fault> {
    let number = DESTINATIONS[at % DESTINATIONS.len()];
    let call = PlaceCall::new(number, format!("Ask for the opening hours of shop {at}."))?.webhook_url(receiver)?;
    let id = client.place_call(&call)?.call_id().ok_or("a placed call has an id")?;
    let began = Instant::now();
    while !ends.is_known(&id) {
        if began.elapsed() > PATIENCE {
            return Err(format!("the end of call {} is not known", id.as_str()).into());
        }
        thread::sleep(INTERVAL);
        if !ends.is_known(&id)
            && let Some(status) = client.get_call(&id)?.status().filter(Status::is_terminal)
        {
            ends.asked(&id, status);
        }
    }
    Ok(id)
}

/// Compares the known ends with the service's records.
fn wrong(client: &Client, placed: &[CallId], known: &Known) -> Result<Vec<String>, Fault> {
    let mut wrong = Vec::new();
    for id in placed {
        let (id, real) = (id.as_str(), client.get_call(id)?.status());
        let first = known.first.get(id).map(|end| end.status.clone());
        if first.is_none() || first != real {
            wrong.push(format!("call {id} ended {real:?}, and is known as {first:?}"));
        }
        match known.events.get(id).map(Vec::as_slice) {
            None => {}
            Some([status]) if Some(status) == real.as_ref() => {}
            Some(statuses) => wrong.push(format!("call {id} ended {real:?}, and the receiver said {statuses:?}")),
        }
    }
    let numbers = placed.iter().map(CallId::as_str).collect::<BTreeSet<_>>();
    if numbers.len() != placed.len() {
        wrong.push("two calls have one id".into());
    }
    for id in known.first.keys().filter(|id| !numbers.contains(id.as_str())) {
        wrong.push(format!("call {id} was never placed"));
    }
    Ok(wrong)
}
