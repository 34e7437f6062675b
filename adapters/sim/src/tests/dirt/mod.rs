//! Each kind of fault, compared with its documentation.
mod bytes;
mod echoes;
mod events;
mod fixture;
mod identity;
mod intermediary;
mod network;
mod one_program;
mod plan;
mod time;

use crate::{Fault, check::START_CHECKS};
use std::collections::BTreeSet;

/// A fault, and the test that checks it.
pub(crate) type Check = (Fault, fn());

#[test]
fn every_fault_has_exactly_one_test() {
    let parts = [
        echoes::CHECKS,
        bytes::CHECKS,
        identity::CHECKS,
        intermediary::CHECKS,
        network::CHECKS,
        time::CHECKS,
        events::CHECKS,
        START_CHECKS,
    ];
    let tested: Vec<Fault> = parts.into_iter().flatten().map(|(fault, _)| *fault).collect();
    let kinds: BTreeSet<Fault> = tested.iter().copied().collect();
    assert_eq!(tested.len(), kinds.len(), "a fault is listed twice");
    let untested: Vec<_> = Fault::ALL.iter().filter(|fault| !kinds.contains(fault)).collect();
    assert!(untested.is_empty(), "{untested:?}");
}
