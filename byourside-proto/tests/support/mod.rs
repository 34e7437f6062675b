//! What the tests share, of this crate and of its integration tests: set-up, one driver in virtual time, and scenarios.
//!
//! To add a test, begin with [`Scenario`]; its documentation has three examples.
#![allow(dead_code, unused_imports, reason = "no test needs all of it")]
extern crate alloc;

mod answer;
mod collecting;
mod scenario;
mod setup;
mod virtual_time;

pub use answer::{Answer, in_turn, ok, record, refusal, status};
pub use collecting::Collecting;
pub use scenario::{Hears, Restores, Scenario};
pub use setup::{
    KEY, OBJECTIVE, PHONE, TOKEN, api, at, call, call_with_token, event, id, sign, text_of, through_text, told,
};
pub use virtual_time::{Polled, SentRequest, Unanswered, VirtualTime};
