//! The support that unit tests share with the integration tests.
#[path = "../tests/support/mod.rs"]
mod support;

pub(crate) use support::*;
