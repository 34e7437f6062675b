//! Faults as the world brings them: data that nobody tidied, answers of something in between, clocks that stand still.
//!
//! A [`Dirt`] decides what strikes where. It is drawn from a seed, a random choice of kinds at random rates, or scripted,
//! fault by fault. Each decision depends on the seed and its [`Site`] alone, so that a run with fewer programs or fewer faults
//! meets with the same ones elsewhere: that is what makes shrinking work.
mod answer;
mod echoed_values;
mod event;
mod fault;
mod intermediary;
mod members;
mod plan;
mod site;

pub use fault::{Fault, FaultGroup, Target};
pub use plan::{Dirt, Injection};
pub use site::Site;

pub(crate) use answer::{Background, GroundTruth, asked_for, handle, target};
#[cfg(test)]
pub(crate) use event::InjectedDelivery;
pub(crate) use event::injected_deliveries;
pub(crate) use intermediary::AskedRetryAfter;
pub(crate) use plan::ActiveFaults;
