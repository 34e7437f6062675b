//! Whole calls from their order to their end, in virtual time and under faults, checked at every step.
//!
//! [`run_wave`] runs some hundred calls at once, with a network and a service of their own. What must hold of them is in
//! `CONTRIBUTING.md`; what did not is a [`Broken`].
mod checks;
mod intent;
mod lifecycle;
mod restarts;
mod stages;
mod table;
mod trace;
mod wave;

pub use table::Table;
pub use wave::{Broken, run_wave};
