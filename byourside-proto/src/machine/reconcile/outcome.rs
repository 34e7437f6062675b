//! What a reconciliation ends with.
use crate::{machine::Error, types::Call};
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// Whether a call was placed whose placement is *unknown*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reconciliation {
    /// The call was placed, and this is its record. Do not place it again.
    Found(Call),
    /// Several lists reach back far enough and do not show the call: it was most probably not placed, but a delayed
    /// request can still arrive.
    Absent,
    /// It cannot be decided. A person should look at the recent calls before it is placed again.
    Ambiguous {
        /// The calls that could be this one.
        candidates: Vec<Call>,
        /// The last failure, if there was one.
        last_failure: Option<Error>,
    },
}

impl fmt::Display for Reconciliation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(_) => f.write_str("the call was placed; do not place it again"),
            Self::Absent => f.write_str(
                "the recent calls do not show it: it was probably not placed, but a delayed request can still arrive",
            ),
            Self::Ambiguous {
                candidates,
                last_failure,
            } => {
                write!(
                    f,
                    "it is unclear whether the call was placed ({} candidates); look at the recent calls before \
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
