#![doc = include_str!("../README.md")]

mod check;
mod checks;
mod report;
mod server;
mod subject;
mod suite;

pub use check::Check;
pub use checks::checks;
pub use report::Report;
pub use subject::{Asynchronous, Blocking, Offer, Session, Setup, Subject};
pub use suite::{run, run_checks};
