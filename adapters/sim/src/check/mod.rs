//! Whole calls from their order to their end, in virtual time and under faults, checked at every step.
//!
//! [`run_wave`] runs some hundred calls at once under a [`Profile`](crate::Profile), and ends with the first thing that
//! [breaks](Broken). A [`Case`] runs under [`Dirt`](crate::Dirt) and collects each [`Finding`]; [`CaseReport::shrink`] makes the case
//! as small as it can be. A [`Seed`] is a line of the list of what is known to break.
//!
//! What must hold is an [`Invariant`].
mod call_list;
mod case;
mod checked_program;
mod checks;
mod dirty_checks;
mod intent;
mod invariant;
mod lifecycle;
mod program_plan;
mod restarts;
mod seeds;
mod service_checks;
mod shrink;
mod stages;
mod states;
mod table;
mod trace;
mod wave;

#[cfg(test)]
pub(crate) use case::tests::CHECKS as START_CHECKS;
pub use case::{Case, CaseReport, Finding, PROGRAMS};
pub use dirty_checks::Meter;
pub use invariant::Invariant;
pub use seeds::Seed;
pub use shrink::Shrunk;
pub use states::State;
pub use table::Table;
pub use wave::{Broken, run_wave};
