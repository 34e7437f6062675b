//! What reconciling can end with.
use crate::{machine::Error, types::Call};
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// What became of a placement that was unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reconciliation {
    /// It was placed, and this is its record. Do not place it again.
    Found(Call),
    /// It was not: the list reaches back far enough, was read more than once, and does not have it. It may be placed again.
    Absent,
    /// Nobody can tell. A person should look before it is placed again.
    Ambiguous {
        /// The calls that may be it.
        candidates: Vec<Call>,
        /// The last failure, if there was one.
        last_failure: Option<Error>,
    },
}

impl fmt::Display for Reconciliation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(_) => f.write_str("the call was placed; do not place it again"),
            Self::Absent => f.write_str("the call was not placed; it may be placed again"),
            Self::Ambiguous {
                candidates,
                last_failure,
            } => {
                write!(
                    f,
                    "it cannot be told whether the call was placed ({} candidates); look at the recent calls before \
                     placing it again",
                    candidates.len()
                )?;
                match last_failure {
                    Some(error) => write!(f, "; the last failure: {error}"),
                    None => Ok(()),
                }
            }
        }
    }
}
