//! What one call's program can tell of itself at every step, without a look into the service.
use super::{intent::KEY, invariant::Invariant, stages::Limits};
use crate::{Received, dirt::AskedRetryAfter};
use byourside_proto::{Monotonic, Status};
use std::{collections::BTreeSet, time::SystemTime};
use std::{fmt::Debug, time::Duration};

/// The shortest time between two requests of one machine: rule 8 of `Machine`.
const MIN_PAUSE: Duration = Duration::from_millis(10);

/// What is remembered of a call to check its next step against.
#[derive(Debug)]
pub struct Checks {
    limits: Limits,
    last_send: Option<Monotonic>,
    /// The service asked to be left alone until then.
    retry_after_until: Monotonic,
    /// What the answer that has just come asks for.
    asked: Option<Duration>,
    terminal: Option<Status>,
    /// No process ran it before this.
    up_since: Monotonic,
    /// The events that its machine was told of.
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

    /// Another machine goes on.
    pub fn next_stage(&mut self, limits: Limits) {
        self.limits = limits;
        self.last_send = None;
        self.retry_after_until = Monotonic::ORIGIN;
    }

    /// No process runs it for this long. Its deadline does not wait for the next one, only what comes after it does; a
    /// placing, which has none, may take that much longer.
    pub fn process_down(&mut self, now: Monotonic, pause: Duration) {
        self.up_since = now.after(pause);
        self.limits.ends_by = match self.limits.last_request {
            Some(_) => self.limits.ends_by.max(self.up_since.after(self.limits.grace)),
            None => self.limits.ends_by.after(pause),
        };
    }

    /// Its machine was suspended for this long: whatever it was to do comes that much later.
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

    /// The answer that has just come was taken.
    pub fn accepted(&mut self, now: Monotonic) {
        if let Some(asked) = self.asked.take() {
            self.retry_after_until = now.after(asked.min(self.limits.max_retry_after));
        }
    }

    /// A terminal status never regresses.
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

    /// Of an event the machine is told once, whatever comes in between, and of each that is new.
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

    /// It is known to have ended.
    pub fn has_ended(&self) -> bool {
        self.terminal.is_some()
    }

    /// No key, secret or whole phone number is shown.
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

/// What an answer asks for by its own account.
fn asked_retry_after(received: &Received) -> Option<Duration> {
    let Received::Response(response) = received else {
        return None;
    };
    response
        .extensions()
        .get::<AskedRetryAfter>()
        .map(|AskedRetryAfter(asked)| *asked)
}

/// Read in a way of its own: seconds, or a date less the answer's own.
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
