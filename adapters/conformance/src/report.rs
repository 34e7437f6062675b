//! `Report`: the results of the checks on each adapter.
use crate::{Check, Subject, check::Verdict};
use std::{fmt, sync::Arc};

/// The results of the checks. `Display` is a table of checks and adapters, then the counts and the reasons of failures.
#[derive(Clone, Debug)]
pub struct Report {
    subjects: Vec<String>,
    rows: Vec<(&'static str, Vec<Verdict>)>,
}

impl Report {
    pub(crate) fn new(checks: &[Check], subjects: &[Arc<dyn Subject>]) -> Self {
        let not_run = Verdict::Failed("the check was not run".into());
        Self {
            subjects: subjects.iter().map(|subject| subject.name().to_owned()).collect(),
            rows: checks
                .iter()
                .map(|check| (check.name, vec![not_run.clone(); subjects.len()]))
                .collect(),
        }
    }

    pub(crate) fn set(&mut self, row: usize, column: usize, verdict: Verdict) {
        if let Some(cell) = self.rows.get_mut(row).and_then(|(_, cells)| cells.get_mut(column)) {
            *cell = verdict;
        }
    }

    /// Whether every applicable check passed on every adapter.
    ///
    /// ```
    /// assert!(byourside_conformance::run(&[]).passed());
    /// ```
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.subjects.iter().any(|subject| !self.failed(subject).is_empty())
    }

    /// The names of the checks that this adapter failed.
    ///
    /// ```
    /// assert!(byourside_conformance::run(&[]).failed("mine").is_empty());
    /// ```
    #[must_use]
    pub fn failed(&self, subject: &str) -> Vec<&'static str> {
        self.column(subject)
            .filter(|(_, verdict)| matches!(verdict, Verdict::Failed(_)))
            .map(|(name, _)| name)
            .collect()
    }

    fn column(&self, subject: &str) -> impl Iterator<Item = (&'static str, &Verdict)> {
        let column = self.subjects.iter().position(|name| name == subject);
        self.rows
            .iter()
            .filter_map(move |(name, cells)| Some((*name, cells.get(column?)?)))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        write!(f, "{:first$}", "")?;
        for subject in &self.subjects {
            write!(f, "  {subject:>11}")?;
        }
        writeln!(f)?;
        for (name, cells) in &self.rows {
            write!(f, "{name:first$}")?;
            for (subject, verdict) in self.subjects.iter().zip(cells) {
                let word = match verdict {
                    Verdict::Passed => "passed",
                    Verdict::NotOffered => "not offered",
                    Verdict::Failed(_) => "FAILED",
                };
                write!(f, "  {word:>width$}", width = subject.len().max(11))?;
            }
            writeln!(f)?;
        }
        for subject in &self.subjects {
            let count =
                |which: fn(&Verdict) -> bool| self.column(subject).filter(|(_, verdict)| which(verdict)).count();
            let passed = count(|verdict| *verdict == Verdict::Passed);
            let not_offered = count(|verdict| *verdict == Verdict::NotOffered);
            let failed = self.rows.len() - passed - not_offered;
            writeln!(
                f,
                "{subject}: {passed} passed, {failed} failed, {not_offered} not offered"
            )?;
            for (name, verdict) in self.column(subject) {
                if let Verdict::Failed(reason) = verdict {
                    writeln!(f, "  {name}: {reason}")?;
                }
            }
        }
        Ok(())
    }
}
