//! `Check`: one named requirement for an adapter.
use crate::{Offer, Subject};
use std::{
    error::Error,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

/// What a check returns: `Err` says what was expected and what happened.
pub(crate) type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// Fails the check with this reason unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($reason:tt)+) => {
        if !$holds {
            return Err(format!($($reason)+).into());
        }
    };
}
pub(crate) use ensure;

/// A named requirement for an adapter.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    pub(crate) name: &'static str,
    pub(crate) needs: Option<Offer>,
    pub(crate) alone: bool,
    pub(crate) run: fn(&dyn Subject) -> Outcome,
}

/// The result of one check on one adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    NotOffered,
    Failed(String),
}

impl Check {
    pub(crate) const fn new(name: &'static str, run: fn(&dyn Subject) -> Outcome) -> Self {
        Self {
            name,
            needs: None,
            alone: false,
            run,
        }
    }

    /// Restricts the check to adapters that offer this.
    pub(crate) const fn needs(mut self, offer: Offer) -> Self {
        self.needs = Some(offer);
        self
    }

    /// Runs the check alone: it keeps the machine so busy that it would disturb the timing of others.
    pub(crate) const fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// The name of the check: a sentence in lower case.
    ///
    /// ```
    /// assert!(byourside_conformance::checks().iter().any(|check| check.name() == "redirects are not followed"));
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs the check on its own thread. A thread that does not finish in time is left running.
    pub(crate) fn run_on(self, subject: &Arc<dyn Subject>) -> Verdict {
        const LIMIT: Duration = Duration::from_secs(45);
        if self.needs.is_some_and(|offer| !subject.has(offer)) {
            return Verdict::NotOffered;
        }
        let (done, outcome) = mpsc::channel();
        let subject = subject.clone();
        thread::spawn(move || done.send((self.run)(&*subject)));
        match outcome.recv_timeout(LIMIT) {
            Ok(Ok(())) => Verdict::Passed,
            Ok(Err(reason)) => Verdict::Failed(reason.to_string()),
            Err(mpsc::RecvTimeoutError::Timeout) => Verdict::Failed(format!("not finished after {LIMIT:?}")),
            Err(mpsc::RecvTimeoutError::Disconnected) => Verdict::Failed("the check panicked".into()),
        }
    }
}
