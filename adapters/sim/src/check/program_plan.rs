//! Plans a program under dirty data: its call or its list, changed by the faults of its start.
use super::{
    call_list::CallList,
    checked_program::CheckedProgram,
    dirty_checks::Meter,
    intent::{Intent, KEY, RowIntent},
    lifecycle::{Lifecycle, Shared},
};
use crate::{Fault, dirt::ActiveFaults};
use byourside_proto::{
    Api, ApiKey, BaseUrl, BuildError, Monotonic, Operation, PlaceCall,
    machine::{
        Backoff, place::PlaceOptions, place_set::PlaceSetOptions, reconcile::ReconcileOptions, wait::WaitOptions,
        wait_set::WaitSetOptions,
    },
    webhook::Verifier,
};
use http::Request;
use std::{collections::BTreeMap, rc::Rc, time::Duration};

/// How many programs share an account.
const CALLS_PER_ACCOUNT: u64 = 5;
/// One program in this many is a list.
const LIST_EVERY: u64 = 8;

pub(super) struct ProgramPlan {
    intent: Intent,
    rows: Option<BTreeMap<String, RowIntent>>,
    sets: (PlaceSetOptions, WaitSetOptions),
    origin: Duration,
    meter: Option<Meter>,
    extreme_snapshot: bool,
    lazy: bool,
    /// No connection can be made until then.
    pub(super) outage: Option<Monotonic>,
}

impl ProgramPlan {
    pub(super) fn of(number: u64, active: &ActiveFaults, meter: Option<Meter>) -> Result<Self, BuildError> {
        let begins = Monotonic::ORIGIN.after(Duration::from_secs(1 + number * 37 % 60));
        let outage = active.within(Fault::Outage, 1, 300).map(Duration::from_secs);
        let list = number % LIST_EVERY == LIST_EVERY - 1;
        let rows = list.then(|| rows(number, active)).transpose()?;
        Ok(Self {
            intent: intent(number, begins, active)?,
            rows,
            sets: sets(active),
            origin: origin(active),
            meter,
            extreme_snapshot: active.has(Fault::ExtremeSnapshot),
            lazy: active.has(Fault::LazyDriver),
            outage: outage.map(|outage| begins.after(outage)),
        })
    }

