//! One thing that an adapter must do.
use crate::{Offer, Subject};
use std::{
    error::Error,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

/// `Err` says what was expected and what came.
pub(crate) type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// Ends a check with a reason unless this holds.
macro_rules! ensure {
    ($holds:expr, $($reason:tt)+) => {
        if !$holds {
            return Err(format!($($reason)+).into());
        }
    };
}
pub(crate) use ensure;

/// A named check.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    pub(crate) name: &'static str,
    pub(crate) needs: Option<Offer>,
    pub(crate) alone: bool,
    pub(crate) run: fn(&dyn Subject) -> Outcome,
}

/// How a check ended.
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

    /// It applies only to adapters that have this.
    pub(crate) const fn needs(mut self, offer: Offer) -> Self {
        self.needs = Some(offer);
        self
    }

    /// It keeps the machine so busy that nothing should be timed beside it.
    pub(crate) const fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// Its name, a sentence in small letters.
    ///
    /// ```
    /// assert!(byourside_conformance::checks().iter().any(|check| check.name() == "redirects are not followed"));
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs it on a thread of its own, which is left behind where it does not end in time.
    pub(crate) fn judge(self, subject: &Arc<dyn Subject>) -> Verdict {
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
            Err(mpsc::RecvTimeoutError::Timeout) => Verdict::Failed(format!("not done after {LIMIT:?}")),
            Err(mpsc::RecvTimeoutError::Disconnected) => Verdict::Failed("it panicked".into()),
        }
    }
}
