//! Helpers that the examples share.
mod args;
mod inbox;
pub mod reserialised;
mod say;
mod switchboard;
mod webhook_env;
pub mod why;

pub use args::helped;
pub use inbox::{Inbox, MAX_BODY, READ_TIMEOUT, Taken, Tally, line, worth_reading};
pub use say::{log, print_events, refused, say};
pub use switchboard::Switchboard;
pub use webhook_env::{OLD_SECRET_VAR, SECRET_VAR, secret_as_it_is, secret_from_env, unix_now, verifier_from_env};

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
