//! Whole calls from their order to their end, in virtual time and under faults, checked at every step.
//!
//! [`run_wave`] runs some hundred calls at once, with a network and a service of their own. What must hold of them is in
//! `CONTRIBUTING.md`; what did not is a [`Broken`].
mod case;
mod checks;
mod intent;
mod invariant;
mod lifecycle;
mod plant;
mod restarts;
mod rows;
mod scrutiny;
mod seeds;
mod shrink;
mod stages;
mod states;
mod subject;
mod table;
mod trace;
mod verdicts;
mod wave;

#[cfg(test)]
pub(crate) use case::tests::CHECKS as START_CHECKS;
pub use case::{Case, Course, Finding, PROGRAMS};
pub use invariant::Invariant;
pub use scrutiny::Meter;
pub use seeds::Seed;
pub use shrink::Shrunk;
pub use states::State;
pub use table::Table;
pub use wave::{Broken, run_wave};
