//! What the tests in the sources share with those beside them.
#[path = "../tests/support/mod.rs"]
mod support;

pub(crate) use support::*;
