//! The account of a request, from its key.
use super::refusal::Refusal;
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};

/// An account: one for each key. It keeps a hash of the key, not the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Account(u128);

impl Account {
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let key = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, key)| key.trim())
            .filter(|key| key.starts_with("bys_ak_") && *key != "bys_ak_revoked");
        key.map(|key| Self(fingerprint(&[key.as_bytes()])))
            .ok_or(Refusal::Unauthorized)
    }

    /// A hash of these texts and this account.
    pub(crate) fn fingerprint(self, texts: [&str; 2]) -> u128 {
        fingerprint(&[&self.0.to_be_bytes(), texts[0].as_bytes(), &[0], texts[1].as_bytes()])
    }
}

/// The first 128 bits of a SHA-256: unique in practice, also for chosen input.
fn fingerprint(parts: &[&[u8]]) -> u128 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .take(16)
        .fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn account(authorization: &str) -> Result<Account, Refusal> {
        let value = HeaderValue::from_str(authorization).unwrap();
        Account::of(&HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
    }

    #[test]
    fn each_key_is_an_account() {
        assert_eq!(account("Bearer bys_ak_a"), account("bearer bys_ak_a"));
        assert_ne!(account("Bearer bys_ak_a"), account("Bearer bys_ak_b"));
    }

    #[test]
    fn other_keys_are_unauthorized() {
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer bys_ak_revoked",
            "Bearer BYS_AK_a",
            "Basic bys_ak_a",
            "bys_ak_a",
            "Bearer whsec_a",
        ] {
            assert_eq!(account(value), Err(Refusal::Unauthorized), "{value}");
        }
        assert_eq!(Account::of(&HeaderMap::new()), Err(Refusal::Unauthorized));
    }
}
