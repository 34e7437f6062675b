//! Dirty data: faults of bytes, ids, intermediaries, clocks and events, as real services and networks produce them.
//!
//! A [`Dirt`] decides which [`Fault`] is injected at which [`Site`]. It is drawn from a seed (random kinds at random
//! rates) or scripted fault by fault. Each decision depends only on the seed and the site, so that a run with fewer
//! programs or fewer faults meets the same faults elsewhere. Shrinking depends on that.
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