    /// How many calls the program wants to place.
    pub(super) fn intents(&self) -> u64 {
        self.rows
            .as_ref()
            .map_or(1, |rows| u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    /// The requests that place the program's calls.
    pub(super) fn orders(&self) -> Vec<Request<Vec<u8>>> {
        let order = |call: &PlaceCall| call.request(&self.intent.api);
        match &self.rows {
            Some(rows) => rows.values().map(|intent| order(&intent.call)).collect(),
            None => vec![order(&self.intent.call)],
        }
    }

    pub(super) fn into_program(self, shared: Rc<Shared>, verifier: Verifier) -> CheckedProgram {
        match self.rows {
            Some(rows) => CheckedProgram::List(Box::new(CallList::new(
                &self.intent,
                rows,
                self.sets,
                verifier,
                (self.origin, self.meter),
                self.extreme_snapshot,
            ))),
            None => {
                let lifecycle =
                    Lifecycle::with_dirty_checks(Rc::new(self.intent), shared, self.origin, self.meter, self.lazy);
                CheckedProgram::Call(Box::new(lifecycle))
            }
        }
    }
}

fn intent(number: u64, begins: Monotonic, active: &ActiveFaults) -> Result<Intent, BuildError> {
    let key = ApiKey::new(format!("{KEY}_{}", number / CALLS_PER_ACCOUNT))?;
    let to = number_to_call(number, 0, active);
    // Contains everything that a service might change: characters to escape, accents, a ligature, digits, blanks at
    // both ends.
    let objective = format!(" Call {number}: ask L\u{e9}a & 'Bo' for <5> \u{fb01}les at 12:30.\n");
    let call = with_webhook(PlaceCall::new(&*to, &*objective)?, number, active)?;
    let extreme = active.get(Fault::ExtremeOptions);
    Ok(Intent {
        number,
        api: Api::new(BaseUrl::default(), key),
        call,
        to,
        objective,
        begins,
        place: extreme.map_or_else(PlaceOptions::default, extreme_place),
        reconcile: ReconcileOptions::default(),
        wait: extreme.map_or_else(
            || WaitOptions {
                settle: u32::try_from(number % 3).unwrap_or(0),
                ..WaitOptions::default()
            },
            extreme_wait,
        ),
    })
}

fn rows(number: u64, active: &ActiveFaults) -> Result<BTreeMap<String, RowIntent>, BuildError> {
    let count = match active.within(Fault::ManyRows, 1, 200) {
        _ if active.has(Fault::FastSet) => 150,
        Some(count) => count,
        None => 3,
    };
    let mut rows = BTreeMap::new();
    for row in 0..count {
        let to = number_to_call(number, row + 1, active);
        let objective = format!(" Row {row} of {number}: ask L\u{e9}a & 'Bo' for <5> \u{fb01}les at 12:30.\n");
        let token = if active.has(Fault::SharedToken) { 0 } else { row };
        let mut call = PlaceCall::new(&*to, &*objective)?;
        if has_webhook(number, active) {
            call = call
                .webhook_url(hook(number))?
                .correlation(&format!("i{number}-{token}"))?;
        }
        rows.insert(format!("row {row:03}"), RowIntent { call, to, objective });
    }
    Ok(rows)
}

fn with_webhook(call: PlaceCall, number: u64, active: &ActiveFaults) -> Result<PlaceCall, BuildError> {
    if !has_webhook(number, active) {
        return Ok(call);
    }
    let whose = if active.has(Fault::SharedToken) {
        other_with_webhook(number)
    } else {
        number
    };
    call.webhook_url(hook(whose))?.correlation(&format!("i{whose}"))
}

/// The last single call before this one that has a webhook. Lists are left out, since each row has a token of its own.
fn other_with_webhook(number: u64) -> u64 {
    let single = |before: &u64| *before % LIST_EVERY != LIST_EVERY - 1 && usually_has_webhook(*before);
    (0..number).rev().find(single).unwrap_or(number + 1)
}

fn has_webhook(number: u64, active: &ActiveFaults) -> bool {
    usually_has_webhook(number) != active.has(Fault::OtherWebhook)
}

/// Two programs in four have no webhook.
fn usually_has_webhook(number: u64) -> bool {
    (number / 2 + number / LIST_EVERY).is_multiple_of(2)
}

fn hook(number: u64) -> String {
    format!("https://hooks.example.com/{number}")
}

/// The number that a row calls. Every fifth program's number has a trunk zero.
fn number_to_call(number: u64, row: u64, active: &ActiveFaults) -> String {
    const OTHERS: [&str; 11] = [
        "+14155550101",
        "+14155550102",
        "+14155550103",
        "+14155550104",
        "+14155550105",
        "+14155550106",
        "+14155550107",
        "+14155550112",
        "+14155550114",
        "+14155550115",
        "+14155550116",
    ];
    match active.get(Fault::Destination) {
        Some(which) => OTHERS[usize::try_from(which).unwrap_or(0) % OTHERS.len()].to_owned(),
        None if number % 5 == 4 => format!("+4407911{number:03}{row:03}"),
        None => format!("+1415{number:03}{row:04}"),
    }
}

fn origin(active: &ActiveFaults) -> Duration {
    match active.within(Fault::ClockOrigin, 0, 2) {
        None => Duration::ZERO,
        Some(0) => Duration::from_millis(1 << 40),
        Some(1) => Duration::from_secs(1_767_225_600),
        Some(_) => Duration::MAX - Duration::from_secs(24 * 3600),
    }
}

/// Picks by the next base-3 digit of the parameter.
fn of_three<T: Copy>(parameter: &mut u64, from: [T; 3]) -> T {
    let picked = from[usize::try_from(*parameter % 3).unwrap_or(0)];
    *parameter /= 3;
    picked
}

fn extreme_place(mut parameter: u64) -> PlaceOptions {
    let p = &mut parameter;
    let usual = PlaceOptions::default();
    PlaceOptions {
        retries: of_three(p, [usual.retries, 0, 5]),
        attempt_timeout: of_three(p, [usual.attempt_timeout, Duration::ZERO, Duration::MAX]),
        max_retry_after: of_three(p, [usual.max_retry_after, Duration::ZERO, Duration::MAX]),
        backoff: extreme_backoff(p),
        ..usual
    }
}

fn extreme_wait(mut parameter: u64) -> WaitOptions {
    let p = &mut parameter;
    let usual = WaitOptions::default();
    WaitOptions {
        timeout: of_three(p, [usual.timeout, Duration::ZERO, Duration::MAX]),
        interval: of_three(p, [usual.interval, Duration::ZERO, Duration::MAX]),
        interval_growth_percent: of_three(p, [100, 0, u32::MAX]),
        max_interval: of_three(p, [usual.max_interval, Duration::ZERO, Duration::MAX]),
        attempt_timeout: of_three(p, [usual.attempt_timeout, Duration::ZERO, Duration::MAX]),
        grace: of_three(p, [usual.grace, Duration::ZERO, Duration::MAX]),
        max_failures: of_three(p, [usual.max_failures, 0, u32::MAX]),
        not_found_grace: of_three(p, [usual.not_found_grace, usual.not_found_grace, Duration::MAX]),
        settle: of_three(p, [0, 2, u32::MAX]),
        backoff: extreme_backoff(p),
        ..usual
    }
}

fn extreme_backoff(p: &mut u64) -> Backoff {
    let usual = WaitOptions::default().backoff;
    Backoff {
        first: of_three(p, [usual.first, Duration::ZERO, Duration::MAX]),
        growth_percent: of_three(p, [usual.growth_percent, 0, u32::MAX]),
        max: of_three(p, [usual.max, Duration::ZERO, Duration::MAX]),
        jitter_percent: of_three(p, [0, 100, u32::MAX]),
    }
}

fn sets(active: &ActiveFaults) -> (PlaceSetOptions, WaitSetOptions) {
    if active.has(Fault::FastSet) {
        let place = PlaceSetOptions {
            max_per_second: 1000,
            max_in_flight: 1000,
            ..PlaceSetOptions::default()
        };
        let wait = WaitSetOptions {
            max_per_second: 1000,
            max_in_flight: 1000,
            list_from: usize::MAX,
            ..WaitSetOptions::default()
        };
        return (place, wait);
    }
    let Some(mut parameter) = active.get(Fault::ExtremeOptions) else {
        return (PlaceSetOptions::default(), WaitSetOptions::default());
    };
    let p = &mut parameter;
    let (place, wait) = (PlaceSetOptions::default(), WaitSetOptions::default());
    let place = PlaceSetOptions {
        max_per_second: of_three(p, [1000, place.max_per_second, 0]),
        max_in_flight: of_three(p, [place.max_in_flight, 1000, 0]),
        ..place
    };
    let wait = WaitSetOptions {
        max_per_second: of_three(p, [1000, wait.max_per_second, 0]),
        max_in_flight: of_three(p, [1000, wait.max_in_flight, 0]),
        list_from: of_three(p, [usize::MAX, wait.list_from, 0]),
        timeout: of_three(p, [wait.timeout, Duration::ZERO, Duration::MAX]),
        interval: of_three(p, [wait.interval, Duration::ZERO, Duration::MAX]),
        ..wait
    };
    (place, wait)
}
