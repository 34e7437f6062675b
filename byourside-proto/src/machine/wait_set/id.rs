//! A call id in little memory.
use crate::types::CallId;
use alloc::{
    boxed::Box,
    string::{String, ToString},
};
use core::fmt;
use sha2::{Digest, Sha256};

/// A call id. The service gives UUIDs, which fit into 16 bytes; any other id is kept as text.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum PackedId {
    Uuid([u8; 16]),
    Text(Box<str>),
}

/// The positions of the hyphens in a UUID.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

impl PackedId {
    pub(super) fn new(id: &str) -> Self {
        uuid(id.as_bytes()).map_or_else(|| Self::Text(id.into()), Self::Uuid)
    }

    /// A number to look an id up by. It comes from a cryptographic hash, so that nobody can choose ids that collide.
    pub(super) fn fingerprint(id: &str) -> u64 {
        let digest = Sha256::digest(id.as_bytes());
        digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
    }

    pub(super) fn is(&self, id: &str) -> bool {
        match self {
            Self::Uuid(bytes) => uuid(id.as_bytes()).as_ref() == Some(bytes),
            Self::Text(text) => **text == *id,
        }
    }

    pub(super) fn to_call_id(&self) -> CallId {
        CallId::known(self.to_string())
    }
}

impl fmt::Debug for PackedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_call_id().fmt(f)
    }
}

impl fmt::Display for PackedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(bytes) => f.write_str(&hyphenated(bytes)),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The 16 bytes of a UUID in its canonical form: lower case, with hyphens in their places. Any other spelling is kept
/// as text, so that an id never changes.
fn uuid(id: &[u8]) -> Option<[u8; 16]> {
    if id.len() != 36 || HYPHENS.iter().any(|at| id[*at] != b'-') {
        return None;
    }
    let mut bytes = [0; 16];
    let mut digits = id.iter().enumerate().filter(|(at, _)| !HYPHENS.contains(at));
    for byte in &mut bytes {
        for _ in 0..2 {
            let nibble = match digits.next()?.1 {
                digit @ b'0'..=b'9' => digit - b'0',
                digit @ b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = *byte * 16 + nibble;
        }
    }
    Some(bytes)
}

fn hyphenated(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for byte in bytes {
        if HYPHENS.contains(&text.len()) {
            text.push('-');
        }
        for nibble in [byte >> 4, byte & 0xf] {
            text.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packed_uuid_reads_as_it_was(id in "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}") {
            let packed = PackedId::new(&id);
            prop_assert!(matches!(packed, PackedId::Uuid(_)) && packed.is(&id));
            prop_assert_eq!(packed.to_string(), id);
        }

        #[test]
        fn packed_id_of_any_other_spelling_reads_as_it_was(id in "[0-9a-fA-F-]{1,40}|\\PC{1,40}") {
            prop_assert_eq!(PackedId::new(&id).to_string(), id);
        }
    }

    #[test]
    fn packed_ids_differ_in_their_fingerprints() {
        assert_eq!(PackedId::fingerprint("c1"), PackedId::fingerprint("c1"));
        assert_ne!(PackedId::fingerprint("c1"), PackedId::fingerprint("c2"));
    }

    #[test]
    fn packed_uuid_is_not_the_one_in_upper_case() {
        let upper = "0F0E0D0C-0000-4000-8000-000000000000";
        assert!(!PackedId::new(&upper.to_lowercase()).is(upper));
        assert_eq!(core::mem::size_of::<PackedId>(), 24);
    }
}
