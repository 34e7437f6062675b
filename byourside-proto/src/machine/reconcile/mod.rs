//! Finds out what became of a placement whose outcome is unknown, with reads alone.
mod matching;
mod options;
mod outcome;
mod protocol;
mod reconciler;
mod search;
#[cfg(test)]
mod tests;

pub use options::ReconcileOptions;
pub use outcome::Reconciliation;
pub use reconciler::Reconciler;
