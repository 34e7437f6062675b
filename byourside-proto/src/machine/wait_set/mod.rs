//! Waits for many calls at once, with few requests.
mod calls;
mod events;
mod id;
mod in_flight;
mod listing;
mod options;
mod plan;
mod set;
mod snapshot;
#[cfg(test)]
mod tests;
mod timers;
mod verdict;

pub use options::WaitSetOptions;
pub use plan::RequestPlan;
pub use set::WaitSet;
