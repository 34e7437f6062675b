//! Checks of one program that need no look into the service.
use super::{intent::KEY, invariant::Invariant, stages::Limits};
use crate::{Received, dirt::AskedRetryAfter};
use byourside_proto::{Monotonic, Status};
use std::{collections::BTreeSet, time::SystemTime};
use std::{fmt::Debug, time::Duration};

/// The shortest time between two requests of one machine: rule 8 of `Machine`.
const MIN_PAUSE: Duration = Duration::from_millis(10);

/// The state that the next step of a program is checked against.
#[derive(Debug)]
pub struct Checks {
    limits: Limits,
    last_send: Option<Monotonic>,
    /// The end of the last `Retry-After` delay.
    retry_after_until: Monotonic,
    /// The `Retry-After` delay of the answer that has just arrived.
    asked: Option<Duration>,
    terminal: Option<Status>,
    /// When the current process started.
    up_since: Monotonic,
    /// The ids of the events that its machine has received.
    reported_events: BTreeSet<String>,
    broken: Option<(Invariant, String)>,
}

impl Checks {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            last_send: None,
            retry_after_until: Monotonic::ORIGIN,
            asked: None,
            terminal: None,
            up_since: Monotonic::ORIGIN,
            reported_events: BTreeSet::new(),
            broken: None,
        }
    }

    /// The next machine takes over.
    pub fn next_stage(&mut self, limits: Limits) {
        self.limits = limits;
        self.last_send = None;
        self.retry_after_until = Monotonic::ORIGIN;
    }

    /// No process runs the program for this long. A deadline is not extended by that, only the grace after it; placing
    /// has no deadline and may take that much longer.
    pub fn process_down(&mut self, now: Monotonic, pause: Duration) {
        self.up_since = now.after(pause);
        self.limits.ends_by = match self.limits.last_request {
            Some(_) => self.limits.ends_by.max(self.up_since.after(self.limits.grace)),
            None => self.limits.ends_by.after(pause),
        };
    }

    /// The computer was suspended for this long: every limit moves by that.
    pub fn postpone(&mut self, duration: Duration) {
        self.limits.ends_by = self.limits.ends_by.after(duration);
        self.limits.last_request = self.limits.last_request.map(|last| last.after(duration));
    }

    pub fn up_since(&self) -> Monotonic {
        self.up_since
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    pub fn broken(&self) -> Option<(Invariant, &str)> {
        self.broken.as_ref().map(|(invariant, what)| (*invariant, &**what))
    }

    pub fn breaks(&mut self, invariant: Invariant, what: impl Into<String>) {
        self.broken.get_or_insert_with(|| (invariant, what.into()));
    }

    pub fn sent(&mut self, now: Monotonic) {
        if self.last_send.is_some_and(|last| now < last.after(MIN_PAUSE)) {
            self.breaks(Invariant::Pace, "it sends faster than its bound");
        }
        self.last_send = Some(now);
        let free = self
            .limits
            .last_request
            .map_or(self.retry_after_until, |last| self.retry_after_until.min(last));
        if now < free {
            self.breaks(
                Invariant::Pace,
                format!("it sends {:?} before the end of a Retry-After", free.since(now)),
            );
        }
    }

    pub fn received(&mut self, received: &Received) {
        self.asked = asked_retry_after(received).or_else(|| retry_after(received));
    }

    /// The answer that has just arrived was accepted by the machine.
    pub fn accepted(&mut self, now: Monotonic) {
        if let Some(asked) = self.asked.take() {
            self.retry_after_until = now.after(asked.min(self.limits.max_retry_after));
        }
    }

    /// Checks that a terminal status does not change.
    pub fn status(&mut self, status: &Status) {
        match &self.terminal {
            Some(terminal) if terminal != status => {
                let what = format!("it was {} and is now {}", terminal.as_str(), status.as_str());
                self.breaks(Invariant::Sticky, what);
            }
            None if status.is_terminal() => self.terminal = Some(status.clone()),
            Some(_) | None => {}
        }
    }

    /// Checks that the machine receives each event once.
    pub fn event(&mut self, id: &str, new: bool) {
        if self.reported_events.insert(id.to_owned()) != new {
            let what = if new {
                "it is told of an event again"
            } else {
                "a new event is taken for a repeated one"
            };
            self.breaks(Invariant::EventOnce, what);
        }
    }

    /// Whether the call is known to have ended.
    pub fn has_ended(&self) -> bool {
        self.terminal.is_some()
    }

    /// Checks that the debug output shows no key, secret or whole phone number.
    pub fn shows_nothing_secret(&mut self, to: &str, shown: &impl Debug) {
        let shown = format!("{shown:?}");
        for secret in [KEY, "whsec_", &to[1..]] {
            if shown.contains(secret) {
                self.breaks(
                    Invariant::Secret,
                    format!("its debug output has {} bytes of a secret", secret.len()),
                );
            }
        }
    }
}

/// The delay that the simulation attached to the answer.
fn asked_retry_after(received: &Received) -> Option<Duration> {
    let Received::Response(response) = received else {
        return None;
    };
    response
        .extensions()
        .get::<AskedRetryAfter>()
        .map(|AskedRetryAfter(asked)| *asked)
}

/// The delay of the `Retry-After` header, read independently of the core: seconds, or a date minus the answer's `Date`.
fn retry_after(received: &Received) -> Option<Duration> {
    let Received::Response(response) = received else {
        return None;
    };
    let header = |name| response.headers().get(name)?.to_str().ok();
    let asked = header("retry-after")?;
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    match asked.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let (until, from): (SystemTime, _) = (date(asked)?, date(header("date")?)?);
            until.duration_since(from).ok()
        }
    }
}
