//! Runs checks on adapters, several at once.
use crate::{Check, Report, Subject, checks};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// How many checks run at once for each adapter, and in all. Checks mostly wait.
const CHECKS_PER_SUBJECT: usize = 8;
const MAX_THREADS: usize = 32;

/// Runs every check on each of these adapters.
///
/// ```
/// let nothing = byourside_conformance::run(&[]);
/// assert!(nothing.passed());
/// ```
#[must_use]
pub fn run(subjects: &[Arc<dyn Subject>]) -> Report {
    run_checks(subjects, checks())
}

/// Runs some of the [`checks()`] on each of these adapters.
///
/// ```
/// use byourside_conformance::{Blocking, Setup, checks, run_checks};
/// use byourside_ureq::{ClientOptions, UreqTransport};
/// use std::sync::Arc;
///
/// let connect = |setup: &Setup| {
///     UreqTransport::with_roots(&ClientOptions::default(), &setup.roots).expect("valid roots")
/// };
/// let first = &checks()[..1];
/// println!("{}", run_checks(&[Arc::new(Blocking::new("mine", connect))], first));
/// ```
///
/// The check with a thousand waits needs some 2,500 file descriptors. On Unix, this raises the process's soft limit to
/// the hard limit.
#[must_use]
pub fn run_checks(subjects: &[Arc<dyn Subject>], checks: &[Check]) -> Report {
    allow_many_sockets();
    let report = Mutex::new(Report::new(checks, subjects));
    let pairs = |alone| {
        let checks = checks.iter().enumerate().filter(move |(_, check)| check.alone == alone);
        checks.flat_map(|(row, check)| (0..subjects.len()).map(move |column| (row, column, *check)))
    };
    let queue = Mutex::new(pairs(false).collect::<VecDeque<_>>());
    let run_check = |(row, column, check): (usize, usize, Check)| {
        let verdict = check.run_on(&subjects[column]);
        let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
        report.set(row, column, verdict);
    };
    thread::scope(|scope| {
        for _ in 0..(CHECKS_PER_SUBJECT * subjects.len()).min(MAX_THREADS) {
            scope.spawn(|| {
                while let Some(pair) = { queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front() } {
                    run_check(pair);
                }
            });
        }
    });
    pairs(true).for_each(run_check);
    report.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn allow_many_sockets() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If that fails, the checks that need the descriptors fail and say so.
    let _ = setrlimit(Resource::Nofile, limit);
}

#[cfg(not(unix))]
fn allow_many_sockets() {}
