//! All checks on all adapters.
use crate::{Check, Report, Subject, checks};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// Most of a check is waiting: so many run at once for each adapter, up to so many in all.
const AT_ONCE: usize = 8;
const AT_MOST: usize = 32;

/// Runs every check on every one of these.
///
/// ```
/// let nothing = byourside_conformance::run(&[]);
/// assert!(nothing.passed());
/// ```
#[must_use]
pub fn run(subjects: &[Arc<dyn Subject>]) -> Report {
    run_checks(subjects, checks())
}

/// Runs some of the [`checks`].
///
/// ```
/// use byourside_conformance::{Blocking, Setup, checks, run_checks};
/// use byourside_ureq::{ClientOptions, UreqTransport};
/// use std::sync::Arc;
///
/// let connect = |setup: &Setup| UreqTransport::with_roots(&ClientOptions::default(), &setup.roots).expect("roots");
/// let first = &checks()[..1];
/// println!("{}", run_checks(&[Arc::new(Blocking::new("mine", connect))], first));
/// ```
///
/// The process needs some 2,500 file descriptors for a thousand waits at once; on Unix it allows itself what it may.
#[must_use]
pub fn run_checks(subjects: &[Arc<dyn Subject>], checks: &[Check]) -> Report {
    allow_many_sockets();
    let report = Mutex::new(Report::new(checks, subjects));
    let pairs = |alone| {
        let checks = checks.iter().enumerate().filter(move |(_, check)| check.alone == alone);
        checks.flat_map(|(row, check)| (0..subjects.len()).map(move |column| (row, column, *check)))
    };
    let queue = Mutex::new(pairs(false).collect::<VecDeque<_>>());
    let judge = |(row, column, check): (usize, usize, Check)| {
        let verdict = check.judge(&subjects[column]);
        let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
        report.set(row, column, verdict);
    };
    thread::scope(|scope| {
        for _ in 0..(AT_ONCE * subjects.len()).min(AT_MOST) {
            scope.spawn(|| {
                while let Some(pair) = { queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front() } {
                    judge(pair);
                }
            });
        }
    });
    pairs(true).for_each(judge);
    report.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn allow_many_sockets() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where it may not, the checks that need them say so.
    let _ = setrlimit(Resource::Nofile, limit);
}

#[cfg(not(unix))]
fn allow_many_sockets() {}
