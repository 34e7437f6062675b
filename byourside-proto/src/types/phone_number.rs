//! Phone numbers.
use super::build_error::BuildError;
use alloc::string::String;
use core::fmt;
use serde::{Deserialize, Serialize};

/// A number in E.164 form: `+`, then up to 15 digits of which the first is not 0.
/// `Debug` shows the last two digits only.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Takes a number such as `+14155550123`.
    ///
    /// # Errors
    /// [`BuildError::InvalidNumber`] for anything that is not E.164.
    ///
    /// ```
    /// use byourside_proto::types::PhoneNumber;
    /// assert!(PhoneNumber::new("+14155550123").is_ok());
    /// assert!(PhoneNumber::new("0415 555 0123").is_err());
    /// ```
    pub fn new(number: impl Into<String>) -> Result<Self, BuildError> {
        let number = number.into();
        if Self::is_valid(&number) {
            Ok(Self(number))
        } else {
            Err(BuildError::InvalidNumber)
        }
    }

    /// Whether [`new`](Self::new) takes it.
    pub(crate) fn is_valid(number: &str) -> bool {
        let digits = number.strip_prefix('+').unwrap_or_default();
        (1..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The number, whole.
    ///
    /// ```
    /// assert_eq!(byourside_proto::types::PhoneNumber::new("+14155550123")?.as_str(), "+14155550123");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = BuildError;

    fn try_from(text: String) -> Result<Self, BuildError> {
        Self::new(text)
    }
}

impl From<PhoneNumber> for String {
    fn from(value: PhoneNumber) -> Self {
        value.0
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A number of four characters or fewer would be whole again with its last two digits shown.
        let tail = if self.0.len() > 4 {
            &self.0[self.0.len() - 2..]
        } else {
            ""
        };
        write!(f, "PhoneNumber(..{tail})")
    }
}
