//! Phone numbers in E.164 form.
use super::build_error::BuildError;
use alloc::string::String;
use core::fmt;
use serde::{Deserialize, Serialize};

/// A phone number in E.164 form, such as `+14155550123`: `+`, then 1 to 15 digits, of which the first is not 0.
///
/// The service calls numbers in the US, Canada, the UK, Australia, New Zealand and Israel, and refuses others with
/// `destination_blocked`. Source: the vendor's overview page. This type does not check the country.
///
/// `Debug` shows the last two digits only.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// A phone number, from text such as `+14155550123`. Spaces and hyphens are not removed.
    ///
    /// # Errors
    /// [`BuildError::InvalidNumber`] for anything that is not E.164.
    ///
    /// ```
    /// use byourside_proto::types::PhoneNumber;
    /// assert_eq!(PhoneNumber::new("+14155550123")?.as_str(), "+14155550123");
    /// assert!(PhoneNumber::new("0415 555 0123").is_err());
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    pub fn new(number: impl Into<String>) -> Result<Self, BuildError> {
        let number = number.into();
        if Self::is_valid(&number) {
            Ok(Self(number))
        } else {
            Err(BuildError::InvalidNumber)
        }
    }

    /// Whether [`new`](Self::new) accepts this number.
    pub(crate) fn is_valid(number: &str) -> bool {
        let digits = number.strip_prefix('+').unwrap_or_default();
        (1..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The whole number: keep it out of logs.
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
        // The last two digits would show most of a number of four characters or fewer.
        let tail = if self.0.len() > 4 {
            &self.0[self.0.len() - 2..]
        } else {
            ""
        };
        write!(f, "PhoneNumber(..{tail})")
    }
}
