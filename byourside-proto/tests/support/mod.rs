//! Support for this crate's unit and integration tests: set-up, a driver in virtual time, and scenarios.
//!
//! To add a test, start with [`Scenario`]; its documentation has examples.
#![allow(dead_code, unused_imports, reason = "no test needs all of it")]
extern crate alloc;

mod answer;
mod collecting;
mod scenario;
mod setup;
mod virtual_time;

pub use answer::{Answer, in_turn, ok, record, refusal, status};
pub use collecting::Collecting;
pub use scenario::{ReceivesEvents, Restores, Scenario};
pub use setup::{
    KEY, OBJECTIVE, PHONE, TOKEN, api, at, call, call_with_token, event, id, sign, status_event, text_of, through_text,
};
pub use virtual_time::{Polled, SentRequest, Unanswered, VirtualTime};
