//! Invariant checks: runs whole calls from the first POST to the end, in virtual time and under faults, and checks
//! every step.
//!
//! [`run_wave`] runs some hundred calls at once under a [`Profile`](crate::Profile), and stops at the first [broken
//! invariant](Broken). A [`Case`] runs under [`Dirt`](crate::Dirt) and collects every [`Finding`];
//! [`CaseReport::shrink`] reduces the case to the faults that are needed to break an invariant. A [`Seed`] is a line of
//! the list of known findings.
//!
//! Each [`Invariant`] is a sentence that must hold for every call.
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
